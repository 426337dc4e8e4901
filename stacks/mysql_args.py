"""Pure: a region's settings of MySQL as its components want them."""

from collections.abc import Mapping

import pulumi

from components.data.backup.archiver import Archiver
from components.data.ground import DataGround
from components.data.mysql.component import MysqlArgs, MysqlExport
from components.data.mysql.config import ServerFigures
from components.data.mysql.replica import MysqlReplicaArgs
from components.operations.image_source import ImageSource
from stacks.data_images import MYSQL, MYSQL_EXPORTER
from stacks.mysql_settings import MysqlSettings
from stacks.network_settings import NetworkSettings
from stacks.quantities import kibibytes
from stacks.region_args import compute
from stacks.settings import RegionSettings

# EKS takes one of these for Services where the cluster names none (CreateCluster: serviceIpv4Cidr); the API server is
# the first of them, and stands in the VPC itself.
SERVICE_BLOCKS = ("10.100.0.0/16", "172.20.0.0/16")


def mysql(
    ground: DataGround,
    settings: MysqlSettings,
    images: ImageSource,
    network: NetworkSettings,
    copies: tuple[NetworkSettings, ...] = (),
    controller: pulumi.Resource | None = None,
    archiver: Archiver | None = None,
) -> MysqlArgs:
    """The group. `copies` are the networks of the regions that copy it, `controller` the load balancers' own."""
    export = None
    if settings.export and copies and controller is not None:
        export = MysqlExport(
            from_blocks=tuple(block for copy in copies for block in blocks(copy)),
            vpc_blocks=blocks(network),
            controller=controller,
        )
    return MysqlArgs(
        ground=ground,
        image=images.image(MYSQL),
        exporter_image=images.image(MYSQL_EXPORTER),
        storage_gib=settings.storage_gib,
        database=settings.database,
        requests=compute(settings.requests),
        limits=compute(settings.limits),
        api_server=(str(network.cidr), *SERVICE_BLOCKS),
        replicas=settings.replicas,
        figures=figures(settings),
        variables=settings.variables,
        rotation=settings.rotation,
        export=export,
        archiver=archiver,
    )


def replica(
    ground: DataGround,
    settings: MysqlSettings,
    images: ImageSource,
    source: NetworkSettings,
    passwords: Mapping[str, pulumi.Input[str]],
) -> MysqlReplicaArgs:
    """The copy of another region, whose network is `source` and whose accounts' `passwords` come with its data."""
    if settings.replica_of is None:
        raise ValueError("mysql: there is no replica_of in these settings")
    return MysqlReplicaArgs(
        ground=ground,
        image=images.image(MYSQL),
        exporter_image=images.image(MYSQL_EXPORTER),
        storage_gib=settings.storage_gib,
        requests=compute(settings.requests),
        limits=compute(settings.limits),
        source_host=settings.replica_of.host,
        source_blocks=blocks(source),
        passwords=passwords,
        figures=figures(settings),
        variables=settings.variables,
    )


def figures(settings: MysqlSettings) -> ServerFigures:
    """Sizes of a server, in bytes; logs are kept as long as the design says."""
    return ServerFigures(
        buffer_pool=kibibytes(settings.buffer_pool) * 1024,
        redo_log=kibibytes(settings.redo_log) * 1024,
        max_connections=settings.max_connections,
    )


def blocks(network: NetworkSettings) -> tuple[str, ...]:
    """Every block that a region's pods, nodes and load balancers have addresses of."""
    return (str(network.cidr), *([str(network.pods)] if network.pods else []))


def source_of(region: RegionSettings) -> str | None:
    """The region whose data this one keeps a copy of."""
    mysql = region.data.mysql if region.data else None
    return mysql.replica_of.region if mysql and mysql.replica_of else None
