"""MysqlPolicies: who may reach the servers, and what the servers may reach; the namespace is closed but for DNS."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data import network_rules as rules
from components.data.ground import DataGround
from components.data.mysql.names import CLIENTS, METRICS_PORT, PORT, SELECTOR, STATEFUL_SET
from components.ports import API_SERVER_PORT


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
    reach = [rules.pods(CLIENTS), rules.pods(SELECTOR), *(rules.block(cidr) for cidr in exported_to)]
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR),
        policy_types=["Ingress", "Egress"],
        ingress=[
            rules.Ingress(from_=reach, ports=rules.ports(PORT)),
            rules.Ingress(from_=[rules.namespace(rules.MONITORING)], ports=rules.ports(METRICS_PORT)),
        ],
        egress=[
            rules.Egress(to=[rules.pods(SELECTOR)], ports=rules.ports(PORT)),
            rules.Egress(to=[rules.block(cidr) for cidr in api_server], ports=rules.ports(API_SERVER_PORT)),
        ],
    )


def clients_spec() -> k8s.networking.v1.NetworkPolicySpecArgs:
    """Pods that carry the label of clients may leave for the servers' port."""
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=CLIENTS),
        policy_types=["Egress"],
        egress=[rules.Egress(to=[rules.pods(SELECTOR)], ports=rules.ports(PORT))],
    )
