"""EC2: what moto leaves behind when it deletes, and where it makes a subnet or a gateway other than AWS does."""

from __future__ import annotations

import re

from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.utils import random_private_ip

from embedded.aws.account import Account
from embedded.aws.models.ec2_tags import forget
from embedded.aws.protocol import Answer, Call


def _description(rule: SecurityGroupRule) -> str | None:
    return rule.ip_range.get("Description") or (rule.source_group or {}).get("Description")


# moto keeps the description of a rule whose source is another group, and then looks for it among address ranges only.
SecurityGroupRule.description = property(_description)  # type: ignore[assignment,method-assign]


def create_subnet(account: Account, call: Call) -> Answer:
    """CreateSubnet: not a default subnet, as which moto takes the first in a zone, with public addresses."""
    status, headers, body = account.execute(call)
    found = re.search(rb"<subnetId>([^<]+)</subnetId>", body)
    if found is not None:
        subnet = account.moto("ec2", call.region).get_subnet(found[1].decode())
        subnet.default_for_az = subnet.map_public_ip_on_launch = False
        body = re.sub(rb"<(defaultForAz|mapPublicIpOnLaunch)>true<", rb"<\1>false<", body)
    return status, headers, body


def create_nat_gateway(account: Account, call: Call) -> Answer:
    """CreateNatGateway: with an address of its own subnet; moto takes any private address."""
    status, headers, body = account.execute(call)
    ec2 = account.moto("ec2", call.region)
    found = re.search(rb"<natGatewayId>([^<]+)</natGatewayId>", body)
    if found is not None:
        gateway = ec2.nat_gateways[found[1].decode()]
        old, new = gateway.private_ip, random_private_ip(ec2.get_subnet(gateway.subnet_id).cidr_block)
        gateway.private_ip = gateway._eni.private_ip_address = gateway.address_set[0]["privateIp"] = new
        gateway._eni.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": new}]
        body = body.replace(old.encode(), new.encode())
    return status, headers, body


def delete_nat_gateway(account: Account, call: Call) -> Answer:
    """DeleteNatGateway: its interface goes and its address is free again; moto keeps both.

    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html#nat-gateway-deleting
    """
    answer = account.execute(call)
    backend = account.moto("ec2", call.region)
    gateway = backend.nat_gateways.get(call.parameters["NatGatewayId"])
    if gateway is None or gateway._eni.id not in backend.enis:
        return answer
    for address in backend.addresses:
        if address.eni is gateway._eni:
            address.eni = address.association_id = None
    backend.delete_network_interface(gateway._eni.id)
    return answer


def delete_vpc(account: Account, call: Call) -> Answer:
    """DeleteVpc: its network ACLs go with it, and the tags of all that does; moto keeps them."""
    backend = account.moto("ec2", call.region)
    vpc = call.parameters["VpcId"]
    groups = [group.id for group in backend.groups.get(vpc, {}).values()]  # the default one, and it alone, may be left
    answer = account.execute(call)
    if vpc not in backend.vpcs:
        forget(account, call.region, [vpc, *groups])
        for acl in [acl.id for acl in backend.network_acls.values() if acl.vpc_id == vpc]:
            del backend.network_acls[acl]
    return answer
