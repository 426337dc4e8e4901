"""Namespaces: the region's game namespace, what it may use, and what its pods may reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_kubernetes as k8s

from components.game.sessions import DRAIN

POD_SECURITY = "restricted"
DNS_PORT = 53
# Volumes are detached and claims removed after the last pod has stopped.
CLEANUP_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class LimitRule:
    """Bounds of one kind of thing, as quantities by resource name; defaults are for containers only."""

    type: Literal["Container", "Pod", "PersistentVolumeClaim"]
    min: Mapping[str, str]
    max: Mapping[str, str]
    default: Mapping[str, str] | None = None
    default_request: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class NamespacesArgs:
    """`quota` holds quantities by the API's resource names ("requests.cpu"); `kubernetes_version` is a minor ("1.35").

    `after` is what pods and their volumes need until they are gone: nodes, and the driver that detaches the volumes.
    """

    namespace: str
    kubernetes_version: str
    quota: Mapping[str, str]
    limits: tuple[LimitRule, ...]
    after: tuple[pulumi.Resource, ...] = ()


class Namespaces(pulumi.ComponentResource):
    """The game namespace: Pod Security restricted, budgeted, and closed but for DNS."""

    game: pulumi.Output[str]

    def __init__(self, name: str, args: NamespacesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:operations:Namespaces", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        namespace = self._namespace(name, args)
        self.game = namespace.metadata.name
        self._quota(name, args)
        self._limits(name, args)
        self._default_deny(name)
        self._allow_dns(name)
        self.register_outputs({"game": self.game})

    def _namespace(self, name: str, args: NamespacesArgs) -> k8s.core.v1.Namespace:
        pod_security = {}
        for mode in ("enforce", "audit", "warn"):
            pod_security[f"pod-security.kubernetes.io/{mode}"] = POD_SECURITY
            # Pinned: a later Kubernetes must not refuse running workloads by a stricter idea of "restricted".
            pod_security[f"pod-security.kubernetes.io/{mode}-version"] = f"v{args.kubernetes_version}"
        return k8s.core.v1.Namespace(
            f"{name}-namespace",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=args.namespace, labels=pod_security),
            # Deleting it ends its pods and claims, which takes nodes and the volume driver: they go after it.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                custom_timeouts=pulumi.CustomTimeouts(delete=f"{DRAIN.pod_grace_seconds + CLEANUP_SECONDS}s"),
            ),
        )

    def _quota(self, name: str, args: NamespacesArgs) -> None:
        k8s.core.v1.ResourceQuota(
            f"{name}-quota",
            metadata=self._metadata(f"{args.namespace}-quota"),
            spec=k8s.core.v1.ResourceQuotaSpecArgs(hard=args.quota),
            opts=self._child,
        )

    def _limits(self, name: str, args: NamespacesArgs) -> None:
        k8s.core.v1.LimitRange(
            f"{name}-limits",
            metadata=self._metadata(f"{args.namespace}-limits"),
            spec=k8s.core.v1.LimitRangeSpecArgs(
                limits=[
                    k8s.core.v1.LimitRangeItemArgs(
                        type=rule.type,
                        min=rule.min,
                        max=rule.max,
                        default=rule.default,
                        default_request=rule.default_request,
                    )
                    for rule in args.limits
                ]
            ),
            opts=self._child,
        )

    def _default_deny(self, name: str) -> None:
        k8s.networking.v1.NetworkPolicy(
            f"{name}-default-deny",
            metadata=self._metadata("default-deny"),
            spec=k8s.networking.v1.NetworkPolicySpecArgs(
                pod_selector=k8s.meta.v1.LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
            ),
            opts=self._child,
        )

    def _allow_dns(self, name: str) -> None:
        cluster_dns = k8s.networking.v1.NetworkPolicyPeerArgs(
            namespace_selector=k8s.meta.v1.LabelSelectorArgs(
                match_labels={"kubernetes.io/metadata.name": "kube-system"}
            ),
            pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels={"k8s-app": "kube-dns"}),
        )
        # TCP too: an answer of more than 512 bytes, such as a headless Service of many worlds, comes by TCP.
        ports = [
            k8s.networking.v1.NetworkPolicyPortArgs(protocol=protocol, port=DNS_PORT) for protocol in ("UDP", "TCP")
        ]
        k8s.networking.v1.NetworkPolicy(
            f"{name}-allow-dns",
            metadata=self._metadata("allow-dns"),
            spec=k8s.networking.v1.NetworkPolicySpecArgs(
                pod_selector=k8s.meta.v1.LabelSelectorArgs(),
                policy_types=["Egress"],
                egress=[k8s.networking.v1.NetworkPolicyEgressRuleArgs(to=[cluster_dns], ports=ports)],
            ),
            opts=self._child,
        )

    def _metadata(self, object_name: str) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(name=object_name, namespace=self.game)
