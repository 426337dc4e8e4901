"""Settings of the load balancer by which players come into a region."""

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, Strict

from stacks.setting_types import Network, Settings, Unique, Whole

Generation = Literal["a", "b"]


class EntranceSettings(Settings):
    """The players' load balancer of a region: TCP 8080, UDP 8081 and TCP 443."""

    # 20 blocks by three listeners fill a security group's 60 rules.
    # docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    client_cidrs: Annotated[tuple[Network, ...], Unique, Field(min_length=1, max_length=20)] = Field(
        default=(IPv4Network("0.0.0.0/0"),), description="IPv4 blocks that players come from"
    )
    cross_zone: Annotated[bool, Strict()] = Field(
        description="send from each zone to the pods of all; false behind an accelerator, which chooses zones itself"
    )
    minimum_healthy: Annotated[Whole, Field(ge=1, le=1000)] = Field(
        default=1, description="healthy pods below which a zone leaves DNS"
    )
    weights: Annotated[dict[Generation, Annotated[Whole, Field(ge=0, le=999)]], Field(min_length=1, max_length=2)] = (
        Field(default={"a": 100}, description="share of new connections for each generation of the cluster")
    )
    generation: Generation = Field(default="a", description="generation that this region's cluster is")
