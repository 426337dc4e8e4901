"""Data systems held against the region that they stand in, and against each other's copies."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stacks.check_backup import check_backup
from stacks.check_brokers import broker_problems
from stacks.check_mysql import check_mysql, check_mysql_sources
from stacks.check_redis import check_redis
from stacks.settings_errors import path_text

if TYPE_CHECKING:
    from stacks.settings import RegionSettings, StackSettings


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
        if data.backup is not None:
            yield from _backup(name, region)
            yield from check_backup(
                _path(name, "backup"),
                data.backup,
                aws_region=region.aws.region,
                greatest_claim=region.namespace.limits.claim.max,
            )
        yield from broker_problems(name, region, postgres=data.postgres, rabbitmq=data.rabbitmq, kafka=data.kafka)
    sources = {
        name: region.data.mysql for name, region in settings.regions.items() if region.data and region.data.mysql
    }
    yield from check_mysql_sources(sources, lambda name: _path(name, "mysql"), peering=settings.peering)


def _backup(name: str, region: "RegionSettings") -> Iterator[str]:
    if region.buckets is None:
        yield f"{_path(name, 'backup')}: the region has no buckets to put backups in; add buckets: {{}}"
    if region.data is None or region.data.mysql is None:
        yield f"{_path(name, 'backup')}: there is no MySQL to back up; add data.mysql or take data.backup out"


def _path(region: str, system: str) -> str:
    return path_text(("regions", region, "data", system))
