"""Settings of a region's platform add-ons."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, Strict

from stacks.network_settings import Domain
from stacks.setting_types import Settings

# docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html (Id: at most 32 characters)
_ZONE_ID = re.compile(r"Z[0-9A-Z]{1,31}", re.ASCII)
# What Let's Encrypt takes: one address, no display name. RFC 5321: 64 characters before the @, 254 in all.
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII
)
_EMAIL_LIMIT = 254


def _zone_id(value: str) -> str:
    if not _ZONE_ID.fullmatch(value):
        raise ValueError("is no hosted zone id; give Route 53's own, such as Z0123456789ABCDEFGHIJ")
    return value


def _email(value: str) -> str:
    if len(value) > _EMAIL_LIMIT or not _EMAIL.fullmatch(value):
        raise ValueError("is no e-mail address; give one such as platform@mmorpg-game.com")
    return value


Email = Annotated[str, Strict(), AfterValidator(_email)]


class DnsZoneSettings(Settings):
    """A public hosted zone that is there already."""

    zone_id: Annotated[str, Strict(), AfterValidator(_zone_id)] = Field(
        description="Route 53's id of the zone, such as Z0123456789ABCDEFGHIJ"
    )
    domain: Domain = Field(description="name of the zone, such as us-east.mmorpg-game.com")


class PlatformSettings(Settings):
    """Add-ons that stand in every region's cluster; `{}` for those that need no figure."""

    dns_zone: DnsZoneSettings | None = Field(
        default=None,
        description="zone whose records follow the cluster's Services; left out where the stack has an edge, which "
        "makes the region's zone; with neither there is no ExternalDNS",
    )
    acme_email: Email | None = Field(
        default=None,
        description="whom Let's Encrypt warns before a certificate runs out; without it there is no issuer",
    )
