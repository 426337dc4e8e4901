"""MysqlReplicaPolicies: who may read the copy, and where it takes its data from."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data import network_rules as rules
from components.data.ground import DataGround
from components.data.mysql.names import CLIENTS, METRICS_PORT, PORT
from components.data.mysql.replica_names import REPLICA, REPLICA_SELECTOR


@dataclass(frozen=True, kw_only=True)
class MysqlReplicaPoliciesArgs:
    """`source_blocks` (CIDR) hold the addresses of the source."""

    ground: DataGround
    source_blocks: tuple[str, ...]


class MysqlReplicaPolicies(pulumi.ComponentResource):
    """One policy of the server, one that lets its clients out to it."""

    def __init__(self, name: str, args: MysqlReplicaPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:MysqlReplicaPolicies", name, None, opts)
        for role, object_name, spec in (
            ("server", REPLICA, server_spec(args.source_blocks)),
            ("clients", f"{REPLICA}-clients", clients_spec()),
        ):
            k8s.networking.v1.NetworkPolicy(
                f"{name}-mysql-replica-{role}",
                metadata=k8s.meta.v1.ObjectMetaArgs(
                    name=object_name, namespace=args.ground.namespace, labels=args.ground.labels(REPLICA_SELECTOR)
                ),
                spec=spec,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def server_spec(source_blocks: tuple[str, ...]) -> k8s.networking.v1.NetworkPolicySpecArgs:
    """In: clients, monitoring. Out: the source."""
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=REPLICA_SELECTOR),
        policy_types=["Ingress", "Egress"],
        ingress=[
            rules.Ingress(from_=[rules.pods(CLIENTS)], ports=rules.ports(PORT)),
            rules.Ingress(from_=[rules.namespace(rules.MONITORING)], ports=rules.ports(METRICS_PORT)),
        ],
        egress=[rules.Egress(to=[rules.block(cidr) for cidr in source_blocks], ports=rules.ports(PORT))],
    )


def clients_spec() -> k8s.networking.v1.NetworkPolicySpecArgs:
    """Pods that carry the label of MySQL's clients may leave for the copy as well."""
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=CLIENTS),
        policy_types=["Egress"],
        egress=[rules.Egress(to=[rules.pods(REPLICA_SELECTOR)], ports=rules.ports(PORT))],
    )
