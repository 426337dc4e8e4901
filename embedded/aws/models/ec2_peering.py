"""EC2: peering connections over regions: each side has its own tags, and VPCs whose addresses overlap never peer."""

from __future__ import annotations

import copy
import re
from ipaddress import ip_network
from typing import Any

from embedded.aws.account import Account
from embedded.aws.models.ec2_tags import forget
from embedded.aws.protocol import Answer, Call


def create_vpc_peering_connection(account: Account, call: Call) -> Answer:
    """CreateVpcPeeringConnection: seen in both regions; it fails by itself where the VPCs' blocks overlap.

    https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
    """
    here = account.moto("ec2", call.region)
    # Made before moto asks for it: moto would make it with a default network.
    there = account.moto("ec2", call.parameters.get("PeerRegion", call.region))
    status, headers, body = account.execute(call)
    found = re.search(rb"<vpcPeeringConnectionId>([^<]+)</vpcPeeringConnectionId>", body)
    if found is None:
        return status, headers, body
    peering = here.vpc_pcxs[found[1].decode()]
    if _overlap(peering.vpc, peering.peer_vpc):
        peering._status.code = "failed"
        peering._status.message = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range"
    if there is not here:
        # The other side of the same status and options; only the tags are its own.
        other = there.vpc_pcxs[peering.id] = copy.copy(peering)
        other.ec2_backend = there
    return status, headers, body


def _overlap(one: Any, other: Any) -> bool:
    return any(mine.overlaps(theirs) for mine in _blocks(one) for theirs in _blocks(other))


def _blocks(vpc: Any) -> list[Any]:
    return [ip_network(block["cidr_block"]) for block in vpc.get_cidr_block_association_set(ipv6=False)]


def delete_vpc_peering_connection(account: Account, call: Call) -> Answer:
    """DeleteVpcPeeringConnection: the tags of both sides go with it."""
    answer = account.execute(call)
    if answer[0] == 200:
        for region, _ in account.regions("ec2"):
            forget(account, region, [call.parameters["VpcPeeringConnectionId"]])
    return answer
