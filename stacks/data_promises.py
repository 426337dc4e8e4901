"""Pure: what a region's data systems keep."""

from components.data.mysql.promises import mysql_promise, replica_promise
from components.data.postgres.promises import postgres_promises
from components.data.rabbitmq.promises import rabbitmq_promises
from components.data.redis.promises import redis_promise
from components.operations.promises import VELERO
from components.promises import Promise
from stacks.data_settings import DataSettings


def data_promises(data: DataSettings, namespace: str, zones: int) -> tuple[Promise, ...]:
    """The promises of each system that the region has, in the game's `namespace` over so many `zones`."""
    found: list[Promise] = []
    if data.mysql is not None:
        found.append(mysql_promise(namespace, data.mysql.replicas, zones))
        if data.mysql.replica_of is not None:
            found.append(replica_promise(namespace))
    if data.redis is not None:
        found.append(redis_promise(namespace, data.redis.masters, zones))
    if data.postgres is not None:
        found += postgres_promises(namespace)
    if data.rabbitmq is not None:
        found += rabbitmq_promises(namespace)
    if data.backup is not None:
        found += VELERO
    return tuple(found)
