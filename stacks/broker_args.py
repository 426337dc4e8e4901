"""Settings of PostgreSQL, RabbitMQ and Kafka as what their components take."""

from components.data.kafka.component import Broker
from components.data.postgres.cluster import PostgresSize
from components.data.rabbitmq.cluster import RabbitmqSize
from stacks.kafka_settings import KafkaSettings
from stacks.postgres_settings import PostgresSettings
from stacks.rabbitmq_settings import RabbitmqSettings


def postgres_size(settings: PostgresSettings) -> PostgresSize:
    """Of each instance."""
    return PostgresSize(
        cpu=settings.cpu,
        cpu_limit=settings.cpu_limit,
        memory_gib=settings.memory_gib,
        storage_gib=settings.storage_gib,
        wal_gib=settings.wal_gib,
    )


def rabbitmq_size(settings: RabbitmqSettings) -> RabbitmqSize:
    """Of each node."""
    return RabbitmqSize(
        cpu=settings.cpu,
        cpu_limit=settings.cpu_limit,
        memory_gib=settings.memory_gib,
        storage_gib=settings.storage_gib,
    )


def brokers(settings: KafkaSettings) -> tuple[Broker, ...]:
    """Each broker's host and port."""
    parts = (broker.rpartition(":") for broker in settings.brokers)
    return tuple(Broker(host=host, port=int(port)) for host, _, port in parts)
