"""Settings of a region's place and network, and of the edge above the regions."""

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from stacks.aws_settings import AccountId, AwsSettings
from stacks.cluster_settings import LogRetentionDays
from stacks.setting_types import Network, Settings, Text, Unique

# docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html: labels of 63, 255 bytes in all.
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)
_DOMAIN_LIMIT = 200  # leaves room for the names of regions and services below it


def _domain(value: str) -> str:
    if len(value) > _DOMAIN_LIMIT or not _DOMAIN.fullmatch(value):
        raise ValueError(
            f"is no domain; give a lower-case DNS name of at most {_DOMAIN_LIMIT} characters, such as mmorpg-game.com"
        )
    return value


def _id_of(kind: str) -> Callable[[str], str]:
    # EC2 has ids of 8 and, since 2018, of 17 hexadecimal digits.
    wanted = re.compile(rf"{kind}-([0-9a-f]{{8}}|[0-9a-f]{{17}})", re.ASCII)

    def check(value: str) -> str:
        if not wanted.fullmatch(value):
            raise ValueError(f"is no id; give one such as {kind}-0a1b2c3d4e5f60718")
        return value

    return check


Domain = Annotated[str, Strict(), AfterValidator(_domain)]
VpcId = Annotated[str, Strict(), AfterValidator(_id_of("vpc"))]
SubnetId = Annotated[str, Strict(), AfterValidator(_id_of("subnet"))]
RouteTableId = Annotated[str, Strict(), AfterValidator(_id_of("rtb"))]
# docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
EndpointService = Literal[
    "autoscaling",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "secretsmanager",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
]


class FlowLogSettings(Settings):
    """Records of who spoke to whom in the VPC, kept in CloudWatch."""

    traffic: Literal["REJECT", "ALL"] = Field(description="what is recorded: only what was refused, or everything")
    retention_days: LogRetentionDays = Field(description="days that the records are kept")


class SubnetSettings(Settings):
    """A subnet that somebody else made."""

    id: SubnetId = Field(description="the subnet's id")
    cidr: Network = Field(description="its IPv4 block, by which the address plan is checked")


class ExistingNetworkSettings(Settings):
    """A VPC that somebody else made, such as a landing zone; subnets by zone, one in each."""

    vpc: VpcId = Field(description="id of the VPC; network.cidr is its block")
    account_id: AccountId = Field(description="account that the region is made in, which may be another than the VPC's")
    public: dict[Text, SubnetSettings] = Field(description="subnets of load balancers")
    private: dict[Text, SubnetSettings] = Field(description="subnets of nodes")
    pods: dict[Text, SubnetSettings] | None = Field(
        default=None, description="subnets of pods, within network.pods; without, pods share the nodes' subnets"
    )
    database: dict[Text, SubnetSettings] | None = Field(default=None, description="subnets of database nodes")
    control_plane: dict[Text, SubnetSettings] | None = Field(
        default=None, description="subnets of the control plane's interfaces"
    )
    route_tables: Annotated[tuple[RouteTableId, ...], Unique] = Field(
        default=(),
        description="route tables of these subnets, which get the way to S3 and to other regions; none in a VPC that "
        "another account shares, as its owner alone may give them one",
    )


class NetworkSettings(Settings):
    """A region's VPC: its own, or one that exists."""

    cidr: Network = Field(description="IPv4 block of the VPC, /16 to /20, no other region's")
    zones: Annotated[tuple[Text, ...], Unique, Field(min_length=2)] = Field(
        description="availability zones of the AWS region, at least two (EKS asks for two)"
    )
    nat: Literal["none", "one", "per-zone"] = Field(
        description="NAT gateways for the private subnets: none, one for all, or one in each zone"
    )
    pods: Network | None = Field(
        default=None,
        description="second block of the VPC, for pods alone, /16 to /20 of 100.64.0.0/10, no other region's; without, "
        "pods take addresses of their node's subnet",
    )
    own_subnets: Annotated[tuple[Literal["control-plane", "database"], ...], Unique] = Field(
        default=(), description="what has subnets of its own; the rest stands in the private ones"
    )
    interface_endpoints: Annotated[tuple[EndpointService, ...], Unique] = Field(
        default=(), description="AWS services reached by an interface in each zone instead of NAT; S3 always is, free"
    )
    flow_logs: FlowLogSettings | None = Field(default=None, description="records of the VPC's traffic, if wanted")
    existing: ExistingNetworkSettings | None = Field(
        default=None, description="a VPC to stand in instead of one of the region's own"
    )


class EdgeSettings(Settings):
    """What stands above the regions: the stack's own DNS zone, with a delegated zone per region."""

    aws: AwsSettings = Field(description="AWS region that the edge's own API calls go to")
    domain: Domain = Field(description="DNS zone of the stack; each region gets <region>.<domain>")
