"""EC2: endpoints, flow logs and peerings that cannot be made as asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES

from embedded.aws.account import Account
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

GATEWAY_SERVICES = ("dynamodb", "s3")
_SERVICES = "https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html"
_CREATE = "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"


def _ec2(account: Account, call: Call) -> Any:
    return account.moto("ec2", call.region)


def _endpoint(account: Account, call: Call) -> Any:
    return _ec2(account, call).vpc_end_points.get(call.parameters.get("VpcEndpointId"))


def _no_such_service(_: Account, call: Call) -> Verdict:
    name = call.parameters["ServiceName"]
    gateway = call.parameters.get("VpcEndpointType", "Gateway") == "Gateway"
    known = GATEWAY_SERVICES if gateway else AWS_ENDPOINT_SERVICES
    return {"ServiceName": name} if name not in {f"com.amazonaws.{call.region}.{one}" for one in known} else None


def _already_routed(account: Account, call: Call) -> Verdict:
    ec2, given, endpoint = _ec2(account, call), call.parameters, _endpoint(account, call)
    service = given.get("ServiceName") if endpoint is None else endpoint.service_name
    lists = [it.id for it in ec2.managed_prefix_lists.values() if it.prefix_list_name == service]
    for table in (*given.get("RouteTableIds", []), *given.get("AddRouteTableIds", [])):
        routes = ec2.get_route_table(table)._routes
        found = next((ident for ident in lists if f"{table}~{ident}" in routes), None)
        if found is not None:
            return {"RouteTableId": table, "PrefixListId": found}
    return None


def _subnets(account: Account, call: Call) -> Iterator[tuple[str, str]]:
    """(subnet, zone) of the subnets that an endpoint would be in after the call; those asked for come last."""
    ec2, given, endpoint = _ec2(account, call), call.parameters, _endpoint(account, call)
    kept = [] if endpoint is None else [it for it in endpoint.subnet_ids if it not in given.get("RemoveSubnetIds", [])]
    for ident in (*kept, *given.get("SubnetIds", []), *given.get("AddSubnetIds", [])):
        yield ident, ec2.get_subnet(ident).availability_zone


def _same_zone(account: Account, call: Call) -> Verdict:
    seen: set[str] = set()
    for subnet, zone in _subnets(account, call):
        if zone in seen:
            return {"SubnetId": subnet}
        seen.add(zone)
    return None


def _named_privately(account: Account, call: Call) -> tuple[Any, str] | None:
    """(VPC, service) for which the call switches private DNS on."""
    given, endpoint = call.parameters, _endpoint(account, call)
    if endpoint is not None:
        on = given.get("PrivateDnsEnabled") is True
        return (_ec2(account, call).get_vpc(endpoint.vpc_id), endpoint.service_name) if on else None
    if given.get("VpcEndpointType") != "Interface" or not given.get("PrivateDnsEnabled", True):
        return None
    return _ec2(account, call).get_vpc(given["VpcId"]), given["ServiceName"]


def _no_dns(account: Account, call: Call) -> Verdict:
    asked = _named_privately(account, call)
    if asked is None:
        return None
    vpc, _ = asked
    on = _true(vpc.enable_dns_support) and _true(vpc.enable_dns_hostnames)
    return None if on else {"VpcId": vpc.id}


def _true(switch: Any) -> bool:
    # Moto keeps a switch as it came: True, or the text "true".
    return str(switch).lower() == "true"


def _taken_name(account: Account, call: Call) -> Verdict:
    asked = _named_privately(account, call)
    if asked is None:
        return None
    vpc, service = asked
    for other in _ec2(account, call).vpc_end_points.values():
        same = (other.vpc_id, other.service_name, bool(other.private_dns_enabled)) == (vpc.id, service, True)
        if same and other.id != call.parameters.get("VpcEndpointId"):
            return {"domain": f"{service.rsplit('.', 1)[-1]}.{call.region}.amazonaws.com", "VpcId": vpc.id}
    return None


def _same_log(account: Account, call: Call) -> Verdict:
    given = call.parameters
    destination = given.get("LogDestination")
    for log in _ec2(account, call).flow_logs.values():
        if destination and log.resource_id in given["ResourceIds"] and log.log_destination == destination:
            return {}
    return None


def _already_peered(account: Account, call: Call) -> Verdict:
    asked = {call.parameters["VpcId"], call.parameters["PeerVpcId"]}
    for peering in _ec2(account, call).vpc_pcxs.values():
        if {peering.vpc.id, peering.peer_vpc.id} == asked and peering._status.code in ("active", "pending-acceptance"):
            return {"VpcPeeringConnectionId": peering.id}
    return None


def _peering_of_others(account: Account, call: Call) -> Verdict:
    ec2, given = _ec2(account, call), call.parameters
    peering, table = ec2.vpc_pcxs.get(given.get("VpcPeeringConnectionId")), ec2.route_tables.get(given["RouteTableId"])
    if peering is None or table is None or table.vpc_id in (peering.vpc.id, peering.peer_vpc.id):
        return None
    return {"RouteTableId": table.id, "VpcPeeringConnectionId": peering.id}


TABLE = (
    Refusal(
        ("CreateVpcEndpoint",),
        _no_such_service,
        "InvalidServiceName",
        "The Vpc Endpoint Service '{ServiceName}' does not exist",
        _SERVICES,
    ),
    Refusal(
        ("CreateVpcEndpoint", "ModifyVpcEndpoint"),
        _already_routed,
        "RouteAlreadyExists",
        "route table {RouteTableId} already has a route with destination-prefix-list-id {PrefixListId}",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html (one per service and table)",
    ),
    Refusal(
        ("CreateVpcEndpoint", "ModifyVpcEndpoint"),
        _same_zone,
        "DuplicateSubnetsInSameZone",
        "Found another VPC endpoint subnet in the availability zone of {SubnetId}. VPC endpoint subnets should be in "
        "different availability zones supported by the VPC endpoint service.",
        "https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/583",
    ),
    Refusal(
        ("CreateVpcEndpoint", "ModifyVpcEndpoint"),
        _no_dns,
        "InvalidParameter",
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for "
        "{VpcId}",
        _CREATE,
    ),
    Refusal(
        ("CreateVpcEndpoint", "ModifyVpcEndpoint"),
        _taken_name,
        "InvalidParameter",
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {domain} in the VPC "
        "{VpcId}",
        "https://github.com/hashicorp/terraform-provider-aws/issues/17535",
    ),
    Refusal(
        ("CreateFlowLogs",),
        _same_log,
        "FlowLogAlreadyExists",
        "Error. There is an existing Flow Log with the same configuration and log destination.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-limitations.html",
    ),
    Refusal(
        ("CreateVpcPeeringConnection",),
        _already_peered,
        "VpcPeeringConnectionAlreadyExists",
        "A VPC peering connection between these VPCs already exists: {VpcPeeringConnectionId}",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
    ),
    Refusal(
        ("CreateRoute", "ReplaceRoute"),
        _peering_of_others,
        "InvalidParameterValue",
        "route table {RouteTableId} and interface {VpcPeeringConnectionId} belong to different networks",
        "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html",
    ),
)
