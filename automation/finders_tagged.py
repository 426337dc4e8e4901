"""Finders of objects that get their id from AWS and have no name: by the tag with the URN they were made for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import boto3

from automation.tagged_objects import keys_of
from stacks.tags import GAME_TAG, URN_TAG, tag_value

Candidates = Callable[[boto3.Session, str, "str | None"], Iterator[str]]
"""Ids of all objects that carry a URN, and no other game's tag."""


def _tagged_ec2(session: boto3.Session, urn: str, game: str | None) -> Iterator[str]:
    found = _tags_of_ec2(session, key=URN_TAG, value=tag_value(urn))
    games = _tags_of_ec2(session, **{"key": GAME_TAG, "resource-id": found}) if found else {}
    for id_ in found:
        if games.get(id_, game) == game and _lives(session, id_):
            yield id_


def _tags_of_ec2(session: boto3.Session, **wanted: str | Collection[str]) -> dict[str, str]:
    """Values of the tags that match, by id of the object."""
    filters = [
        {"Name": name, "Values": [value] if isinstance(value, str) else list(value)} for name, value in wanted.items()
    ]
    pages = session.client("ec2").get_paginator("describe_tags").paginate(Filters=filters)
    return {tag["ResourceId"]: tag["Value"] for page in pages for tag in page["Tags"]}


def _lives(session: boto3.Session, id_: str) -> bool:
    """Tags outlive a deleted NAT gateway or peering connection for an hour or two."""
    if id_.startswith("pcx-"):
        return peering_status(session, id_) in ("pending-acceptance", "active")
    if not id_.startswith("nat-"):
        return True
    gateways = session.client("ec2").describe_nat_gateways(NatGatewayIds=[id_])["NatGateways"]
    return any(gateway["State"] in ("pending", "available") for gateway in gateways)


def peering_status(session: boto3.Session, id_: str) -> str:
    """EC2's word for where a peering connection is; "deleted" for one that it no longer knows."""
    found = session.client("ec2").describe_vpc_peering_connections(VpcPeeringConnectionIds=[id_])
    return next((str(peering["Status"]["Code"]) for peering in found["VpcPeeringConnections"]), "deleted")


def _kms_key(session: boto3.Session, urn: str, game: str | None) -> Iterator[str]:
    kms = session.client("kms")
    for key in keys_of(session):
        ours = key.tags.get(URN_TAG) == tag_value(urn) and key.tags.get(GAME_TAG, game) == game
        if ours and kms.describe_key(KeyId=key.id)["KeyMetadata"]["KeyState"] != "PendingDeletion":
            yield key.id


_TAGGED_EC2 = (
    "ec2/vpc:Vpc", "ec2/subnet:Subnet", "ec2/internetGateway:InternetGateway", "ec2/eip:Eip",
    "ec2/natGateway:NatGateway", "ec2/routeTable:RouteTable", "ec2/securityGroup:SecurityGroup",
    "ec2/launchTemplate:LaunchTemplate", "ec2/vpcEndpoint:VpcEndpoint", "ec2/flowLog:FlowLog",
    "ec2/vpcPeeringConnection:VpcPeeringConnection",
)  # fmt: skip

TAGGED: dict[str, Candidates] = {
    **{f"aws:{type_}": _tagged_ec2 for type_ in _TAGGED_EC2},
    "aws:kms/key:Key": _kms_key,
}
