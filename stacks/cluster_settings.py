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
    public_access_cidrs: Annotated[tuple[Network, ...], Unique, Field(min_length=1, max_length=40)] = Field(
        description="IPv4 blocks that may reach the public API endpoint; never the whole internet"
    )
    admins: Annotated[tuple[Principal, ...], Unique, Field(min_length=1)] = Field(
        description="IAM roles or users with cluster-admin access; the role that deploys must be one of them"
    )
    log_retention_days: LogRetentionDays = Field(description="days that control plane logs are kept in CloudWatch")


class NodePoolSettings(Settings):
    """One EKS managed node group, on demand, Amazon Linux 2023, x86-64."""

    workload: Literal["game-server", "database"] | None = Field(
        default=None,
        description="the only workload allowed on the pool (label workload-type, taint "
        "<workload>=true:NoSchedule); without it the pool takes system pods",
    )
    instance_types: Annotated[tuple[Text, ...], Unique, Field(min_length=1)] = Field(
        description="EC2 instance types, the preferred one first"
    )
    min_size: Annotated[Whole, Field(ge=0, le=450)] = Field(description="fewest nodes")
    desired_size: Annotated[Whole, Field(ge=0, le=450)] = Field(
        description="nodes at first creation; then left to scaling"
    )
    # docs.aws.amazon.com/eks/latest/userguide/service-quotas.html: 450 nodes per managed node group.
    max_size: Annotated[Whole, Field(ge=1, le=450)] = Field(description="most nodes")
    # The Amazon Linux 2023 image needs 20 GiB; gp3 ends at 64 TiB, of which no node has a use.
    disk_gib: Annotated[Whole, Field(ge=20, le=16384)] = Field(description="size of a node's gp3 root disk in GiB")
