"""RegionNetwork: what the rest of a region knows of its network, whoever made it."""

from typing import Literal

import pulumi

NatMode = Literal["none", "one", "per-zone"]
# Kinds of subnets that a region may have beside the public and the private ones.
OwnSubnets = Literal["control-plane", "database"]


class RegionNetwork(pulumi.ComponentResource):
    """A VPC with its subnets. Dictionaries without another word are keyed by zone and hold subnet ids.

    `node_subnets` and `database_subnets` are keyed by `<kind>-<zone>`; database nodes stand among the others where they
    have no subnets of their own. `cluster_subnets` hold the control plane's interfaces. `pod_subnets` is empty where
    pods share the nodes' subnets. `route_tables` are ids by name; `blocks` are `vpc` and perhaps `pods`.
    """

    vpc_id: pulumi.Output[str]
    account_id: pulumi.Output[str]
    public_subnets: dict[str, pulumi.Output[str]]
    private_subnets: dict[str, pulumi.Output[str]]
    pod_subnets: dict[str, pulumi.Output[str]]
    cluster_subnets: dict[str, pulumi.Output[str]]
    node_subnets: dict[str, pulumi.Output[str]]
    database_subnets: dict[str, pulumi.Output[str]]
    route_tables: dict[str, pulumi.Output[str]]
    blocks: dict[str, str]

    def register_facts(self) -> None:
        """Register what the class says as the component's outputs; a subclass calls it last."""
        self.register_outputs({fact: getattr(self, fact) for fact in sorted(RegionNetwork.__annotations__)})


def node_subnet_kind(nat: NatMode) -> Literal["public", "private"]:
    """Which subnets nodes stand in: private ones, or public ones where there is no NAT to get out by."""
    return "public" if nat == "none" else "private"
