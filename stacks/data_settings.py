"""Settings of a region's data systems, each of which a region has or has not."""

from pydantic import Field

from stacks.backup_settings import BackupSettings
from stacks.kafka_settings import KafkaSettings
from stacks.mysql_settings import MysqlSettings
from stacks.postgres_settings import PostgresSettings
from stacks.rabbitmq_settings import RabbitmqSettings
from stacks.redis_settings import RedisSettings
from stacks.setting_types import Settings


class DataSettings(Settings):
    """What keeps a region's data; `{}` in the place of a system is that system with the usual figures."""

    mysql: MysqlSettings | None = Field(default=None, description="the game's database, a group of three servers")
    redis: RedisSettings | None = Field(default=None, description="sessions and queues, a cluster of six servers")
    postgres: PostgresSettings | None = Field(default=None, description="PostgreSQL by CloudNativePG")
    rabbitmq: RabbitmqSettings | None = Field(default=None, description="the broker between zones, by its operator")
    backup: BackupSettings | None = Field(
        default=None, description="MySQL's and Redis's backups, their restore and its monthly proof, and Velero"
    )
    kafka: KafkaSettings | None = Field(default=None, description="brokers that somebody else runs")
