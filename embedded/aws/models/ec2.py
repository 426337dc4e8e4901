"""EC2: what moto leaves behind when it deletes."""

from __future__ import annotations

from embedded.aws.account import Account
from embedded.aws.protocol import Answer, Call


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
    """DeleteVpc: its network ACLs go with it; moto keeps them."""
    answer = account.execute(call)
    backend = account.moto("ec2", call.region)
    vpc = call.parameters["VpcId"]
    if vpc not in backend.vpcs:
        for acl in [acl.id for acl in backend.network_acls.values() if acl.vpc_id == vpc]:
            del backend.network_acls[acl]
    return answer
