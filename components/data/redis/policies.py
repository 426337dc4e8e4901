"""RedisPolicies: who may reach the pods, and whom the pods may reach, in a namespace that is closed otherwise."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data import network_rules as rules
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
        pods, bootstrap, clients = (rules.pods(each) for each in (SELECTOR, BOOTSTRAP_SELECTOR, client_of(SYSTEM)))
        self._policy(
            f"{name}-redis-pods",
            STATEFUL_SET,
            SELECTOR,
            ingress=[
                rules.Ingress(from_=[clients, bootstrap], ports=rules.ports(PORT)),
                rules.Ingress(from_=[pods], ports=rules.ports(PORT, BUS_PORT)),
                rules.Ingress(from_=[rules.namespace(rules.MONITORING)], ports=rules.ports(METRICS_PORT)),
            ],
            egress=[rules.Egress(to=[pods], ports=rules.ports(PORT, BUS_PORT)), rules.to_https()],
        )
        self._policy(
            f"{name}-redis-bootstrap",
            BOOTSTRAP,
            BOOTSTRAP_SELECTOR,
            ingress=[],
            egress=[rules.Egress(to=[pods], ports=rules.ports(PORT)), rules.to_https()],
        )
        self._policy(
            f"{name}-redis-clients",
            f"{SYSTEM}-clients",
            client_of(SYSTEM),
            egress=[rules.Egress(to=[pods], ports=rules.ports(PORT))],
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
        rules.network_policy(
            logical_name,
            k8s.meta.v1.ObjectMetaArgs(
                name=object_name, namespace=self._ground.namespace, labels=self._ground.labels(SELECTOR)
            ),
            selector,
            ingress=ingress,
            egress=egress,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._ground.after)),
        )
