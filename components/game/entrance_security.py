"""EntranceSecurity: who may reach the players' load balancer, and what it may reach.

It is made before the nodes, whose own group must admit it; so it names them by address and not by their group.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.game.entrance_spec import WAYS
from components.ports import FROM_LOAD_BALANCER, Ports


@dataclass(frozen=True, kw_only=True)
class EntranceSecurityArgs:
    """`prefix` is the region's `<game>-<region>`. Players come from `client_cidrs`; `pod_blocks` hold pods, by name."""

    prefix: str
    vpc_id: pulumi.Input[str]
    client_cidrs: tuple[str, ...]
    pod_blocks: Mapping[str, str]


class EntranceSecurity(pulumi.ComponentResource):
    """The security group of the load balancer; `group_id` is what the nodes' group must let in."""

    group_id: pulumi.Output[str]

    def __init__(self, name: str, args: EntranceSecurityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:game:EntranceSecurity", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            f"{name}-entrance",
            name=f"{args.prefix}-entrance",
            description="Load balancer for players",  # a change would replace the group
            vpc_id=args.vpc_id,
            tags={"Name": f"{args.prefix}-entrance"},
            opts=self._child,
        )
        for way in WAYS:
            for cidr in args.client_cidrs:
                self._way_in(name, args, group, way.protocol.lower(), way.port, cidr)
        for block, cidr in args.pod_blocks.items():
            for user, ranges in FROM_LOAD_BALANCER.items():
                for ports in ranges:
                    self._way_on(name, args, group, ports, user, block, cidr)
        self.group_id = group.id
        self.register_outputs({"group_id": self.group_id})

    def _way_in(
        self,
        name: str,
        args: EntranceSecurityArgs,
        group: aws.ec2.SecurityGroup,
        protocol: str,
        port: int,
        cidr: str,
    ) -> None:
        rule = f"entrance-{protocol}-{port}-from-{_block(cidr)}"
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-{rule}",
            security_group_id=group.id,
            description="players",
            ip_protocol=protocol,
            from_port=port,
            to_port=port,
            cidr_ipv4=cidr,
            tags={"Name": f"{args.prefix}-{rule}"},
            opts=self._child,
        )

    def _way_on(
        self,
        name: str,
        args: EntranceSecurityArgs,
        group: aws.ec2.SecurityGroup,
        ports: Ports,
        user: str,
        block: str,
        cidr: str,
    ) -> None:
        rule = f"entrance-to-{block}-{ports.label}"
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-{rule}",
            security_group_id=group.id,
            description=f"{user}: players and health checks",
            ip_protocol=ports.protocol,
            from_port=ports.first,
            to_port=ports.last,
            cidr_ipv4=cidr,
            tags={"Name": f"{args.prefix}-{rule}"},
            opts=self._child,
        )


def _block(cidr: str) -> str:
    """An IPv4 block as part of a name: 10.10.0.0-16."""
    return cidr.replace("/", "-")
