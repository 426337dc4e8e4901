"""A region's backup settings as its components want them."""

import pulumi
import pulumi_aws as aws

from components.data.backup import jobs
from components.data.backup.access import BackupAccess
from components.data.backup.archiver import Archiver, ArchiverArgs, archiver_container, archiver_volumes
from components.data.backup.promises import data_gib, work_gib
from components.data.redis.names import SERVICE, TLS, USERS
from components.operations.backup_replication import BackupReplicationArgs
from components.operations.buckets import BACKUP, Buckets
from components.operations.copies import COPY_PROVIDER
from components.operations.image_source import ImageSource
from components.operations.velero import VeleroArgs
from stacks import data_images
from stacks.aws_providers import provider_arguments
from stacks.backup_settings import BackupSettings
from stacks.region_args import backup_prefix_days
from stacks.region_services import Ground

# Of a Job that hangs: a dump or restore of what the settings allow takes a quarter of it.
LIMIT_MINUTES = 120


def work(
    ground: Ground, backup: BackupSettings, buckets: Buckets, images: ImageSource, priority: pulumi.Input[str]
) -> jobs.Work:
    """What every pod that dumps or restores is given."""
    return jobs.Work(
        mysql_image=images.image(data_images.MYSQL),
        tools_image=images.image(data_images.BACKUP_TOOLS),
        bucket=buckets.buckets[BACKUP],
        region=ground.aws_region,
        storage_class=ground.storage_class,
        priority_class=priority,
        work_gib=work_gib(backup.expected_gib, backup.daily_log_gib),
        data_gib=data_gib(backup.expected_gib, backup.daily_log_gib),
    )


def redis(images: ImageSource) -> jobs.Redis:
    """Redis as the account that may copy it sees it."""
    return jobs.Redis(
        image=images.image(data_images.REDIS), host=SERVICE, users=USERS, key="backup", user="backup", certificate=TLS
    )


def archiver(
    ground: Ground, backup: BackupSettings, buckets: Buckets, images: ImageSource, access: BackupAccess
) -> Archiver:
    """What stands in each of MySQL's pods."""
    arguments = ArchiverArgs(
        image=images.image(data_images.MYSQL),
        bucket=buckets.buckets[BACKUP],
        region=ground.aws_region,
        interval_minutes=backup.archive_minutes,
    )
    return Archiver(container=archiver_container(arguments), volumes=archiver_volumes(), access=access)


def velero(
    ground: Ground, backup: BackupSettings, buckets: Buckets, images: ImageSource, after: pulumi.Resource
) -> VeleroArgs:
    """The game's namespace, every night; `after` turns VolumeSnapshots into snapshots."""
    return VeleroArgs(
        prefix=ground.prefix,
        cluster_name=ground.cluster_name,
        region=ground.aws_region,
        namespace=ground.namespaces.game,
        bucket=buckets.buckets[BACKUP],
        bucket_arn=buckets.arns[BACKUP],
        key_arn=buckets.key_arn,
        plugin_image=images.image(data_images.VELERO_PLUGIN),
        hour=backup.hour,
        retention_days=backup.retention_days,
        after=(*ground.ready, after),
    )


def replication(ground: Ground, copy_to: str, buckets: Buckets, *, protect: bool) -> BackupReplicationArgs:
    """The copies in AWS region `copy_to`, by a provider of their own for it."""
    place = ground.settings.aws.model_copy(update={"region": copy_to})
    tags = provider_arguments(place, game=ground.game, region=ground.name, stack=pulumi.get_stack())
    settings = ground.settings.buckets
    if settings is None:
        raise ValueError("backup copies: the region has no buckets in its settings")
    return BackupReplicationArgs(
        prefix=ground.prefix,
        account_id=ground.network.account_id,
        region=ground.aws_region,
        copy_region=copy_to,
        provider=aws.Provider(f"{ground.name}-{COPY_PROVIDER}", **tags),
        bucket=buckets.buckets[BACKUP],
        bucket_arn=buckets.arns[BACKUP],
        key_arn=buckets.key_arn,
        lock_days=settings.backup_lock_days,
        protect=protect,
        prefix_days=backup_prefix_days(ground.settings),
        after=(buckets,),
    )
