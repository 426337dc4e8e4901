"""ExistingNetwork: a VPC that a landing zone made, as the region finds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.network.facts import NatMode, RegionNetwork, node_subnet_kind


@dataclass(frozen=True, kw_only=True)
class ExistingNetworkArgs:
    """Ids by zone, as text. `account_id` is the account that deploys, which need not be the one that owns the VPC.

    `nat` says whether the private subnets lead out: with `none` nodes stand in the public ones. `route_tables` are all
    that the nodes, pods and databases use. `blocks` are the VPC's addresses: `vpc` and perhaps `pods`.
    """

    vpc_id: str
    account_id: str
    nat: NatMode
    public: Mapping[str, str]
    private: Mapping[str, str]
    route_tables: tuple[str, ...]
    blocks: Mapping[str, str]
    pods: Mapping[str, str] = field(default_factory=dict)
    database: Mapping[str, str] = field(default_factory=dict)
    control_plane: Mapping[str, str] = field(default_factory=dict)


class ExistingNetwork(RegionNetwork):
    """Makes nothing and tags nothing; it only says in a network's words what is there."""

    def __init__(self, name: str, args: ExistingNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:network:ExistingNetwork", name, None, opts)
        public, private, database = _ids(args.public), _ids(args.private), _ids(args.database)
        kind = node_subnet_kind(args.nat)
        nodes = {f"{kind}-{zone}": id_ for zone, id_ in (public if kind == "public" else private).items()}

        self.vpc_id, self.account_id = pulumi.Output.from_input(args.vpc_id), pulumi.Output.from_input(args.account_id)
        self.public_subnets, self.private_subnets, self.pod_subnets = public, private, _ids(args.pods)
        self.cluster_subnets = _ids(args.control_plane) or private
        self.node_subnets = nodes
        self.database_subnets = {f"database-{zone}": id_ for zone, id_ in database.items()} or nodes
        self.route_tables = _ids({table: table for table in args.route_tables})
        self.blocks = dict(args.blocks)
        self.register_facts()


def _ids(ids: Mapping[str, str]) -> dict[str, pulumi.Output[str]]:
    return {key: pulumi.Output.from_input(id_) for key, id_ in ids.items()}
