"""NodePools: a region's managed node groups, by name."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.kube.placement import node_labels, node_taint
from components.policies import managed, trust

AMI_TYPE = "AL2023_x86_64_STANDARD"
ROOT_DEVICE = "/dev/xvda"  # of Amazon Linux 2023
CAPACITY_TYPE = "ON_DEMAND"  # a spot interruption ends a world two minutes after its notice
# docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
NAME_LIMIT = 63
# docs.aws.amazon.com/eks/latest/userguide/create-node-role.html; the last one is the way in without SSH or open ports.
NODE_POLICIES = (
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonSSMManagedInstanceCore",
)


@dataclass(frozen=True, kw_only=True)
class NodePool:
    """One managed group. `workload` keeps all other pods off its nodes; without it the pool takes system pods.

    `desired_size` counts at first creation only; `disk_gib` is the root disk in GiB.
    """

    workload: Literal["game-server", "database"] | None
    instance_types: tuple[str, ...]
    min_size: int
    desired_size: int
    max_size: int
    disk_gib: int


@dataclass(frozen=True, kw_only=True)
class NodePoolsArgs:
    """`prefix` begins every physical name; `subnets` are ids by the subnets' own names, such as private-us-east-1a.

    `after` is what a node needs before it can join: the add-ons that nodes depend on, and a way out to the network.
    """

    prefix: str
    cluster_name: pulumi.Input[str]
    version: str
    subnets: Mapping[str, pulumi.Input[str]]
    pools: Mapping[str, NodePool]
    after: tuple[pulumi.Resource, ...] = ()

    def __post_init__(self) -> None:
        if all(pool.workload for pool in self.pools.values()):
            raise ValueError(
                "node_pools: every pool is kept for a workload, so CoreDNS and the other add-ons fit nowhere; "
                "add a pool without `workload`"
            )
        for name, pool in self.pools.items():
            physical = group_name(self.prefix, name, pool, self.subnets)
            if len(physical) > NAME_LIMIT:
                raise ValueError(
                    f"node_pools.{name}: the group's name {physical} has {len(physical)} characters, "
                    f"EKS takes {NAME_LIMIT}; shorten the name of the pool, region or game"
                )


class NodePools(pulumi.ComponentResource):
    """One node role, and per pool a launch template and a managed node group."""

    def __init__(self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:cluster:NodePools", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        role, role_policies = self._role(name, args)
        for pool_name, pool in args.pools.items():
            template = self._launch_template(name, args, pool_name, pool)
            self._group(name, args, pool_name, pool, role, template, (*role_policies, *args.after))
        self.register_outputs({})

    def _role(self, name: str, args: NodePoolsArgs) -> tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]:
        role = aws.iam.Role(
            f"{name}-node",
            name=f"{args.prefix}-node",
            description=f"Nodes of {args.prefix}",
            assume_role_policy=trust("ec2.amazonaws.com"),
            opts=self._child,
        )
        attachments = [
            aws.iam.RolePolicyAttachment(
                f"{name}-node-{policy}", role=role.name, policy_arn=managed(policy), opts=self._child
            )
            for policy in NODE_POLICIES
        ]
        return role, attachments

    def _launch_template(
        self, name: str, args: NodePoolsArgs, pool_name: str, pool: NodePool
    ) -> aws.ec2.LaunchTemplate:
        tags = {"Name": f"{args.prefix}-{pool_name}"}
        return aws.ec2.LaunchTemplate(
            f"{name}-pool-{pool_name}",
            name=f"{args.prefix}-{pool_name}",
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                # One hop ends at the node: a pod cannot fetch the node's own credentials.
                http_put_response_hop_limit=1,
            ),
            block_device_mappings=[
                aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name=ROOT_DEVICE,
                    ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=pool.disk_gib,
                        encrypted="true",
                        delete_on_termination="true",
                    ),
                )
            ],
            # The provider's default tags reach the template, but not what is launched from it.
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=resource, tags=tags)
                for resource in ("instance", "volume", "network-interface")
            ],
            tags=tags,
            opts=self._child,
        )

    def _group(
        self,
        name: str,
        args: NodePoolsArgs,
        pool_name: str,
        pool: NodePool,
        role: aws.iam.Role,
        template: aws.ec2.LaunchTemplate,
        after: tuple[pulumi.Resource, ...],
    ) -> None:
        aws.eks.NodeGroup(
            f"{name}-pool-{pool_name}",
            cluster_name=args.cluster_name,
            node_group_name=group_name(args.prefix, pool_name, pool, args.subnets),
            node_role_arn=role.arn,
            subnet_ids=list(args.subnets.values()),
            version=args.version,
            ami_type=AMI_TYPE,
            capacity_type=CAPACITY_TYPE,
            instance_types=list(pool.instance_types),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=pool.min_size, desired_size=pool.desired_size, max_size=pool.max_size
            ),
            # By id and version: a new version of the template rolls the nodes in place and never replaces the group.
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            labels=None if pool.workload is None else node_labels(pool.workload),
            taints=_taints(pool),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            tags={"Name": f"{args.prefix}-{pool_name}"},
            # The autoscaler owns the size after birth; without this each `up` would set it back.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(after), ignore_changes=["scalingConfig.desiredSize"]
            ),
        )


def group_name(prefix: str, pool_name: str, pool: NodePool, subnets: Iterable[str]) -> str:
    """`<prefix>-<pool>-<generation>`: six hex digits over what EKS can only change by replacing the group.

    With one fixed name the new group could not be made beside the old one, and all its nodes would be gone in between.
    """
    fixed = [AMI_TYPE, CAPACITY_TYPE, list(pool.instance_types), sorted(subnets)]
    generation = hashlib.sha256(json.dumps(fixed).encode()).hexdigest()[:6]
    return f"{prefix}-{pool_name}-{generation}"


def _taints(pool: NodePool) -> list[aws.eks.NodeGroupTaintArgs] | None:
    if pool.workload is None:
        return None
    key, value = node_taint(pool.workload)
    return [aws.eks.NodeGroupTaintArgs(key=key, value=value, effect="NO_SCHEDULE")]
