"""NodePools: a region's managed node groups, by name."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.karpenter.specs import user_data
from components.kube.placement import NODE_TYPE_LABEL, node_labels, node_taint
from components.node_kinds import AMI_TYPES, CAPACITY_TYPES, FEWEST_SPOT_TYPES, ROOT_DEVICE, SPOT, Arch, Capacity
from components.node_role import node_role

# docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html: EKS gives a node 15 minutes to drain,
# after about 5 in which its successor comes up; max_unavailable below makes it one node after the other.
UPDATE_MINUTES_PER_NODE = 20
LEAST_TIMEOUT_MINUTES = 60
# docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
NAME_LIMIT = 63


@dataclass(frozen=True, kw_only=True)
class NodePool:
    """One pool. `workload` keeps all other pods off its nodes; without it the pool takes system pods.

    `desired_size` counts at first creation only; `disk_gib` is the root disk in GiB. A `spot` pool takes only pods that
    tolerate to lose their node, and no workload. A `database` pool is a group in each zone, and its sizes are split
    evenly over them: its pods' volumes stay in their zone, so nodes in another zone are of no use to them.
    """

    workload: Literal["game-server", "database"] | None
    instance_types: tuple[str, ...]
    min_size: int
    desired_size: int
    max_size: int
    disk_gib: int
    arch: Arch = "amd64"
    capacity: Capacity = "on-demand"

    def __post_init__(self) -> None:
        if self.capacity == "spot" and self.workload is not None:
            raise ValueError(
                f"node pool: {self.workload} on spot capacity would lose its nodes at two minutes' notice; "
                "give on-demand capacity, or no workload"
            )
        if self.capacity == "spot" and len(self.instance_types) < FEWEST_SPOT_TYPES:
            raise ValueError(
                f"node pool: {len(self.instance_types)} instance types are too few for spot capacity; "
                f"give {FEWEST_SPOT_TYPES} or more"
            )

    @property
    def takes_system_pods(self) -> bool:
        """Whether pods without a toleration run on its nodes."""
        return self.workload is None and self.capacity == "on-demand"


@dataclass(frozen=True, kw_only=True)
class NodePoolsArgs:
    """`prefix` begins every physical name; subnets are ids by the subnets' own names, such as private-us-east-1a.

    `database_subnets` are those of database pools, None where they stand among the others. `release` is the release of
    the nodes' image, `<Kubernetes patch>-<day>`; `security_group` is the id of the nodes' group. `image_rights` is the
    policy by which nodes fill the region's image cache, None without one. `after` is what a node needs before it can
    join and run pods: the add-ons that nodes depend on, the CNI's rights, the rules of its security group, a way out to
    the network, and the image cache. `tags` go on every instance, volume and interface, which the provider's default
    tags do not reach.
    """

    prefix: str
    cluster_name: pulumi.Input[str]
    version: str
    subnets: Mapping[str, pulumi.Input[str]]
    pools: Mapping[str, NodePool]
    release: str
    security_group: pulumi.Input[str]
    database_subnets: Mapping[str, pulumi.Input[str]] | None = None
    image_rights: pulumi.Input[str] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    after: tuple[pulumi.Resource, ...] = ()

    def __post_init__(self) -> None:
        if not any(pool.takes_system_pods for pool in self.pools.values()):
            raise ValueError(
                "node_pools: every pool is kept for a workload, so CoreDNS and the other add-ons fit nowhere; "
                "add a pool without `workload`"
            )
        for name, pool in self.pools.items():
            for group in self.groups(name, pool):
                if len(group.physical_name) > NAME_LIMIT:
                    raise ValueError(
                        f"node_pools.{name}: the group's name {group.physical_name} has {len(group.physical_name)} "
                        f"characters, EKS takes {NAME_LIMIT}; shorten the name of the pool, region or game"
                    )

    def groups(self, name: str, pool: NodePool) -> list["NodeGroup"]:
        """The managed groups of a pool: one, or for databases one per zone. ValueError if its sizes do not split."""
        if pool.workload != "database":
            return [NodeGroup(name, pool, self.subnets, group_name(self.prefix, name, pool, self.subnets))]
        subnets = self.subnets if self.database_subnets is None else self.database_subnets
        share = zone_share(name, pool, len(subnets))
        groups = []
        for subnet, subnet_id in subnets.items():
            here, zonal = {subnet: subnet_id}, f"{name}-{zone_of(subnet)}"
            groups.append(NodeGroup(zonal, share, here, group_name(self.prefix, zonal, share, here)))
        return groups


@dataclass(frozen=True)
class NodeGroup:
    """One managed group of a pool: its own part of the logical name, sizes, subnets by name, and the name on AWS."""

    name: str
    pool: NodePool
    subnets: Mapping[str, pulumi.Input[str]]
    physical_name: str


class NodePools(pulumi.ComponentResource):
    """One node role, and per pool a launch template and its managed node groups."""

    def __init__(self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:cluster:NodePools", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        role, rights = node_role(
            f"{name}-node", f"{args.prefix}-node", f"Nodes of {args.prefix}", args.image_rights, self._child
        )
        for pool_name, pool in args.pools.items():
            template = self._launch_template(name, args, pool_name, pool)
            for group in args.groups(pool_name, pool):
                self._group(name, args, group, role, template, (*rights, *args.after))
        self.register_outputs({})

    def _launch_template(
        self, name: str, args: NodePoolsArgs, pool_name: str, pool: NodePool
    ) -> aws.ec2.LaunchTemplate:
        tags = {"Name": f"{args.prefix}-{pool_name}"}
        launched = {**args.tags, **tags}
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
            # The worlds' socket buffers; EKS adds its own part, by which nodeadm joins the node to the cluster.
            user_data=_encoded(user_data()) if pool.workload == "game-server" else None,
            vpc_security_group_ids=[args.security_group],
            # The provider's default tags reach the template, but not what is launched from it.
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=resource, tags=launched)
                for resource in ("instance", "volume", "network-interface")
            ],
            tags=tags,
            opts=self._child,
        )

    def _group(
        self,
        name: str,
        args: NodePoolsArgs,
        group: NodeGroup,
        role: aws.iam.Role,
        template: aws.ec2.LaunchTemplate,
        after: tuple[pulumi.Resource, ...],
    ) -> None:
        pool = group.pool
        aws.eks.NodeGroup(
            f"{name}-pool-{group.name}",
            cluster_name=args.cluster_name,
            node_group_name=group.physical_name,
            node_role_arn=role.arn,
            subnet_ids=list(group.subnets.values()),
            version=args.version,
            release_version=args.release,
            ami_type=AMI_TYPES[pool.arch],
            capacity_type=CAPACITY_TYPES[pool.capacity],
            instance_types=list(pool.instance_types),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=pool.min_size, desired_size=pool.desired_size, max_size=pool.max_size
            ),
            # By id and version: a new version of the template rolls the nodes in place and never replaces the group.
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            labels=pool_labels(pool),
            taints=_taints(pool),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            tags={"Name": f"{args.prefix}-{group.name}"},
            # The autoscaler owns the size after birth; without this each `up` would set it back.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(after),
                ignore_changes=["scalingConfig.desiredSize"],
                custom_timeouts=group_timeouts(pool),
            ),
        )


def group_name(prefix: str, pool_name: str, pool: NodePool, subnets: Iterable[str]) -> str:
    """`<prefix>-<pool>-<generation>`: six hex digits over what EKS can only change by replacing the group.

    With one fixed name the new group could not be made beside the old one, and all its nodes would be gone in between.
    """
    fixed = [AMI_TYPES[pool.arch], CAPACITY_TYPES[pool.capacity], list(pool.instance_types), sorted(subnets)]
    generation = hashlib.sha256(json.dumps(fixed).encode()).hexdigest()[:6]
    return f"{prefix}-{pool_name}-{generation}"


def zone_share(name: str, pool: NodePool, zones: int) -> NodePool:
    """A pool's part in one of so many zones. ValueError if a size does not split evenly."""
    sizes = {"min_size": pool.min_size, "desired_size": pool.desired_size, "max_size": pool.max_size}
    uneven = [f"{size} {figure}" for size, figure in sizes.items() if figure % zones]
    if uneven:
        raise ValueError(
            f"node_pools.{name}: {', '.join(uneven)} cannot be split evenly over {zones} zones, "
            f"in each of which a database pool has a group; give multiples of {zones}"
        )
    return replace(
        pool,
        min_size=pool.min_size // zones,
        desired_size=pool.desired_size // zones,
        max_size=pool.max_size // zones,
    )


def zone_of(subnet: str) -> str:
    """The zone in a subnet's own name, `<kind>-<zone>`."""
    return subnet.partition("-")[2]


def group_timeouts(pool: NodePool) -> pulumi.CustomTimeouts:
    """How long a change may take: an update replaces every node after its drain, a deletion drains all at once."""
    update = max(LEAST_TIMEOUT_MINUTES, UPDATE_MINUTES_PER_NODE * pool.max_size)
    return pulumi.CustomTimeouts(update=f"{update}m", delete=f"{LEAST_TIMEOUT_MINUTES}m")


def pool_labels(pool: NodePool) -> dict[str, str] | None:
    """Labels of a pool's nodes; None for the system pool, which pods choose by having no toleration."""
    if pool.capacity == "spot":
        return {NODE_TYPE_LABEL: SPOT}
    return None if pool.workload is None else node_labels(pool.workload)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _taints(pool: NodePool) -> list[aws.eks.NodeGroupTaintArgs] | None:
    kept_for = SPOT if pool.capacity == "spot" else pool.workload
    if kept_for is None:
        return None
    key, value = node_taint(kept_for)
    return [aws.eks.NodeGroupTaintArgs(key=key, value=value, effect="NO_SCHEDULE")]
