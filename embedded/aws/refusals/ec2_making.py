"""EC2: what cannot be made as asked: quotas, addresses, zones, things of different networks."""

from __future__ import annotations

import ipaddress
from typing import Any

from embedded.aws.account import Account
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

_ERRORS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
ADDRESSES_PER_REGION = 5
NETWORKS_PER_REGION = 5


def _ec2(account: Account, call: Call) -> Any:
    return account.moto("ec2", call.region)


def _too_many_addresses(account: Account, call: Call) -> Verdict:
    return {} if len(_ec2(account, call).addresses) >= ADDRESSES_PER_REGION else None


def _too_many_networks(account: Account, call: Call) -> Verdict:
    return {} if len(_ec2(account, call).vpcs) >= NETWORKS_PER_REGION else None


def _subnet_too_small(_: Account, call: Call) -> Verdict:
    block = call.parameters.get("CidrBlock", "")
    try:
        small = ipaddress.ip_network(block, strict=False).prefixlen > 28
    except ValueError:
        return None
    return {"CidrBlock": block} if small else None


def _foreign_zone(account: Account, call: Call) -> Verdict:
    zones = [zone.name for zone in _ec2(account, call).describe_availability_zones()]
    given = call.parameters.get("AvailabilityZone")
    return {"AvailabilityZone": given, "zones": ", ".join(zones)} if given and given not in zones else None


def _has_gateway(account: Account, call: Call) -> Verdict:
    vpc = call.parameters["VpcId"]
    gateways = _ec2(account, call).internet_gateways.values()
    return {"VpcId": vpc} if any(it.vpc is not None and it.vpc.id == vpc for it in gateways) else None


def _no_gateway(account: Account, call: Call) -> Verdict:
    """A public NAT gateway in a network that has no way out."""
    if call.parameters.get("ConnectivityType", "public") != "public" or "SubnetId" not in call.parameters:
        return None
    ec2 = _ec2(account, call)
    vpc = ec2.get_subnet(call.parameters["SubnetId"]).vpc_id
    return {"VpcId": vpc} if not any(it.vpc and it.vpc.id == vpc for it in ec2.internet_gateways.values()) else None


def _no_address(_: Account, call: Call) -> Verdict:
    public = call.parameters.get("ConnectivityType", "public") == "public"
    return {} if public and "AllocationId" not in call.parameters else None


def _no_such_nat(account: Account, call: Call) -> Verdict:
    ident = call.parameters.get("NatGatewayId")
    gateway = _ec2(account, call).nat_gateways.get(ident)
    return {"NatGatewayId": ident} if ident and (gateway is None or gateway.state == "deleted") else None


def _other_network(account: Account, call: Call) -> Verdict:
    ec2, given = _ec2(account, call), call.parameters
    gateway = ec2.internet_gateways.get(given.get("GatewayId"))
    table = ec2.route_tables.get(given["RouteTableId"])
    if gateway is None or table is None or (gateway.vpc is not None and gateway.vpc.id == table.vpc_id):
        return None
    return {"RouteTableId": table.id, "GatewayId": gateway.id}


def _already_routed(account: Account, call: Call) -> Verdict:
    subnet = call.parameters.get("SubnetId")
    for table in _ec2(account, call).route_tables.values():
        if subnet and subnet in table._associations.values():
            return {"RouteTableId": table.id}
    return None


def _no_default_network(_: Account, call: Call) -> Verdict:
    return {} if "VpcId" not in call.parameters else None


def _reserved_tag(_: Account, call: Call) -> Verdict:
    specifications = call.parameters.get("TagSpecifications", [])
    tags = [*call.parameters.get("Tags", []), *(tag for one in specifications for tag in one.get("Tags", []))]
    return {} if any(tag.get("Key", "").lower().startswith("aws:") for tag in tags) else None


_TAGGING = (
    "CreateTags",
    "CreateVpc",
    "CreateSubnet",
    "CreateSecurityGroup",
    "CreateRouteTable",
    "CreateInternetGateway",
)

TABLE = (
    Refusal(
        ("AllocateAddress",),
        _too_many_addresses,
        "AddressLimitExceeded",
        "The maximum number of addresses has been reached.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html (5 per region, adjustable)",
    ),
    Refusal(
        ("CreateVpc",),
        _too_many_networks,
        "VpcLimitExceeded",
        "The maximum number of VPCs has been reached.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html (5 per region, adjustable)",
    ),
    Refusal(
        ("CreateSubnet",),
        _subnet_too_small,
        "InvalidSubnet.Range",
        "The CIDR '{CidrBlock}' is invalid.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html (between /28 and /16)",
    ),
    Refusal(
        ("CreateSubnet",),
        _foreign_zone,
        "InvalidParameterValue",
        "Value ({AvailabilityZone}) for parameter availabilityZone is invalid. Subnets can currently only be created "
        "in the following availability zones: {zones}.",
        _ERRORS,
    ),
    Refusal(
        ("AttachInternetGateway",),
        _has_gateway,
        "InvalidParameterValue",
        "Network {VpcId} already has an internet gateway attached",
        "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html (one per VPC)",
    ),
    Refusal(
        ("CreateNatGateway",),
        _no_gateway,
        "Gateway.NotAttached",
        "Network {VpcId} has no Internet gateway attached",
        "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html (AWS: a little later)",
    ),
    Refusal(
        ("CreateNatGateway",),
        _no_address,
        "MissingParameter",
        "The request must contain the parameter AllocationId",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html",
    ),
    Refusal(
        ("CreateRoute", "ReplaceRoute"),
        _no_such_nat,
        "InvalidNatGatewayID.NotFound",
        "The natGateway ID '{NatGatewayId}' does not exist",
        _ERRORS,
    ),
    Refusal(
        ("CreateRoute", "ReplaceRoute"),
        _other_network,
        "InvalidParameterValue",
        "route table {RouteTableId} and network gateway {GatewayId} belong to different networks",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html",
    ),
    Refusal(
        ("AssociateRouteTable",),
        _already_routed,
        "Resource.AlreadyAssociated",
        "the specified association for route table {RouteTableId} conflicts with an existing association",
        "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html (one table per subnet)",
    ),
    Refusal(
        ("CreateSecurityGroup",),
        _no_default_network,
        "VPCIdNotSpecified",
        "No default VPC for this user",
        _ERRORS,
    ),
    Refusal(
        _TAGGING,
        _reserved_tag,
        "InvalidParameterValue",
        "Tag keys starting with 'aws:' are reserved for internal use",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions",
    ),
)
