"""EC2: a VPC's further blocks of addresses reach its route tables; moto forgets to add and to remove them there."""

from __future__ import annotations

from typing import Any

from moto.ec2.utils import generate_route_id

from embedded.aws.account import Account
from embedded.aws.protocol import Answer, Call


def vpc_of_block(account: Account, call: Call) -> tuple[Any, dict[str, Any]] | None:
    """(VPC, association) that the call's AssociationId names, None if there is none."""
    ident = call.parameters["AssociationId"]
    for vpc in account.moto("ec2", call.region).vpcs.values():
        if ident in vpc._cidr_block_association_set:
            return vpc, vpc._cidr_block_association_set[ident]
    return None


def associate_vpc_cidr_block(account: Account, call: Call) -> Answer:
    """AssociateVpcCidrBlock: with a local route in every table of the VPC."""
    status, headers, body = account.execute(call)
    ec2 = account.moto("ec2", call.region)
    if status == 200 and "CidrBlock" in call.parameters:
        for table in ec2.route_tables.values():
            if table.vpc_id == call.parameters["VpcId"]:
                ec2.create_route(table.id, call.parameters["CidrBlock"], local=True)
    return status, headers, body


def disassociate_vpc_cidr_block(account: Account, call: Call) -> Answer:
    """DisassociateVpcCidrBlock: the block goes from the VPC and from its tables."""
    found = vpc_of_block(account, call)
    status, headers, body = account.execute(call)
    if status == 200 and found is not None:
        vpc, block = found
        del vpc._cidr_block_association_set[call.parameters["AssociationId"]]
        for table in account.moto("ec2", call.region).route_tables.values():
            if table.vpc_id == vpc.id:
                table._routes.pop(generate_route_id(table.id, block["cidr_block"]), None)
    return status, headers, body
