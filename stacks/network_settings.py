"""Settings of a region's place and network, and of the edge above the regions."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

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


Domain = Annotated[str, Strict(), AfterValidator(_domain)]


class AwsSettings(Settings):
    """Where on AWS something stands."""

    region: Text = Field(description="AWS region, such as us-east-1")


class NetworkSettings(Settings):
    """A region's own VPC: two subnets, public and private, in each zone."""

    cidr: Network = Field(description="IPv4 block of the VPC, /16 to /20, no other region's")
    zones: Annotated[tuple[Text, ...], Unique, Field(min_length=2)] = Field(
        description="availability zones of the AWS region, at least two (EKS asks for two)"
    )
    nat: Literal["none", "one", "per-zone"] = Field(
        description="NAT gateways for the private subnets: none, one for all, or one in each zone"
    )


class EdgeSettings(Settings):
    """What stands above the regions: the stack's own DNS zone, with a delegated zone per region."""

    aws: AwsSettings = Field(description="AWS region that the edge's own API calls go to")
    domain: Domain = Field(description="DNS zone of the stack; each region gets <region>.<domain>")
