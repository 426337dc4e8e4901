"""Settings of a region's cluster and its node pools."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.setting_types import Network, Principal, Settings, Text, Unique, Whole

# docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]


class ClusterSettings(Settings):
    """The EKS control plane."""

    version: Text = Field(description="Kubernetes minor version, in quotes, one that stacks/versions.py knows")
    # EKS service quotas: 40 public access ranges per cluster.
    public_access_cidrs: Annotated[tuple[Network, ...], Unique, Field(max_length=40)] = Field(
        description="IPv4 blocks that may reach the public API endpoint, never the whole internet; with none the API "
        "answers inside the VPC only"
    )
    admins: Annotated[tuple[Principal, ...], Unique, Field(min_length=1)] = Field(
        description="IAM roles or users with cluster-admin access; the role that deploys must be one of them"
    )
    viewers: Annotated[tuple[Principal, ...], Unique] = Field(
        default=(), description="IAM roles or users that see everything in the cluster but Secrets, and change nothing"
    )
    log_retention_days: LogRetentionDays = Field(description="days that control plane logs are kept in CloudWatch")
    support: Literal["standard", "extended"] = Field(
        default="standard",
        description="what happens when the version's standard support ends: standard (EKS upgrades the cluster) or "
        "extended (it stays, at six times the price)",
    )
    control_plane_tier: Literal["standard", "tier-xl", "tier-2xl", "tier-4xl", "tier-8xl"] = Field(
        default="standard",
        description="capacity of the API server: standard (grows by itself) or one provisioned and paid by the hour",
    )
    autoscaler: Literal["none", "cluster-autoscaler"] = Field(
        default="none",
        description="what changes the size of managed pools between min_size and max_size: none (Karpenter adds nodes "
        "of its own where the region has it) or cluster-autoscaler",
    )


class NodePoolSettings(Settings):
    """One pool of EKS managed nodes with Amazon Linux 2023; a database pool is a node group in each zone."""

    workload: Literal["game-server", "database"] | None = Field(
        default=None,
        description="the only workload allowed on the pool (label workload-type, taint "
        "<workload>=true:NoSchedule); without it the pool takes system pods",
    )
    capacity: Literal["on-demand", "spot"] = Field(
        default="on-demand",
        description="on-demand, or spot for stateless pods that tolerate to lose their node (label node-type=spot, "
        "taint spot=true:NoSchedule)",
    )
    arch: Literal["amd64", "arm64"] = Field(
        default="amd64", description="processor architecture; images must be built for each one that a pod may meet"
    )
    instance_types: Annotated[tuple[Text, ...], Unique, Field(min_length=1)] = Field(
        description="EC2 instance types, the preferred one first; three or more for spot"
    )
    min_size: Annotated[Whole, Field(ge=0, le=450)] = Field(
        description="fewest nodes, of a database pool over all zones"
    )
    desired_size: Annotated[Whole, Field(ge=0, le=450)] = Field(
        description="nodes at first creation; then left to scaling"
    )
    # docs.aws.amazon.com/eks/latest/userguide/service-quotas.html: 450 nodes per managed node group.
    max_size: Annotated[Whole, Field(ge=1, le=450)] = Field(description="most nodes")
    # The Amazon Linux 2023 image needs 20 GiB; gp3 ends at 64 TiB, of which no node has a use.
    disk_gib: Annotated[Whole, Field(ge=20, le=16384)] = Field(description="size of a node's gp3 root disk in GiB")
