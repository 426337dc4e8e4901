"""NodeSecurity: the security group of a region's nodes, and its rules from the table in `components.ports`."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ports import API_SERVER_PORT, PortRule, Source, node_rules
from components.tags import DISCOVERY_TAG

ANYWHERE = "0.0.0.0/0"
# AWS refuses other characters in a description: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
_SOURCES: dict[Source, str] = {
    "control-plane": "API server",
    "nodes": "other nodes",
    "load-balancer": "players and health checks",
}


@dataclass(frozen=True, kw_only=True)
class NodeSecurityArgs:
    """`prefix` begins the group's name; `control_plane_group` is the group that EKS made for the cluster.

    `addons` are the charts and EKS add-ons of the region, by the names of `components.ports`. `load_balancer_group` is
    the group of the load balancer for players; None where the region has none.
    """

    prefix: str
    cluster_name: str
    vpc_id: pulumi.Input[str]
    control_plane_group: pulumi.Input[str]
    addons: tuple[str, ...]
    load_balancer_group: pulumi.Input[str] | None = None


class NodeSecurity(pulumi.ComponentResource):
    """The one security group of every node; `group_id` goes into launch templates, Karpenter finds it by its tag.

    The group that EKS makes stays with the control plane alone. It lets everything through between its members and
    cannot be narrowed (EKS puts its rules back): nodes in it would be open to all of the API server and each other.
    """

    group_id: pulumi.Output[str]

    def __init__(self, name: str, args: NodeSecurityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:cluster:NodeSecurity", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        group = self._group(name, args)
        for rule in node_rules(args.addons, load_balancer=args.load_balancer_group is not None):
            self._rule(name, args, group, rule)
        self._api_server(name, args, group)
        self._way_out(name, args, group)

        self.group_id = group.id
        self.register_outputs({"group_id": self.group_id})

    def _group(self, name: str, args: NodeSecurityArgs) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            f"{name}-nodes",
            name=f"{args.prefix}-nodes",
            description="Nodes of the cluster",  # a change would replace the group
            vpc_id=args.vpc_id,
            tags={
                "Name": f"{args.prefix}-nodes",
                # The load balancer controller wants exactly one group with this tag on a node's interfaces. EKS tags
                # its own group too, which is why no node may be in both.
                f"kubernetes.io/cluster/{args.cluster_name}": "owned",
                DISCOVERY_TAG: args.cluster_name,
            },
            opts=self._child,
        )

    def _rule(self, name: str, args: NodeSecurityArgs, group: aws.ec2.SecurityGroup, rule: PortRule) -> None:
        sources: dict[Source, pulumi.Input[str] | None] = {
            "control-plane": args.control_plane_group,
            "nodes": group.id,
            "load-balancer": args.load_balancer_group,
        }
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-nodes-from-{rule.source}-{rule.ports.label}",
            security_group_id=group.id,
            referenced_security_group_id=sources[rule.source],
            ip_protocol=rule.ports.protocol,
            from_port=rule.ports.first,
            to_port=rule.ports.last,
            description=f"{_SOURCES[rule.source]}: {', '.join(rule.users)}",
            tags={"Name": f"{args.prefix}-nodes-from-{rule.source}-{rule.ports.label}"},
            opts=self._child,
        )

    def _api_server(self, name: str, args: NodeSecurityArgs, group: aws.ec2.SecurityGroup) -> None:
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-control-plane-from-nodes",
            security_group_id=args.control_plane_group,
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=API_SERVER_PORT,
            to_port=API_SERVER_PORT,
            description="Nodes and pods to the API server",
            tags={"Name": f"{args.prefix}-control-plane-from-nodes"},
            opts=self._child,
        )

    def _way_out(self, name: str, args: NodeSecurityArgs, group: aws.ec2.SecurityGroup) -> None:
        # Registries and AWS's services have no fixed addresses; what a pod may reach is for NetworkPolicies to say.
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-nodes-way-out",
            security_group_id=group.id,
            ip_protocol="-1",
            cidr_ipv4=ANYWHERE,
            description="Registries and AWS services",
            tags={"Name": f"{args.prefix}-nodes-way-out"},
            opts=self._child,
        )
