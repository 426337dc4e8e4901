"""What a region's data systems take of its namespace's quota, by system and by the quota's own fields."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from stacks.check_backup import backup_needs
from stacks.check_brokers import postgres_needs, rabbitmq_needs
from stacks.check_mysql import mysql_needs
from stacks.check_redis import redis_needs

if TYPE_CHECKING:
    from stacks.settings import RegionSettings

Needs: TypeAlias = Mapping[str, int]
"""By field of the quota: processor time in millicores, memory and storage in KiB, all else in numbers of objects."""


def data_needs(region: "RegionSettings") -> dict[str, Needs]:
    """Each system's needs; empty for a region without data systems."""
    data = region.data
    if data is None:
        return {}
    found: dict[str, Needs] = {}
    if data.mysql is not None:
        found["mysql"] = mysql_needs(data.mysql)
    if data.redis is not None:
        found["redis"] = redis_needs(data.redis)
    if data.postgres is not None:
        found["postgres"] = postgres_needs(data.postgres)
    if data.rabbitmq is not None:
        found["rabbitmq"] = rabbitmq_needs(data.rabbitmq)
    if data.backup is not None and data.mysql is not None:
        found["backup"] = backup_needs(data.backup, members=data.mysql.replicas, redis=data.redis is not None)
    return found
