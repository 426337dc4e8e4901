"""Peering: a private way between the networks of two regions of a stack."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pulumi
import pulumi_aws as aws

from components.network.flows import FLOWS


@dataclass(frozen=True, kw_only=True)
class PeeringSide:
    """One region's end. `prefix` begins its physical names, `blocks` are its VPC's addresses: `vpc` and perhaps `pods`.

    `account_id` is the account of its VPC, which need not be the other side's.
    `security_group_id` is the group that nodes and pods carry; `route_tables` are ids by name, those of every subnet
    that speaks with the other region.
    """

    region: str
    aws_region: str
    prefix: str
    provider: pulumi.ProviderResource
    vpc_id: pulumi.Input[str]
    account_id: pulumi.Input[str]
    blocks: Mapping[str, str]
    route_tables: Mapping[str, pulumi.Input[str]]
    security_group_id: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class PeeringArgs:
    """The one that asks and the one that accepts; their blocks must not overlap, which AWS refuses."""

    requester: PeeringSide
    accepter: PeeringSide


class Peering(pulumi.ComponentResource):
    """A peering connection between two regions, with each side's routes and security-group rules.

    Resources carry the name and the provider of the side in whose AWS region they stand.
    """

    connection_id: pulumi.Output[str]

    def __init__(self, name: str, args: PeeringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:network:Peering", name, None, opts)
        requester, accepter = args.requester, args.accepter
        connection = aws.ec2.VpcPeeringConnection(
            f"{requester.region}-peer-{accepter.region}",
            vpc_id=requester.vpc_id,
            peer_vpc_id=accepter.vpc_id,
            peer_owner_id=accepter.account_id,  # AWS takes its own caller's account where none is named
            peer_region=accepter.aws_region,
            auto_accept=False,  # AWS: only the accepter's own region can accept
            tags={"Name": f"{requester.prefix}-{accepter.region}"},
            opts=self._at(requester),
        )
        accepted = aws.ec2.VpcPeeringConnectionAccepter(
            f"{accepter.region}-peer-{requester.region}",
            vpc_peering_connection_id=connection.id,
            auto_accept=True,
            tags={"Name": f"{accepter.prefix}-{requester.region}"},
            opts=self._at(accepter),
        )
        for own, other in ((requester, accepter), (accepter, requester)):
            self._routes(own, other, connection, accepted)
            self._rules(own, other)
        self.connection_id = connection.id
        self.register_outputs({"connection_id": self.connection_id})

    def _at(self, side: PeeringSide, after: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, provider=side.provider, depends_on=list(after))

    def _routes(
        self, own: PeeringSide, other: PeeringSide, connection: aws.ec2.VpcPeeringConnection, accepted: pulumi.Resource
    ) -> None:
        for table_name, table in own.route_tables.items():
            for block_name, block in other.blocks.items():
                aws.ec2.Route(
                    f"{own.region}-peer-{other.region}-{table_name}-{block_name}",
                    route_table_id=table,
                    destination_cidr_block=block,
                    vpc_peering_connection_id=connection.id,
                    # Until it is accepted, a route into the connection swallows what it is given.
                    opts=self._at(own, [accepted]),
                )

    def _rules(self, own: PeeringSide, other: PeeringSide) -> None:
        # By addresses: AWS cannot name a security group of another region's VPC. From the first block alone: what a pod
        # sends out of its VPC carries its node's address (the CNI's default), and a group takes only so many rules.
        for flow, port in FLOWS.items():
            aws.vpc.SecurityGroupIngressRule(
                f"{own.region}-peer-{other.region}-{flow}",
                security_group_id=own.security_group_id,
                description=f"{flow} from {other.region}",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                cidr_ipv4=other.blocks["vpc"],
                tags={"Name": f"{own.prefix}-{other.region}-{flow}"},
                opts=self._at(own),
            )


def pairs(regions: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every two regions once, the requester first by the alphabet: their order in the stack file changes nothing."""
    yield from combinations(sorted(regions), 2)
