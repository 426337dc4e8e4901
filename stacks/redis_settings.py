"""Settings of a region's Redis Cluster; defaults are the game's own published figures."""

from typing import Annotated

from pydantic import Field

from components.data.redis.config import MEMORY_LIMIT, MEMORY_REQUEST
from components.data.redis.shape import MIN_MASTERS, servers_of
from stacks.game_settings import Resources
from stacks.setting_types import Settings, Text, Whole

# More than a thousand nodes talk more to each other than to clients: redis.io/docs/latest/operate/oss_and_stack/scaling
_MOST_MASTERS = 100
# gp3: docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
_MOST_GIB = 16_384


class RedisSettings(Settings):
    """Redis Cluster of a region: sessions and the matchmaking queue; `{}` for the usual figures."""

    masters: Annotated[Whole, Field(ge=MIN_MASTERS, le=_MOST_MASTERS)] = Field(
        default=3,
        description="servers that share the keys, each with a replica in another zone; as many as keep a majority "
        "when a zone is lost: 3, 5 and more in three zones",
    )
    storage_gib: Annotated[Whole, Field(ge=1, le=_MOST_GIB)] = Field(
        default=5, description="size of each server's gp3 volume in GiB; it may grow at any time and never shrink"
    )
    requests: Resources = Field(
        default=Resources(cpu="250m", memory=MEMORY_REQUEST), description="what a server is promised"
    )
    limits: Resources = Field(
        default=Resources(cpu="500m", memory=MEMORY_LIMIT),
        description="what a server may use at most; its keys get about 0.64 of the memory",
    )
    settings: dict[Text, Text] = Field(
        default={}, description='lines that are added to redis.conf, such as maxmemory-policy: "noeviction"'
    )
    rotation: Annotated[Whole, Field(ge=0)] = Field(
        default=0, description="counts up for new passwords; the ones before stay valid until it counts up again"
    )
    scale_in_to: Annotated[Whole, Field(ge=MIN_MASTERS, le=_MOST_MASTERS)] | None = Field(
        default=None, description="masters that keep keys: the first of two steps to fewer masters"
    )

    @property
    def servers(self) -> int:
        """Masters and replicas together: pods, claims and volumes."""
        return servers_of(self.masters)
