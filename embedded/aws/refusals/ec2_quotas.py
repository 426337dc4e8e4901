"""EC2: how many of a thing a region, a VPC or a table takes; the defaults, most of which AWS raises on request.

That a security group takes 60 rules each way, moto knows itself; it counts those of IPv4 and of IPv6 together.
"""

from __future__ import annotations

from typing import Any

from embedded.aws.account import Account
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

SUBNETS_PER_VPC = 200
ROUTE_TABLES_PER_VPC = 200
ROUTES_PER_TABLE = 500
GROUPS_PER_INTERFACE = 5
NAT_GATEWAYS_PER_ZONE = 5
GATEWAY_ENDPOINTS_PER_REGION = 20
INTERFACE_ENDPOINTS_PER_VPC = 50
PEERINGS_PER_VPC = 50

_QUOTAS = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"


def _ec2(account: Account, call: Call) -> Any:
    return account.moto("ec2", call.region)


def _too_many_subnets(account: Account, call: Call) -> Verdict:
    vpc = call.parameters["VpcId"]
    return {} if len(_ec2(account, call).describe_subnets(filters={"vpc-id": vpc})) >= SUBNETS_PER_VPC else None


def _too_many_tables(account: Account, call: Call) -> Verdict:
    tables = _ec2(account, call).route_tables.values()
    held = sum(table.vpc_id == call.parameters["VpcId"] for table in tables)
    return {"most": ROUTE_TABLES_PER_VPC} if held >= ROUTE_TABLES_PER_VPC else None


def _too_many_routes(account: Account, call: Call) -> Verdict:
    table = _ec2(account, call).route_tables.get(call.parameters["RouteTableId"])
    if table is None:
        return None
    ipv6 = "DestinationIpv6CidrBlock" in call.parameters
    routes = sum((route.destination_ipv6_cidr_block is not None) == ipv6 for route in table._routes.values())
    return {"most": ROUTES_PER_TABLE} if routes >= ROUTES_PER_TABLE else None


def _too_many_groups(account: Account, call: Call) -> Verdict:
    given = call.parameters
    groups = {*given.get("Groups", []), *given.get("SecurityGroupIds", []), *given.get("AddSecurityGroupIds", [])}
    endpoint = _ec2(account, call).vpc_end_points.get(given.get("VpcEndpointId"))
    if endpoint is not None:
        groups |= set(endpoint.security_group_ids) - set(given.get("RemoveSecurityGroupIds", []))
    return {} if len(groups) > GROUPS_PER_INTERFACE else None


def _too_many_nat_gateways(account: Account, call: Call) -> Verdict:
    ec2 = _ec2(account, call)
    if "SubnetId" not in call.parameters:
        return None
    zone = ec2.get_subnet(call.parameters["SubnetId"]).availability_zone
    living = [gateway.subnet_id for gateway in ec2.nat_gateways.values() if gateway.state != "deleted"]
    held = sum(ec2.get_subnet(subnet).availability_zone == zone for subnet in living)
    return {"most": NAT_GATEWAYS_PER_ZONE, "zone": zone} if held >= NAT_GATEWAYS_PER_ZONE else None


def _too_many_endpoints(account: Account, call: Call) -> Verdict:
    kind, vpc = call.parameters.get("VpcEndpointType", "Gateway"), call.parameters["VpcId"]
    same = [it for it in _ec2(account, call).vpc_end_points.values() if it.vpc_endpoint_type == kind]
    if kind == "Gateway":
        return {} if len(same) >= GATEWAY_ENDPOINTS_PER_REGION else None
    return {} if sum(it.vpc_id == vpc for it in same) >= INTERFACE_ENDPOINTS_PER_VPC else None


def _too_many_peerings(account: Account, call: Call) -> Verdict:
    peering = _ec2(account, call).vpc_pcxs.get(call.parameters["VpcPeeringConnectionId"])
    if peering is None:
        return None
    active = [it for it in _ec2(account, call).vpc_pcxs.values() if it._status.code == "active"]
    ident = peering.peer_vpc.id
    held = sum(ident in (it.vpc.id, it.peer_vpc.id) for it in active)
    return {"VpcId": ident} if held >= PEERINGS_PER_VPC else None


TABLE = (
    Refusal(
        ("CreateSubnet",),
        _too_many_subnets,
        "SubnetLimitExceeded",
        "The maximum number of subnets has been reached.",
        f"{_QUOTAS} (200 per VPC, adjustable)",
    ),
    Refusal(
        ("CreateRouteTable",),
        _too_many_tables,
        "RouteTableLimitExceeded",
        "The maximum limit of {most} is reached.",
        f"{_QUOTAS} (200 per VPC, the main one among them)",
    ),
    Refusal(
        ("CreateRoute",),
        _too_many_routes,
        "RouteLimitExceeded",
        "The maximum number of routes per route table of {most} has been reached.",
        f"{_QUOTAS} (500 non-propagated ones per table, 50 until June 2025; IPv4 and IPv6 apart)",
    ),
    Refusal(
        ("CreateNetworkInterface", "ModifyNetworkInterfaceAttribute", "CreateVpcEndpoint", "ModifyVpcEndpoint"),
        _too_many_groups,
        "SecurityGroupsPerInterfaceLimitExceeded",
        "The maximum number of security groups per interface has been reached.",
        f"{_QUOTAS} (5, adjustable up to 16)",
    ),
    Refusal(
        ("CreateNatGateway",),
        _too_many_nat_gateways,
        "NatGatewayLimitExceeded",
        "Performing this operation would exceed the limit of {most} NAT gateways in {zone}.",
        f"{_QUOTAS} (5 per Availability Zone, adjustable)",
    ),
    Refusal(
        ("CreateVpcEndpoint",),
        _too_many_endpoints,
        "VpcEndpointLimitExceeded",
        "The maximum number of VPC endpoints has been reached.",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html (20 of gateways per region, 50 "
        "of interfaces per VPC, adjustable)",
    ),
    Refusal(
        ("AcceptVpcPeeringConnection",),
        _too_many_peerings,
        "VpcPeeringConnectionsPerVpcLimitExceeded",
        "The maximum number of active VPC peering connections of {VpcId} has been reached.",
        f"{_QUOTAS} (50 per VPC, adjustable up to 125)",
    ),
)
