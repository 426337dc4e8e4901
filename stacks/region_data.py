"""A region's data systems: each where the settings ask for it, on the ground that they share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi

from components.data.authority import DataAuthority, DataAuthorityArgs
from components.data.backup.access import BackupAccess, BackupAccessArgs
from components.data.backup.archiver import Archiver
from components.data.backup.component import DataBackup, DataBackupArgs
from components.data.clients import DataClient
from components.data.ground import DataGround
from components.data.kafka.component import Kafka, KafkaArgs
from components.data.mysql.component import Mysql
from components.data.mysql.replica import MysqlReplica
from components.data.postgres.cluster import PostgresBackup
from components.data.postgres.component import Postgres, PostgresArgs
from components.data.postgres.operator import PostgresOperator, PostgresOperatorArgs
from components.data.rabbitmq.component import Rabbitmq, RabbitmqArgs
from components.data.rabbitmq.operator import RabbitmqOperator, RabbitmqOperatorArgs
from components.data.redis.component import RedisCluster
from components.operations.backup_replication import BackupReplication
from components.operations.buckets import BACKUP, Buckets
from components.operations.image_source import ImageSource
from components.operations.velero import Velero
from components.platform.platform import Platform
from stacks import backup_args, data_images, mysql_args
from stacks.backup_settings import BackupSettings
from stacks.broker_args import brokers, postgres_size, rabbitmq_size
from stacks.data_settings import DataSettings
from stacks.network_settings import NetworkSettings
from stacks.postgres_settings import PostgresSettings
from stacks.rabbitmq_settings import RabbitmqSettings
from stacks.redis_args import redis_args
from stacks.region_services import Ground


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """Backups of a region that has them: as set, where they go, and who may write there."""

    settings: BackupSettings
    buckets: Buckets
    access: BackupAccess


class RegionData:
    """What keeps a region's data. `clients` are the systems as the game's pods ask them.

    `mysql_passwords` are those of the accounts, for a copy of the data in another region.
    """

    clients: tuple[DataClient, ...] = ()
    mysql_passwords: Mapping[str, pulumi.Input[str]] | None = None

    def __init__(
        self,
        ground: Ground,
        platform: Platform,
        buckets: Buckets | None,
        images: ImageSource,
        priority_class: pulumi.Input[str],
        copies: tuple[NetworkSettings, ...],
        *,
        protect: bool,
    ) -> None:
        self._ground, self._images, self._platform = ground, images, platform
        self._data = ground.settings.data or DataSettings()
        self._systems: tuple[pulumi.Resource, ...] = ()
        needed = (ground.namespaces, *ground.ready, ground.volume_driver)
        authority = DataAuthority(
            ground.name,
            DataAuthorityArgs(
                namespace=ground.namespaces.game, protect=protect, after=(ground.namespaces, platform.cert_manager)
            ),
            ground.options,
        )
        self._base = DataGround(
            game=ground.game,
            prefix=ground.prefix,
            namespace=ground.namespaces.game,
            zones=ground.settings.network.zones,
            storage_class=ground.storage_class,
            priority_class=priority_class,
            issuer=authority.issuer,
            protect=protect,
            after=(*needed, authority),
        )
        kept = self._kept(buckets)
        self._mysql(copies, None if kept is None else self._archiver(kept))
        self._redis()
        if kept is not None:
            self._backup(kept)
        if self._data.postgres is not None:
            self._postgres(self._data.postgres, buckets)
        if self._data.rabbitmq is not None:
            self._rabbitmq(self._data.rabbitmq)
        self._kafka()

    def _kept(self, buckets: Buckets | None) -> _Kept | None:
        settings = self._data.backup
        if settings is None or buckets is None:
            return None
        arguments = BackupAccessArgs(
            ground=self._base,
            cluster_name=self._ground.cluster_name,
            bucket_arn=buckets.arns[BACKUP],
            key_arn=buckets.key_arn,
        )
        access = BackupAccess(self._ground.name, arguments, self._ground.options)
        return _Kept(settings=settings, buckets=buckets, access=access)

    def _archiver(self, kept: _Kept) -> Archiver:
        return backup_args.archiver(self._ground, kept.settings, kept.buckets, self._images, kept.access)

    def _backup(self, kept: _Kept) -> None:
        ground, images, backup, buckets = self._ground, self._images, kept.settings, kept.buckets
        arguments = DataBackupArgs(
            ground=self._after(*self._systems),
            access=kept.access,
            work=backup_args.work(ground, backup, buckets, images, self._base.priority_class),
            hour=backup.hour,
            drill_day=backup.drill_day,
            limit_minutes=backup_args.LIMIT_MINUTES,
            redis=backup_args.redis(images) if self._data.redis is not None else None,
        )
        DataBackup(ground.name, arguments, ground.options)
        snapshots = self._platform.snapshot_controller
        Velero(ground.name, backup_args.velero(ground, backup, buckets, images, snapshots), ground.options)
        if backup.copy_to is not None:
            copies = backup_args.replication(ground, backup.copy_to, buckets, protect=self._base.protect)
            BackupReplication(ground.name, copies, ground.options)

    def _mysql(self, copies: tuple[NetworkSettings, ...], archiver: Archiver | None) -> None:
        settings, ground = self._data.mysql, self._ground
        if settings is None:
            return
        arguments = mysql_args.mysql(
            self._base,
            settings,
            self._images,
            ground.settings.network,
            copies,
            self._platform.load_balancer_controller,
            archiver,
        )
        made = Mysql(ground.name, arguments, ground.options)
        self.mysql_passwords = made.passwords
        self._systems = (*self._systems, made)
        self.clients = (*self.clients, made.client)

    def mysql_copy(self, source: NetworkSettings, passwords: Mapping[str, pulumi.Input[str]]) -> None:
        """A copy of another region's MySQL, whose accounts come with its data."""
        settings = self._data.mysql
        if settings is not None and settings.replica_of is not None:
            arguments = mysql_args.replica(self._base, settings, self._images, source, passwords)
            MysqlReplica(self._ground.name, arguments, self._ground.options)

    def _redis(self) -> None:
        if self._data.redis is not None:
            arguments = redis_args(self._base, self._data.redis, self._images.image)
            made = RedisCluster(self._ground.name, arguments, self._ground.options)
            self._systems = (*self._systems, made)
            self.clients = (*self.clients, made.client)

    def _postgres(self, settings: PostgresSettings, buckets: Buckets | None) -> None:
        ground, backup = self._ground, None
        operator = PostgresOperator(
            ground.name,
            PostgresOperatorArgs(cert_manager=self._platform.cert_manager, after=ground.ready),
            ground.options,
        )
        if settings.backup is not None and buckets is not None:
            backup = PostgresBackup(
                bucket=buckets.buckets[BACKUP],
                bucket_arn=buckets.arns[BACKUP],
                key_arn=buckets.key_arn,
                region=ground.aws_region,
                schedule=settings.backup.schedule,
                retention_days=settings.backup.retention_days,
            )
        arguments = PostgresArgs(
            ground=self._after(*operator.ready),
            namespace=ground.settings.namespace.name,
            cluster_name=ground.cluster_name,
            image=self._images.image(data_images.POSTGRES),
            size=postgres_size(settings),
            database=settings.database,
            owner=settings.owner,
            rotation=settings.password_rotation,
            backup=backup,
        )
        self.clients = (*self.clients, Postgres(ground.name, arguments, ground.options).client)

    def _rabbitmq(self, settings: RabbitmqSettings) -> None:
        ground = self._ground
        operator = RabbitmqOperator(
            ground.name,
            RabbitmqOperatorArgs(
                image=self._images.image(data_images.RABBITMQ_OPERATOR),
                watched=ground.namespaces.game,
                protect=self._base.protect,
                after=(*ground.ready, ground.namespaces),
            ),
            ground.options,
        )
        arguments = RabbitmqArgs(
            ground=self._after(operator.ready),
            namespace=ground.settings.namespace.name,
            image=self._images.image(data_images.RABBITMQ),
            size=rabbitmq_size(settings),
            rotation=settings.password_rotation,
        )
        self.clients = (*self.clients, Rabbitmq(ground.name, arguments, ground.options).client)

    def _kafka(self) -> None:
        settings = self._data.kafka
        if settings is not None:
            arguments = KafkaArgs(ground=self._base, brokers=brokers(settings), tls=settings.tls, cidrs=settings.cidrs)
            Kafka(self._ground.name, arguments, self._ground.options)

    def _after(self, *resources: pulumi.Resource) -> DataGround:
        return replace(self._base, after=(*self._base.after, *resources))
