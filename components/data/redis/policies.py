"""RedisPolicies: who may reach the pods, and whom the pods may reach, in a namespace that is closed otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.ground import DataGround
from components.data.redis.names import (
    BOOTSTRAP,
    BOOTSTRAP_SELECTOR,
    BUS_PORT,
    METRICS_PORT,
    PORT,
    SELECTOR,
    STATEFUL_SET,
    SYSTEM,
)
from components.kube.labels import client_of

MONITORING = "monitoring"  # namespace of Prometheus
API_SERVER_PORT = 443

Peer = k8s.networking.v1.NetworkPolicyPeerArgs
Ingress = k8s.networking.v1.NetworkPolicyIngressRuleArgs
Egress = k8s.networking.v1.NetworkPolicyEgressRuleArgs


@dataclass(frozen=True, kw_only=True)
class RedisPoliciesArgs:
    """`ground` is where the region's data systems stand."""

    ground: DataGround


class RedisPolicies(pulumi.ComponentResource):
    """Three policies: of the pods, of the Job that founds the cluster, of every client.

    The bus is open to the pods alone: a foreign pod that got hold of it could join its own cluster to this one.
    """

    def __init__(self, name: str, args: RedisPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:RedisPolicies", name, None, opts)
        self._ground = args.ground
        pods, bootstrap, clients = _pods(SELECTOR), _pods(BOOTSTRAP_SELECTOR), _pods(client_of(SYSTEM))
        self._policy(
            f"{name}-redis-pods",
            STATEFUL_SET,
            SELECTOR,
            ingress=[
                Ingress(from_=[clients, bootstrap], ports=_ports(PORT)),
                Ingress(from_=[pods], ports=_ports(PORT, BUS_PORT)),
                Ingress(from_=[_namespace(MONITORING)], ports=_ports(METRICS_PORT)),
            ],
            egress=[Egress(to=[pods], ports=_ports(PORT, BUS_PORT)), _to_api_server()],
        )
        self._policy(
            f"{name}-redis-bootstrap",
            BOOTSTRAP,
            BOOTSTRAP_SELECTOR,
            ingress=[],
            egress=[Egress(to=[pods], ports=_ports(PORT)), _to_api_server()],
        )
        self._policy(
            f"{name}-redis-clients",
            f"{SYSTEM}-clients",
            client_of(SYSTEM),
            egress=[Egress(to=[pods], ports=_ports(PORT))],
        )
        self.register_outputs({})

    def _policy(
        self,
        logical_name: str,
        object_name: str,
        selector: dict[str, str],
        *,
        egress: list[k8s.networking.v1.NetworkPolicyEgressRuleArgs],
        ingress: list[k8s.networking.v1.NetworkPolicyIngressRuleArgs] | None = None,
    ) -> None:
        k8s.networking.v1.NetworkPolicy(
            logical_name,
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=object_name, namespace=self._ground.namespace, labels=self._ground.labels(SELECTOR)
            ),
            spec=k8s.networking.v1.NetworkPolicySpecArgs(
                pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=selector),
                # What a client lets in is its own affair.
                policy_types=["Egress"] if ingress is None else ["Ingress", "Egress"],
                ingress=ingress,
                egress=egress,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._ground.after)),
        )


def _pods(labels: dict[str, str]) -> k8s.networking.v1.NetworkPolicyPeerArgs:
    return Peer(pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=labels))


def _namespace(name: str) -> k8s.networking.v1.NetworkPolicyPeerArgs:
    labels = {"kubernetes.io/metadata.name": name}
    return Peer(namespace_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=labels))


def _ports(*numbers: int) -> Sequence[k8s.networking.v1.NetworkPolicyPortArgs]:
    return [k8s.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=number) for number in numbers]


def _to_api_server() -> k8s.networking.v1.NetworkPolicyEgressRuleArgs:
    # By port alone: its addresses are network interfaces of AWS's, which change whenever EKS scales or patches it.
    return Egress(ports=_ports(API_SERVER_PORT))
