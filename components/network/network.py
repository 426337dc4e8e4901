"""Network: a region's VPC, its subnets by role and zone, gateways and routes."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

import pulumi
import pulumi_aws as aws

from components.network.facts import NatMode, OwnSubnets, RegionNetwork, node_subnet_kind
from components.network.subnets import pod_subnets, zone_subnets
from components.tags import DISCOVERY_TAG

ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """`prefix` begins every physical name; `cluster_name` is what Karpenter discovers the node subnets by.

    `nat` decides where nodes stand. With `one` (in the first zone listed) or `per-zone` they stand in the private
    subnets and leave through NAT. With `none` a private node could not even reach its image registry, so nodes stand in
    the public subnets with public addresses; still nothing reaches them from outside, since the cluster's security
    group admits only itself. Changing from or to `none` moves the node groups to other subnets, which replaces them.

    `pods` is a second block of the VPC, for pods alone; without it pods take addresses of their node's subnet.
    `own_subnets` names what else stands apart; without, database nodes stand among the others and the control plane's
    interfaces in the private subnets.
    """

    prefix: str
    cidr: IPv4Network
    zones: tuple[str, ...]
    nat: NatMode
    cluster_name: str
    protect: bool
    pods: IPv4Network | None = None
    own_subnets: tuple[OwnSubnets, ...] = ()

    def __post_init__(self) -> None:
        if self.nat == "none" and "database" in self.own_subnets:
            raise ValueError(
                "network own_subnets: database nodes in subnets of their own cannot get out without NAT; "
                "choose nat one or per-zone, or leave database out"
            )

    @property
    def node_subnet_kind(self) -> str:
        """Which subnets nodes stand in: `private`, or `public` where there is no NAT."""
        return node_subnet_kind(self.nat)

    @property
    def nat_zones(self) -> tuple[str, ...]:
        """Zones that get a NAT gateway of their own."""
        return {"none": (), "one": self.zones[:1], "per-zone": self.zones}[self.nat]


class Network(RegionNetwork):
    """A VPC of the region's own, across its zones."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:network:Network", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        vpc = self._vpc(name, args)
        self._closed_default_security_group(name, args, vpc)
        internet = self._internet_gateway(name, args, vpc)
        subnets = self._subnets(name, args, vpc)
        self.route_tables = {"public": self._public_routes(name, args, vpc, internet, subnets["public"])}
        nats = {zone: self._nat_gateway(name, args, internet, zone, subnets["public"][zone]) for zone in args.nat_zones}
        for zone in args.zones:
            behind_nat = {kind: subnets[kind][zone] for kind in ("private", "pods", "database") if subnets[kind]}
            self.route_tables[f"private-{zone}"] = self._private_routes(name, args, vpc, nats, zone, behind_nat)
        if subnets["control-plane"]:
            self.route_tables["control-plane"] = self._local_routes(name, args, vpc, subnets["control-plane"])

        ids = {kind: {zone: subnet.id for zone, subnet in found.items()} for kind, found in subnets.items()}
        nodes = {f"{args.node_subnet_kind}-{zone}": id_ for zone, id_ in ids[args.node_subnet_kind].items()}
        self.vpc_id, self.account_id = vpc.id, vpc.owner_id
        self.public_subnets, self.private_subnets, self.pod_subnets = ids["public"], ids["private"], ids["pods"]
        self.cluster_subnets = ids["control-plane"] or ids["private"]
        self.node_subnets = nodes
        self.database_subnets = {f"database-{zone}": id_ for zone, id_ in ids["database"].items()} or nodes
        self.blocks = {"vpc": str(args.cidr)} | ({"pods": str(args.pods)} if args.pods else {})
        self.register_facts()

    def _vpc(self, name: str, args: NetworkArgs) -> aws.ec2.Vpc:
        return aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=str(args.cidr),
            enable_dns_support=True,
            enable_dns_hostnames=True,  # EKS: a private API endpoint resolves only with both DNS attributes on
            tags={"Name": args.prefix},
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )

    def _closed_default_security_group(self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc) -> None:
        # AWS opens the default group between all its members; adopted without rules it lets nothing through.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default-security-group",
            vpc_id=vpc.id,
            tags={"Name": f"{args.prefix}-default-closed"},
            opts=self._child,
        )

    def _internet_gateway(self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc) -> aws.ec2.InternetGateway:
        return aws.ec2.InternetGateway(
            f"{name}-internet-gateway", vpc_id=vpc.id, tags={"Name": args.prefix}, opts=self._child
        )

    def _subnets(self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc) -> dict[str, dict[str, Any]]:
        """Subnets by kind and zone; no zone of a kind that the region does not have."""
        vpc_ids: dict[str, pulumi.Input[str]] = {}
        layout = zone_subnets(args.cidr, args.zones)
        blocks = {
            "public": {zone: layout[zone].public for zone in args.zones},
            "private": {zone: layout[zone].private for zone in args.zones},
            "database": {zone: layout[zone].database for zone in args.zones if "database" in args.own_subnets},
            "control-plane": {
                zone: layout[zone].control_plane for zone in args.zones if "control-plane" in args.own_subnets
            },
            "pods": pod_subnets(args.pods, args.zones) if args.pods else {},
        }
        if args.pods:
            # By the association's id of the VPC: a subnet made before the VPC has the block is refused.
            vpc_ids["pods"] = aws.ec2.VpcIpv4CidrBlockAssociation(
                f"{name}-pods", vpc_id=vpc.id, cidr_block=str(args.pods), opts=self._child
            ).vpc_id
        return {
            kind: {
                zone: self._subnet(name, args, vpc_ids.get(kind, vpc.id), kind, zone, block)
                for zone, block in zones.items()
            }
            for kind, zones in blocks.items()
        }

    def _subnet(
        self, name: str, args: NetworkArgs, vpc_id: pulumi.Input[str], kind: str, zone: str, block: IPv4Network
    ) -> aws.ec2.Subnet:
        return aws.ec2.Subnet(
            f"{name}-{kind}-{zone}",
            vpc_id=vpc_id,
            availability_zone=zone,
            cidr_block=str(block),
            map_public_ip_on_launch=kind == args.node_subnet_kind == "public",
            tags=_subnet_tags(args, kind, zone),
            opts=self._child,
        )

    def _public_routes(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, internet: Any, public: dict[str, Any]
    ) -> pulumi.Output[str]:
        table = self._route_table(f"{name}-public", f"{args.prefix}-public", vpc)
        aws.ec2.Route(
            f"{name}-public-internet",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=internet.id,
            opts=self._child,
        )
        for zone, subnet in public.items():
            self._association(f"{name}-public-{zone}", table, subnet)
        return _id(table)

    def _nat_gateway(self, name: str, args: NetworkArgs, internet: Any, zone: str, public_subnet: Any) -> Any:
        # AWS: an address of a VPC without an internet gateway cannot be used, nor released while one is attached.
        after_internet = pulumi.ResourceOptions(parent=self, depends_on=[internet])
        tags = {"Name": f"{args.prefix}-nat-{zone}"}
        address = aws.ec2.Eip(f"{name}-nat-{zone}", domain="vpc", tags=tags, opts=after_internet)
        return aws.ec2.NatGateway(
            f"{name}-nat-{zone}",
            allocation_id=address.allocation_id,
            subnet_id=public_subnet.id,
            tags=tags,
            opts=after_internet,
        )

    def _private_routes(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, nats: dict[str, Any], zone: str, subnets: dict[str, Any]
    ) -> pulumi.Output[str]:
        # A table per zone in every mode, so that changing from one NAT to one per zone only turns a route.
        table = self._route_table(f"{name}-private-{zone}", f"{args.prefix}-private-{zone}", vpc)
        for kind, subnet in subnets.items():
            self._association(f"{name}-{kind}-{zone}", table, subnet)
        if args.nat_zones:
            nat = nats[zone if zone in nats else args.nat_zones[0]]
            aws.ec2.Route(
                f"{name}-private-{zone}-nat",
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=nat.id,
                opts=self._child,
            )
        return _id(table)

    def _local_routes(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, subnets: dict[str, Any]
    ) -> pulumi.Output[str]:
        # The control plane only calls nodes and pods, and AWS's own services by AWS's own way; it needs no way out.
        table = self._route_table(f"{name}-control-plane", f"{args.prefix}-control-plane", vpc)
        for zone, subnet in subnets.items():
            self._association(f"{name}-control-plane-{zone}", table, subnet)
        return _id(table)

    def _route_table(self, name: str, tag: str, vpc: aws.ec2.Vpc) -> Any:
        return aws.ec2.RouteTable(name, vpc_id=vpc.id, tags={"Name": tag}, opts=self._child)

    def _association(self, name: str, table: Any, subnet: Any) -> None:
        aws.ec2.RouteTableAssociation(name, route_table_id=table.id, subnet_id=subnet.id, opts=self._child)


def _id(resource: Any) -> pulumi.Output[str]:
    id_: pulumi.Output[str] = resource.id
    return id_


def _subnet_tags(args: NetworkArgs, kind: str, zone: str) -> dict[str, str]:
    """Name, load balancer role and, only where nodes stand, the tag by which Karpenter finds its subnets."""
    tags = {"Name": f"{args.prefix}-{kind}-{zone}"}
    # kubernetes-sigs.github.io/aws-load-balancer-controller: subnet discovery. Pods' and databases' subnets get no
    # role: a load balancer put there would use up their addresses.
    roles = {"public": "kubernetes.io/role/elb", "private": "kubernetes.io/role/internal-elb"}
    if kind in roles:
        tags[roles[kind]] = "1"
    if kind == args.node_subnet_kind:
        tags[DISCOVERY_TAG] = args.cluster_name
    return tags
