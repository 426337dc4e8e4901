"""Pure: what a region's monitoring reads of its data systems, and when they call."""

from components.data.backup.alerts import backup_rules
from components.data.backup.monitors import archivers
from components.data.mysql.alerts import mysql_rules, replica_rules
from components.data.mysql.monitors import mysql_target, replica_target
from components.data.postgres.alerts import postgres_rules, postgres_target
from components.data.rabbitmq.alerts import rabbitmq_rules, rabbitmq_target
from components.data.redis.alerts import redis_rules
from components.data.redis.monitors import redis_target
from components.monitoring.watched import Watched
from stacks.data_settings import DataSettings


def watched(data: DataSettings | None, namespace: str, zones: int) -> tuple[Watched, ...]:
    """Each system that the region has, in the game's `namespace` over so many `zones`."""
    data = data or DataSettings()
    found: list[Watched] = []
    if data.mysql is not None:
        copied = data.mysql.replica_of is not None
        targets = (mysql_target(namespace), *([replica_target(namespace)] if copied else []))
        groups = (*mysql_rules(namespace), *(replica_rules(namespace) if copied else []))
        found.append(Watched(name="mysql", targets=targets, groups=groups))
    if data.redis is not None:
        groups = tuple(redis_rules(namespace, data.redis.masters, zones))
        found.append(Watched(name="redis", targets=(redis_target(namespace),), groups=groups))
    if data.postgres is not None:
        groups = tuple(postgres_rules(namespace))
        found.append(Watched(name="postgres", targets=(postgres_target(namespace),), groups=groups))
    if data.rabbitmq is not None:
        groups = tuple(rabbitmq_rules(namespace))
        found.append(Watched(name="rabbitmq", targets=(rabbitmq_target(namespace),), groups=groups))
    if data.backup is not None:
        groups = tuple(backup_rules(namespace, redis=data.redis is not None, velero=True))
        found.append(Watched(name="backup", targets=(archivers(namespace),), groups=groups))
    return tuple(found)
