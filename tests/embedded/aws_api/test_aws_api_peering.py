"""Peering connections over regions: two sides of one connection, what AWS refuses, what outlives a restart."""

from __future__ import annotations

import pytest


@pytest.fixture
def far(aws):
    """EC2 of another region."""
    return aws.endpoint.client("ec2", "eu-west-1")


def ask(aws, far, mine="10.0.0.0/16", theirs="10.1.0.0/16"):
    """A connection from a new VPC here to a new one there: (connection, VPC here, VPC there)."""
    here, there = aws.vpc(mine), far.create_vpc(CidrBlock=theirs)["Vpc"]["VpcId"]
    asked = aws.ec2.create_vpc_peering_connection(VpcId=here, PeerVpcId=there, PeerRegion="eu-west-1")
    return asked["VpcPeeringConnection"]["VpcPeeringConnectionId"], here, there


def seen(client):
    (found,) = client.describe_vpc_peering_connections()["VpcPeeringConnections"]
    return found["Status"]["Code"], {tag["Key"]: tag["Value"] for tag in found["Tags"]}


def test_both_sides_see_one_connection_each_under_its_own_tags(aws, far):
    ident, _, _ = ask(aws, far)
    aws.ec2.create_tags(Resources=[ident], Tags=[{"Key": "side", "Value": "near"}])
    far.create_tags(Resources=[ident], Tags=[{"Key": "side", "Value": "far"}])
    assert (seen(aws.ec2), seen(far)) == (
        ("pending-acceptance", {"side": "near"}),
        ("pending-acceptance", {"side": "far"}),
    )
    far.accept_vpc_peering_connection(VpcPeeringConnectionId=ident)
    assert (seen(aws.ec2)[0], seen(far)[0]) == ("active", "active")
    found = [(it.type, it.region) for it in aws.endpoint.inventory() if it.id == ident]
    assert found == [("vpc-peering-connection", "us-east-1")], "it is one thing, and of the region that asked"
    aws.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=ident)
    assert (seen(aws.ec2), seen(far)) == (("deleted", {}), ("deleted", {}))
    assert ident not in [it.id for it in aws.endpoint.inventory()]


def test_the_other_region_is_made_without_a_default_network(aws, refused):
    with refused("InvalidVpcID.NotFound", "vpc-1a2b3c4d"):
        aws.ec2.create_vpc_peering_connection(VpcId=aws.vpc(), PeerVpcId="vpc-1a2b3c4d", PeerRegion="ap-south-1")
    assert aws.endpoint.client("ec2", "ap-south-1").describe_vpcs()["Vpcs"] == []


def test_the_two_sides_stay_one_over_a_restart(aws, far):
    ident, _, _ = ask(aws, far)
    aws.endpoint.restore(aws.endpoint.snapshot())
    far.accept_vpc_peering_connection(VpcPeeringConnectionId=ident)
    assert seen(aws.ec2)[0] == "active"
    other = far.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    second = aws.ec2.create_vpc_peering_connection(
        VpcId=aws.vpc("10.3.0.0/16"), PeerVpcId=other, PeerRegion="eu-west-1"
    )
    found = far.describe_vpc_peering_connections()["VpcPeeringConnections"]
    assert second["VpcPeeringConnection"]["VpcPeeringConnectionId"] in [it["VpcPeeringConnectionId"] for it in found]


def test_a_replay_makes_the_same_connection(aws, far):
    ident, _, _ = ask(aws, far)
    far.accept_vpc_peering_connection(VpcPeeringConnectionId=ident)
    again = type(aws)()
    for sequence, entry in enumerate(aws.journal.entries, start=1):
        again.endpoint.replay(entry, sequence)
    (found,) = again.ec2.describe_vpc_peering_connections()["VpcPeeringConnections"]
    assert (found["VpcPeeringConnectionId"], found["Status"]["Code"]) == (ident, "active")


def test_the_side_that_asked_cannot_accept(aws, far, refused):
    ident, _, _ = ask(aws, far)
    with refused("OperationNotPermitted", ident):
        aws.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=ident)


def test_networks_whose_addresses_overlap_never_peer(aws, far, refused):
    ident, _, _ = ask(aws, far, theirs="10.0.128.0/20")
    assert seen(aws.ec2)[0] == "failed"
    with refused("InvalidStateTransition", ident):
        far.accept_vpc_peering_connection(VpcPeeringConnectionId=ident)


def test_two_networks_peer_once(aws, far, refused):
    ident, here, there = ask(aws, far)
    with refused("VpcPeeringConnectionAlreadyExists", ident):
        aws.ec2.create_vpc_peering_connection(VpcId=here, PeerVpcId=there, PeerRegion="eu-west-1")
    with refused("VpcPeeringConnectionAlreadyExists", ident):
        far.create_vpc_peering_connection(VpcId=there, PeerVpcId=here, PeerRegion="us-east-1")


def test_a_vpc_has_fifty_active_peerings(aws, far, refused):
    hub = far.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    backend = aws.endpoint.account.moto("ec2", "us-east-1")
    asked = []
    for number in range(51):
        # Beside the endpoint, which knows that a region takes five VPCs.
        spoke = backend.create_vpc(f"10.{number + 1}.0.0/16").id
        made = aws.ec2.create_vpc_peering_connection(VpcId=spoke, PeerVpcId=hub, PeerRegion="eu-west-1")
        asked.append(made["VpcPeeringConnection"]["VpcPeeringConnectionId"])
    for ident in asked[:50]:
        far.accept_vpc_peering_connection(VpcPeeringConnectionId=ident)
    with refused("VpcPeeringConnectionsPerVpcLimitExceeded", hub):
        far.accept_vpc_peering_connection(VpcPeeringConnectionId=asked[50])


def test_a_route_over_a_peering_of_other_networks_is_refused(aws, far, refused):
    ident, here, _ = ask(aws, far)
    other = aws.ec2.create_route_table(VpcId=aws.vpc("10.9.0.0/16"))["RouteTable"]["RouteTableId"]
    way = {"DestinationCidrBlock": "10.1.0.0/16", "VpcPeeringConnectionId": ident}
    with refused("InvalidParameterValue", "belong to different networks"):
        aws.ec2.create_route(RouteTableId=other, **way)
    table = aws.ec2.create_route_table(VpcId=here)["RouteTable"]["RouteTableId"]
    aws.ec2.create_route(RouteTableId=table, **way)
