"""Data systems held against the region that they stand in, and against each other's copies."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stacks.check_brokers import broker_problems
from stacks.check_mysql import check_mysql, check_mysql_sources
from stacks.check_redis import check_redis
from stacks.settings_errors import path_text

if TYPE_CHECKING:
    from stacks.settings import StackSettings


def check_data(settings: "StackSettings") -> Iterator[str]:
    """Problems of every region's data systems."""
    for name, region in settings.regions.items():
        data = region.data
        if data is None:
            continue
        if data.mysql is not None:
            yield from check_mysql(_path(name, "mysql"), region, data.mysql)
        if data.redis is not None:
            yield from check_redis(_path(name, "redis"), region, data.redis)
        yield from broker_problems(name, region, postgres=data.postgres, rabbitmq=data.rabbitmq, kafka=data.kafka)
    sources = {
        name: region.data.mysql for name, region in settings.regions.items() if region.data and region.data.mysql
    }
    yield from check_mysql_sources(sources, lambda name: _path(name, "mysql"), peering=settings.peering)


def _path(region: str, system: str) -> str:
    return path_text(("regions", region, "data", system))
