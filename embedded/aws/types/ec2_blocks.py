"""EC2: further blocks of addresses of a VPC."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import CIDR
from embedded.aws.properties import Property
from embedded.aws.rows import Assigned, Call, Read, Row, Scope, given, own_id
from embedded.aws.types.sources import terraform
from embedded.provider import Values

_SOURCE = terraform("ec2/vpc_ipv4_cidr_block_association.go")


def _this_block(scope: Scope, answer: Values) -> Any:
    for vpc in answer["Vpcs"]:
        for block in vpc["CidrBlockAssociationSet"]:
            if block["AssociationId"] == own_id(scope) and block["CidrBlockState"]["State"] == "associated":
                return block | {"VpcId": vpc["VpcId"]}
    return None


CIDR_BLOCK = Row(
    type="aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
    service="ec2",
    identity=Assigned(made="CidrBlockAssociation.AssociationId", read="Block.AssociationId"),
    # Blocks from address pools (IPAM) are not served.
    properties=(
        Property(name="vpcId", found="Block.VpcId", required=True, replaces=_SOURCE),
        Property(name="cidrBlock", kind=CIDR, found="Block.CidrBlock", required=True, replaces=_SOURCE),
    ),
    create=(Call("AssociateVpcCidrBlock", {"VpcId": given("vpcId"), "CidrBlock": given("cidrBlock")}),),
    read=(
        Read(
            "DescribeVpcs",
            {"Filters": [{"Name": "cidr-block-association.association-id", "Values": [own_id]}]},
            _this_block,
            "Block",
        ),
    ),
    delete=(Call("DisassociateVpcCidrBlock", {"AssociationId": own_id}),),
)

ROWS = (CIDR_BLOCK,)
