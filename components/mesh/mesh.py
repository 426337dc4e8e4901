"""Mesh: Istio's control plane, the gateway where TLS ends, and mutual TLS between all that join."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.charts import ISTIO_BASE, ISTIO_GATEWAY, ISTIOD, Chart, install
from components.mesh.security import plain_ports, strict
from components.mesh.tls import Tls, certificate, gateway
from components.mesh.values import (
    GATEWAY,
    ISTIOD_NAME,
    Replicas,
    base_values,
    gateway_values,
    identity,
    istiod_values,
)
from components.platform.namespaces import platform_namespace

# Istio's root namespace: what PeerAuthentication says there holds for the whole mesh.
SYSTEM_NAMESPACE = "istio-system"
INGRESS_NAMESPACE = "istio-ingress"
NETWORK_LABEL = "topology.istio.io/network"


@dataclass(frozen=True, kw_only=True)
class MeshArgs:
    """`prefix` is the region's `<game>-<region>`.

    `namespace`, `players` and `plain_ports` are the game's namespace, the labels of the pods that players reach, and
    the TCP ports on which the load balancer speaks to them without TLS. Without `tls` the gateway listens to nobody.
    `after` must be there first: nodes, cluster DNS and metrics-server, by which both autoscalers count.
    """

    game: str
    prefix: str
    namespace: pulumi.Input[str]
    players: Mapping[str, str]
    plain_ports: tuple[int, ...]
    control_plane: Replicas
    gateway: Replicas
    tls: Tls | None = None
    after: tuple[pulumi.Resource, ...] = ()


class Mesh(pulumi.ComponentResource):
    """A region's own control plane: no region waits for another's. `ready` is what injected pods must wait for.

    `gateway` is the release that brings the Service `GATEWAY` in `gateway_namespace`, where the load balancer finds the
    gateway's pods.
    """

    gateway_namespace: pulumi.Output[str]
    gateway: pulumi.Resource
    ready: pulumi.Resource

    def __init__(self, name: str, args: MeshArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:mesh:Mesh", name, None, opts)
        who = identity(args.game, args.prefix)
        network = {NETWORK_LABEL: who.network}
        system = platform_namespace(f"{name}-{SYSTEM_NAMESPACE}", SYSTEM_NAMESPACE, "restricted", self, network)
        ingress = platform_namespace(
            f"{name}-{INGRESS_NAMESPACE}", INGRESS_NAMESPACE, "restricted", self, after=args.after
        )

        # After nothing: it brings words for the API server and no pods.
        base = self._release(name, ISTIO_BASE, "istio-base", system, base_values(), ())
        istiod_figures = istiod_values(who, args.control_plane)
        istiod = self._release(name, ISTIOD, ISTIOD_NAME, system, istiod_figures, (base, *args.after))
        # After istiod: the gateway's pods are born without an image, which istiod's webhook writes into them.
        self.gateway = self._release(name, ISTIO_GATEWAY, GATEWAY, ingress, gateway_values(args.gateway), (istiod,))
        self._peer_authentication(f"{name}-mesh-strict", "default", system.metadata.name, strict(), istiod)
        exception = plain_ports(args.players, args.plain_ports)
        self._peer_authentication(f"{name}-mesh-players", "players", args.namespace, exception, istiod)
        if args.tls:
            self._https(name, args.game, args.tls, ingress.metadata.name, istiod)

        self.gateway_namespace, self.ready = ingress.metadata.name, istiod
        self.register_outputs({"gateway_namespace": self.gateway_namespace})

    def _release(
        self,
        name: str,
        chart: Chart,
        release: str,
        namespace: k8s.core.v1.Namespace,
        values: dict[str, Any],
        after: tuple[pulumi.Resource, ...],
    ) -> k8s.helm.v3.Release:
        return install(
            f"{name}-{release}",
            chart,
            name=release,
            namespace=namespace.metadata.name,
            values=values,
            parent=self,
            after=after,
        )

    def _https(self, name: str, game: str, tls: Tls, namespace: pulumi.Output[str], istiod: pulumi.Resource) -> None:
        # Both in the gateway's own namespace: its pods take no certificate from another. Nobody waits until the
        # certificate is signed: the zone may not be delegated yet, and cert-manager tries until it is.
        secret = f"{game}-tls-secret"
        self._object(
            f"{name}-mesh-certificate",
            "cert-manager.io/v1",
            "Certificate",
            f"{game}-tls",
            namespace,
            certificate(tls, secret),
            tls.ready,
        )
        self._object(
            f"{name}-mesh-gateway",
            "networking.istio.io/v1",
            "Gateway",
            f"{game}-gateway",
            namespace,
            gateway(tls, secret),
            istiod,
        )

    def _peer_authentication(
        self,
        logical_name: str,
        object_name: str,
        namespace: pulumi.Input[str],
        spec: dict[str, Any],
        istiod: pulumi.Resource,
    ) -> None:
        self._object(logical_name, "security.istio.io/v1", "PeerAuthentication", object_name, namespace, spec, istiod)

    def _object(
        self,
        logical_name: str,
        api_version: str,
        kind: str,
        object_name: str,
        namespace: pulumi.Input[str],
        spec: dict[str, Any],
        webhook: pulumi.Resource,
    ) -> None:
        # After what brings the kind and the webhook that checks each such object.
        k8s.apiextensions.CustomResource(
            logical_name,
            api_version=api_version,
            kind=kind,
            metadata=k8s.meta.v1.ObjectMetaArgs(name=object_name, namespace=namespace),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[webhook]),
        )
