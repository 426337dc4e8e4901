"""EC2: blocks of addresses that a VPC cannot take on, or not yet lose."""

from __future__ import annotations

from ipaddress import IPv4Network

from embedded.aws.account import Account
from embedded.aws.models.ec2_blocks import vpc_of_block
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

_TEN, _CLASS_B, _CLASS_C = map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_BENCHMARK = IPv4Network("198.19.0.0/16")
# Range of the VPC's first block -> ranges from which it takes no further one; the last row: any other range.
_RESTRICTED = (
    (_TEN, (_CLASS_B, _CLASS_C, _BENCHMARK)),
    (_CLASS_B, (_TEN, _CLASS_C, IPv4Network("172.31.0.0/16"), _BENCHMARK)),
    (_CLASS_C, (_TEN, _CLASS_B, _BENCHMARK)),
    (IPv4Network("0.0.0.0/0"), (_TEN, _CLASS_B, _CLASS_C, _BENCHMARK)),
)
_AWS_OWN, _NEAR_AWS_OWN = IPv4Network("10.0.0.0/16"), IPv4Network("10.0.0.0/15")


def _wanted(call: Call) -> IPv4Network | None:
    """The block asked for; None for another kind of block, or for what moto refuses by itself."""
    try:
        return IPv4Network(call.parameters["CidrBlock"], strict=False)
    except (KeyError, ValueError):
        return None


def _blocks(account: Account, call: Call) -> list[IPv4Network]:
    vpc = account.moto("ec2", call.region).get_vpc(call.parameters["VpcId"])
    return [IPv4Network(block["cidr_block"]) for block in vpc.get_cidr_block_association_set(ipv6=False)]


def _of_no_size(_: Account, call: Call) -> Verdict:
    block = _wanted(call)
    return {"CidrBlock": block} if block is not None and not 16 <= block.prefixlen <= 28 else None


def _restricted(account: Account, call: Call) -> Verdict:
    block = _wanted(call)
    if block is None:
        return None
    here = _blocks(account, call)
    ranges = next(ranges for of, ranges in _RESTRICTED if here[0].subnet_of(of))
    near = block.subnet_of(_AWS_OWN) and any(other.subnet_of(_NEAR_AWS_OWN) for other in here)
    return {"CidrBlock": block} if near or any(block.subnet_of(it) for it in ranges) else None


def _overlapping(account: Account, call: Call) -> Verdict:
    block = _wanted(call)
    overlaps = block is not None and any(block.overlaps(other) for other in _blocks(account, call))
    return {"CidrBlock": block} if overlaps else None


def _in_use(account: Account, call: Call) -> Verdict:
    found = vpc_of_block(account, call)
    if found is None:
        return None
    vpc, association = found
    block = IPv4Network(association["cidr_block"])
    subnets = account.moto("ec2", call.region).describe_subnets(filters={"vpc-id": vpc.id})
    held = any(IPv4Network(subnet.cidr_block).subnet_of(block) for subnet in subnets)
    return {"AssociationId": call.parameters["AssociationId"]} if held and vpc.cidr_block != str(block) else None


_RESTRICTIONS = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions"

TABLE = (
    Refusal(
        ("AssociateVpcCidrBlock",),
        _of_no_size,
        "InvalidVpc.Range",
        "The CIDR '{CidrBlock}' is invalid.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html (between /28 and /16)",
    ),
    Refusal(
        ("AssociateVpcCidrBlock",),
        _overlapping,
        "InvalidVpc.Range",
        "The CIDR '{CidrBlock}' overlaps with a CIDR block of the VPC.",
        f"{_RESTRICTIONS} (the rule; AWS's words for it are assumed)",
    ),
    Refusal(
        ("AssociateVpcCidrBlock",),
        _restricted,
        "InvalidVpc.Range",
        "The CIDR '{CidrBlock}' is restricted. Use a CIDR from the same private address range as the current VPC "
        "CIDR, or use a publicly-routable CIDR.",
        _RESTRICTIONS,
    ),
    Refusal(
        ("DisassociateVpcCidrBlock",),
        _in_use,
        "DependencyViolation",
        "The vpc CIDR block with association ID {AssociationId} has dependencies and cannot be disassociated.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateVpcCidrBlock.html (you must detach or "
        "delete all gateways and resources that are associated with the block; AWS's words for it are assumed)",
    ),
)
