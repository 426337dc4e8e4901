"""EC2: VPC endpoints; moto makes one as asked, but changes little of it later and never lets it go."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.utils import generate_route_id

from embedded.aws.account import Account
from embedded.aws.models.ec2_tags import forget
from embedded.aws.protocol import Answer, Call


def create_vpc_endpoint(account: Account, call: Call) -> Answer:
    """CreateVpcEndpoint: interfaces with addresses of their subnets and the endpoint's groups, private DNS for those.

    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    status, headers, body = account.execute(call)
    found = re.search(rb"<vpcEndpointId>([^<]+)</vpcEndpointId>", body)
    if found is None:
        return status, headers, body
    ec2 = account.moto("ec2", call.region)
    endpoint = ec2.vpc_end_points[found[1].decode()]
    if endpoint.vpc_endpoint_type == "Interface":
        for interface in endpoint.network_interface_ids:
            ec2.delete_network_interface(interface)
        endpoint.network_interface_ids = []
        if not endpoint.security_group_ids:
            default = ec2.get_security_group_from_name("default", vpc_id=endpoint.vpc_id)
            endpoint.security_group_ids = [default.id]
        for subnet in endpoint.subnet_ids:
            _enter(ec2, endpoint, subnet)
        name = endpoint.service_name.removeprefix(f"com.amazonaws.{call.region}.")
        host = ".".join(reversed(name.split(".")))
        endpoint.dns_entries[0]["dns_name"] = (
            f"{endpoint.id}-{endpoint.id[-8:]}.{host}.{call.region}.vpce.amazonaws.com"
        )
    else:
        endpoint.vpc_endpoint_type, endpoint.private_dns_enabled = "Gateway", False
        body = body.replace(b"<privateDnsEnabled>true<", b"<privateDnsEnabled>false<")
    return status, headers, body


def _enter(ec2: Any, endpoint: Any, subnet: str) -> None:
    """Put an interface of the endpoint into a subnet."""
    description = f"VPC Endpoint Interface {endpoint.id}"
    interface = ec2.create_network_interface(
        ec2.get_subnet(subnet), None, group_ids=endpoint.security_group_ids, description=description
    )
    interface.interface_type, interface.status, interface.requester_managed = "vpc_endpoint", "in-use", True
    endpoint.network_interface_ids.append(interface.id)


def _leave(ec2: Any, endpoint: Any, subnet: str) -> None:
    for ident in [it for it in endpoint.network_interface_ids if ec2.enis[it].subnet.id == subnet]:
        endpoint.network_interface_ids.remove(ident)
        ec2.delete_network_interface(ident)


def _route(ec2: Any, endpoint: Any, table: str) -> None:
    ec2.create_route(
        table, None, gateway_id=endpoint.id, destination_prefix_list_id=endpoint.destination_prefix_list_id
    )


def _unroute(ec2: Any, endpoint: Any, table: str) -> None:
    if table in ec2.route_tables:
        ec2.route_tables[table]._routes.pop(generate_route_id(table, endpoint.destination_prefix_list_id), None)


# What is added and removed: the parameter behind "Add" and "Remove", the endpoint's list, what else is to be done.
_MEMBERS = (
    ("RouteTableIds", "route_table_ids", _route, _unroute),
    ("SubnetIds", "subnet_ids", _enter, _leave),
)


def modify_vpc_endpoint(account: Account, call: Call) -> dict[str, Any]:
    """ModifyVpcEndpoint: policy, private DNS, groups, tables with their routes, subnets with their interfaces."""
    ec2, given = account.moto("ec2", call.region), call.parameters
    endpoint = ec2.get_vpc_end_point(given["VpcEndpointId"])
    if given.get("ResetPolicy"):
        endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
    endpoint.policy_document = given.get("PolicyDocument", endpoint.policy_document)
    endpoint.private_dns_enabled = given.get("PrivateDnsEnabled", endpoint.private_dns_enabled)
    gone, more = given.get("RemoveSecurityGroupIds", []), given.get("AddSecurityGroupIds", [])
    kept = [group for group in endpoint.security_group_ids if group not in gone]
    endpoint.security_group_ids = [*kept, *(group for group in more if group not in kept)]
    groups = [ec2.get_security_group_from_id(group) for group in endpoint.security_group_ids]
    for interface in endpoint.network_interface_ids:
        ec2.enis[interface]._group_set = list(groups)
    for name, held, enter, leave in _MEMBERS:
        members: list[str] = getattr(endpoint, held)
        for ident in given.get(f"Remove{name}", []):
            members.remove(ident)
            leave(ec2, endpoint, ident)
        for ident in given.get(f"Add{name}", []):
            members.append(ident)
            enter(ec2, endpoint, ident)
    return {"Return": True}


def delete_vpc_endpoints(account: Account, call: Call) -> dict[str, Any]:
    """DeleteVpcEndpoints: with their routes, interfaces and tags; what does not exist is listed as unsuccessful."""
    ec2, missing = account.moto("ec2", call.region), []
    for ident in call.parameters["VpcEndpointIds"]:
        endpoint = ec2.vpc_end_points.pop(ident, None)
        if endpoint is None:
            message = f"The Vpc Endpoint Id '{ident}' does not exist"
            missing.append({"ResourceId": ident, "Error": {"Code": "InvalidVpcEndpoint.NotFound", "Message": message}})
            continue
        for table in endpoint.route_table_ids:
            _unroute(ec2, endpoint, table)
        for interface in endpoint.network_interface_ids:
            ec2.delete_network_interface(interface)
        forget(account, call.region, [ident])
    return {"Unsuccessful": missing}
