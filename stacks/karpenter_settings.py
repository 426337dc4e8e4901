"""Settings of a region's Karpenter: which nodes it may build, and when it leaves them alone."""

import re
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from stacks.game_settings import Resources
from stacks.setting_types import Name, Settings, Text, Unique, Whole

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)

# It walks hundreds of files: 60 ms each time.
_time_zones = cache(available_timezones)


def _clock(value: str) -> str:
    if not _CLOCK.fullmatch(value):
        raise ValueError('is no time of day; give hours and minutes in quotes, such as "17:00"')
    return value


def _time_zone(value: str) -> str:
    if value not in _time_zones():
        raise ValueError("is no time zone of the IANA database; give one such as America/New_York")
    return value


class PeakSettings(Settings):
    """The hours of the day in which most players are on."""

    start: Annotated[Text, AfterValidator(_clock)] = Field(description='begin in local time, such as "17:00"')
    hours: Annotated[Whole, Field(ge=1, le=12)] = Field(description="length in hours")
    time_zone: Annotated[Text, AfterValidator(_time_zone)] = Field(
        description="IANA name of the players' time zone; daylight saving is allowed for"
    )


class KarpenterPoolSettings(Settings):
    """One NodePool; a database pool becomes one in each zone."""

    workload: Literal["game-server", "database"] | None = Field(
        default=None,
        description="the only workload allowed on the pool, on demand, never expired; without it the pool is for "
        "services that tolerate spot=true:NoSchedule, on spot where there is any",
    )
    arch: Literal["amd64", "arm64"] = Field(
        default="amd64", description="processor architecture; images must be built for each one that a pod may meet"
    )
    families: Annotated[tuple[Text, ...], Unique, Field(min_length=1)] = Field(
        description="EC2 instance families, each in all `sizes`"
    )
    sizes: Annotated[tuple[Text, ...], Unique, Field(min_length=1)] = Field(
        description="instance sizes, each of all `families`"
    )
    limits: Resources = Field(
        default=Resources(cpu="1000", memory="1000Gi"), description="what all nodes of the pool may have together"
    )


class KarpenterSettings(Settings):
    """Karpenter beside the managed node pools."""

    peak: PeakSettings = Field(
        description="hours in which no node is replaced for a new image, and nodes of players and data go only if empty"
    )
    pools: Annotated[dict[Name, KarpenterPoolSettings], Field(min_length=1)] = Field(
        description="pools that Karpenter fills, by name"
    )
