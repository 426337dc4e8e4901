"""EC2: peering connections of VPCs, and their acceptance in the other VPC's region."""

from __future__ import annotations

from embedded.aws.kinds import BOOL
from embedded.aws.properties import Property
from embedded.aws.rows import Assigned, Call, Named, Read, Row, Scope, Update, given, own_id
from embedded.aws.tags import ec2_tagging, has_new_tags, new_tags, tag_specification
from embedded.aws.types.sources import terraform

_PEERING = terraform("ec2/vpc_peering_connection.go")
# AWS shows a connection for some hours after its end.
_READ = Read(
    "DescribeVpcPeeringConnections",
    {"VpcPeeringConnectionIds": [own_id]},
    "VpcPeeringConnections[?!contains(['deleted', 'deleting', 'expired', 'rejected'], Status.Code)] | [0]",
    "Peering",
)
# Of a connection just made, of one just looked up, of one read before an update.
_STATES = "[VpcPeeringConnection, VpcPeeringConnections[0], Peering][].Status.Code"


def _to_accept(scope: Scope) -> bool:
    pending = {"initiating-request", "pending-acceptance"}
    return scope.value("autoAccept") is True and (scope.planned or not pending.isdisjoint(scope.search(_STATES)))


def _failure(scope: Scope) -> list[str]:
    failed = scope.search("Peering.Status.Code") == "failed"
    return [f"the peering failed: {scope.search('Peering.Status.Message')}"] if failed else []


_ACCEPT = Call("AcceptVpcPeeringConnection", {"VpcPeeringConnectionId": own_id}, when=_to_accept)

# Its state is left out of the outputs: it moves with the acceptance, after the connection itself.
PEERING = Row(
    type="aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
    service="ec2",
    identity=Assigned(made="VpcPeeringConnection.VpcPeeringConnectionId", read="Peering.VpcPeeringConnectionId"),
    properties=(
        Property(name="vpcId", found="Peering.RequesterVpcInfo.VpcId", required=True, replaces=_PEERING),
        Property(name="peerVpcId", found="Peering.AccepterVpcInfo.VpcId", required=True, replaces=_PEERING),
        Property(name="peerRegion", found="Peering.AccepterVpcInfo.Region", computed=True, replaces=_PEERING),
        Property(name="peerOwnerId", found="Peering.AccepterVpcInfo.OwnerId", computed=True, replaces=_PEERING),
        Property(name="autoAccept", kind=BOOL),
    ),
    create=(
        Call(
            "CreateVpcPeeringConnection",
            {
                "VpcId": given("vpcId"),
                "PeerVpcId": given("peerVpcId"),
                "PeerRegion": given("peerRegion"),
                "PeerOwnerId": given("peerOwnerId"),
                "TagSpecifications": tag_specification("vpc-peering-connection"),
            },
        ),
        _ACCEPT,
    ),
    read=(_READ,),
    update=(Update(("autoAccept",), (_ACCEPT,)),),
    delete=(Call("DeleteVpcPeeringConnection", {"VpcPeeringConnectionId": own_id}),),
    tagging=ec2_tagging("Peering.Tags"),
    ill=_failure,
)

ACCEPTER = Row(
    type="aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
    service="ec2",
    identity=Named(("vpcPeeringConnectionId",)),
    properties=(
        Property(
            name="vpcPeeringConnectionId",
            found="Peering.VpcPeeringConnectionId",
            required=True,
            replaces=terraform("ec2/vpc_peering_connection_accepter.go"),
        ),
        Property(name="autoAccept", kind=BOOL),
        Property(name="acceptStatus", found="Peering.Status.Code", output=True, moves_with=("autoAccept",)),
        Property(name="vpcId", found="Peering.AccepterVpcInfo.VpcId", output=True),
        Property(name="peerVpcId", found="Peering.RequesterVpcInfo.VpcId", output=True),
        Property(name="peerRegion", found="Peering.RequesterVpcInfo.Region", output=True),
        Property(name="peerOwnerId", found="Peering.RequesterVpcInfo.OwnerId", output=True),
    ),
    # Adopted, not made: the requester makes it.
    create=(
        Call("DescribeVpcPeeringConnections", {"VpcPeeringConnectionIds": [given("vpcPeeringConnectionId")]}),
        _ACCEPT,
        Call("CreateTags", {"Resources": [own_id], "Tags": new_tags("Key")}, when=has_new_tags),
    ),
    read=(_READ,),
    update=(Update(("autoAccept",), (_ACCEPT,)),),
    # It goes with the requester's side; the provider only lets go of it.
    delete=(),
    tagging=ec2_tagging("Peering.Tags"),
)

ROWS = (PEERING, ACCEPTER)
