"""MysqlPolicies: who may reach the servers, and what the servers may reach; the namespace is closed but for DNS."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.ground import DataGround
from components.data.mysql.names import CLIENTS, METRICS_PORT, PORT, SELECTOR, STATEFUL_SET
from components.ports import API_SERVER_PORT

MONITORING = "monitoring"  # the namespace; components/monitoring/monitoring.py


@dataclass(frozen=True, kw_only=True)
class MysqlPoliciesArgs:
    """`api_server` are the blocks (CIDR) that the API server answers in: the VPC's and that of the cluster's Services.

    `exported_to` are blocks that may copy the data by the load balancer: the VPC's own, from which it asks for health
    and passes clients on, and those of the copies.
    """

    ground: DataGround
    api_server: tuple[str, ...]
    exported_to: tuple[str, ...] = ()


class MysqlPolicies(pulumi.ComponentResource):
    """Two policies: one of the servers, one that lets their clients out to them. `servers` is the former."""

    servers: pulumi.Resource

    def __init__(self, name: str, args: MysqlPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:MysqlPolicies", name, None, opts)
        self._name, self._ground = name, args.ground
        self.servers = self._policy("servers", STATEFUL_SET, servers_spec(args.api_server, args.exported_to))
        self._policy("clients", f"{STATEFUL_SET}-clients", clients_spec())
        self.register_outputs({})

    def _policy(
        self, role: str, object_name: str, spec: k8s.networking.v1.NetworkPolicySpecArgs
    ) -> k8s.networking.v1.NetworkPolicy:
        return k8s.networking.v1.NetworkPolicy(
            f"{self._name}-mysql-{role}",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=object_name, namespace=self._ground.namespace, labels=self._ground.labels(SELECTOR)
            ),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self),
        )


def servers_spec(api_server: tuple[str, ...], exported_to: tuple[str, ...]) -> k8s.networking.v1.NetworkPolicySpecArgs:
    """In: clients, members, monitoring, copies elsewhere. Out: members and the API server."""
    reach = [pods(CLIENTS), pods(SELECTOR), *(block(cidr) for cidr in exported_to)]
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR),
        policy_types=["Ingress", "Egress"],
        ingress=[
            k8s.networking.v1.NetworkPolicyIngressRuleArgs(from_=reach, ports=[tcp(PORT)]),
            k8s.networking.v1.NetworkPolicyIngressRuleArgs(from_=[monitoring()], ports=[tcp(METRICS_PORT)]),
        ],
        egress=[
            k8s.networking.v1.NetworkPolicyEgressRuleArgs(to=[pods(SELECTOR)], ports=[tcp(PORT)]),
            k8s.networking.v1.NetworkPolicyEgressRuleArgs(
                to=[block(cidr) for cidr in api_server], ports=[tcp(API_SERVER_PORT)]
            ),
        ],
    )


def clients_spec() -> k8s.networking.v1.NetworkPolicySpecArgs:
    """Pods that carry the label of clients may leave for the servers' port."""
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=CLIENTS),
        policy_types=["Egress"],
        egress=[k8s.networking.v1.NetworkPolicyEgressRuleArgs(to=[pods(SELECTOR)], ports=[tcp(PORT)])],
    )


def monitoring() -> k8s.networking.v1.NetworkPolicyPeerArgs:
    """Prometheus, wherever in its namespace."""
    return k8s.networking.v1.NetworkPolicyPeerArgs(
        namespace_selector=k8s.meta.v1.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": MONITORING})
    )


def pods(labels: dict[str, str]) -> k8s.networking.v1.NetworkPolicyPeerArgs:
    """Pods of the same namespace with `labels`."""
    return k8s.networking.v1.NetworkPolicyPeerArgs(pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=labels))


def block(cidr: str) -> k8s.networking.v1.NetworkPolicyPeerArgs:
    """Every address of a block."""
    return k8s.networking.v1.NetworkPolicyPeerArgs(ip_block=k8s.networking.v1.IPBlockArgs(cidr=cidr))


def tcp(port: int) -> k8s.networking.v1.NetworkPolicyPortArgs:
    """One TCP port."""
    return k8s.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=port)
