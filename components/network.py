"""Network: a region's VPC, its subnets by zone, gateways and routes."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components.subnets import ZoneSubnets, zone_subnets

NatMode = Literal["none", "one", "per-zone"]
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """`prefix` begins every physical name; `cluster_name` is what Karpenter discovers the node subnets by.

    `nat` decides where nodes stand. With `one` (in the first zone listed) or `per-zone` they stand in the private
    subnets and leave through NAT. With `none` a private node could not even reach its image registry, so nodes stand in
    the public subnets with public addresses; still nothing reaches them from outside, since the cluster's security
    group admits only itself. Changing from or to `none` moves the node groups to other subnets, which replaces them.
    """

    prefix: str
    cidr: IPv4Network
    zones: tuple[str, ...]
    nat: NatMode
    cluster_name: str
    protect: bool

    @property
    def node_subnet_kind(self) -> str:
        """Which subnets nodes stand in: `private`, or `public` where there is no NAT."""
        return "public" if self.nat == "none" else "private"

    @property
    def nat_zones(self) -> tuple[str, ...]:
        """Zones that get a NAT gateway of their own."""
        return {"none": (), "one": self.zones[:1], "per-zone": self.zones}[self.nat]


class Network(pulumi.ComponentResource):
    """A VPC across the region's zones.

    `private_subnets` is keyed by zone, `node_subnets` by `<kind>-<zone>`; `account_id` is the VPC's AWS account.
    """

    vpc_id: pulumi.Output[str]
    account_id: pulumi.Output[str]
    private_subnets: dict[str, pulumi.Output[str]]
    node_subnets: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:network:Network", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        layout = zone_subnets(args.cidr, args.zones)

        vpc = self._vpc(name, args)
        self._closed_default_security_group(name, args, vpc)
        internet = self._internet_gateway(name, args, vpc)
        public = {zone: self._public_subnet(name, args, vpc, zone, layout[zone]) for zone in args.zones}
        private = {zone: self._private_subnet(name, args, vpc, zone, layout[zone]) for zone in args.zones}
        self._public_routes(name, args, vpc, internet, public)
        nats = {zone: self._nat_gateway(name, args, internet, zone, public[zone]) for zone in args.nat_zones}
        for zone in args.zones:
            self._private_routes(name, args, vpc, nats, zone, private[zone])

        nodes = public if args.node_subnet_kind == "public" else private
        self.vpc_id, self.account_id = vpc.id, vpc.owner_id
        self.private_subnets = {zone: subnet.id for zone, subnet in private.items()}
        self.node_subnets = {f"{args.node_subnet_kind}-{zone}": subnet.id for zone, subnet in nodes.items()}
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "account_id": self.account_id,
                "private_subnets": self.private_subnets,
                "node_subnets": self.node_subnets,
            }
        )

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

    def _public_subnet(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, zone: str, blocks: ZoneSubnets
    ) -> aws.ec2.Subnet:
        tags = _subnet_tags(args, "public", zone, {"kubernetes.io/role/elb": "1"})
        return aws.ec2.Subnet(
            f"{name}-public-{zone}",
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=str(blocks.public),
            map_public_ip_on_launch=args.node_subnet_kind == "public",
            tags=tags,
            opts=self._child,
        )

    def _private_subnet(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, zone: str, blocks: ZoneSubnets
    ) -> aws.ec2.Subnet:
        tags = _subnet_tags(args, "private", zone, {"kubernetes.io/role/internal-elb": "1"})
        return aws.ec2.Subnet(
            f"{name}-private-{zone}",
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=str(blocks.private),
            map_public_ip_on_launch=False,
            tags=tags,
            opts=self._child,
        )

    def _public_routes(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, internet: Any, public: dict[str, Any]
    ) -> None:
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
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, nats: dict[str, Any], zone: str, subnet: Any
    ) -> None:
        # A table per zone in every mode, so that changing from one NAT to one per zone only turns a route.
        table = self._route_table(f"{name}-private-{zone}", f"{args.prefix}-private-{zone}", vpc)
        self._association(f"{name}-private-{zone}", table, subnet)
        if args.nat_zones:
            nat = nats[zone if zone in nats else args.nat_zones[0]]
            aws.ec2.Route(
                f"{name}-private-{zone}-nat",
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=nat.id,
                opts=self._child,
            )

    def _route_table(self, name: str, tag: str, vpc: aws.ec2.Vpc) -> Any:
        return aws.ec2.RouteTable(name, vpc_id=vpc.id, tags={"Name": tag}, opts=self._child)

    def _association(self, name: str, table: Any, subnet: Any) -> None:
        aws.ec2.RouteTableAssociation(name, route_table_id=table.id, subnet_id=subnet.id, opts=self._child)


def _subnet_tags(args: NetworkArgs, kind: str, zone: str, role: dict[str, str]) -> dict[str, str]:
    """Name, load balancer role and, only where nodes stand, the tag by which Karpenter finds its subnets."""
    tags = {"Name": f"{args.prefix}-{kind}-{zone}", **role}
    if kind == args.node_subnet_kind:
        tags["karpenter.sh/discovery"] = args.cluster_name
    return tags
