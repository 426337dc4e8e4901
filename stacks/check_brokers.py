"""Whether a region can hold its PostgreSQL and RabbitMQ, and reach its Kafka."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.data.postgres.names import INSTANCES, SIDECAR, SIDECAR_LIMIT
from components.data.rabbitmq.names import REPLICAS
from components.kube.compute import Compute
from stacks.check_capacity import outside_claims
from stacks.kafka_settings import KafkaSettings
from stacks.postgres_settings import PostgresSettings
from stacks.quantities import kibibytes, memory_text, millicores
from stacks.rabbitmq_settings import RabbitmqSettings
from stacks.settings_errors import path_text, shown

if TYPE_CHECKING:
    from stacks.settings import RegionSettings

_GIB = 1024**2  # in KiB
_NOTHING = Compute(cpu="0", memory="0Ki")


def broker_problems(
    name: str,
    region: "RegionSettings",
    *,
    postgres: PostgresSettings | None,
    rabbitmq: RabbitmqSettings | None,
    kafka: KafkaSettings | None,
) -> Iterator[str]:
    """Problems of one region, one sentence each; each system is None where it is off."""
    if postgres is not None:
        path = path_text(("regions", name, "data", "postgres"))
        yield from _ground(path, region, "PostgreSQL", INSTANCES)
        yield from _container(path, region, postgres)
        yield from outside_claims(f"{path}.wal_gib", region, postgres.wal_gib)
        yield from _backup(path, region, postgres)
    if rabbitmq is not None:
        path = path_text(("regions", name, "data", "rabbitmq"))
        yield from _ground(path, region, "RabbitMQ", REPLICAS)
        yield from _container(path, region, rabbitmq)
        yield from _free_disk(path, rabbitmq)
    if kafka is not None:
        yield from _same_port_of_tls(path_text(("regions", name, "data", "kafka")), kafka)


def postgres_needs(postgres: PostgresSettings) -> dict[str, int]:
    """What three instances take of the namespace's quota, by its fields: millicores, KiB, and numbers of objects."""
    backed_up = postgres.backup is not None
    beside, beside_limit = (SIDECAR, SIDECAR_LIMIT) if backed_up else (_NOTHING, _NOTHING)
    memory = postgres.memory_gib * _GIB
    return {
        "requests.cpu": INSTANCES * (millicores(postgres.cpu) + millicores(beside.cpu)),
        "requests.memory": INSTANCES * (memory + kibibytes(beside.memory)),
        "limits.cpu": INSTANCES * (millicores(postgres.cpu_limit) + millicores(beside_limit.cpu)),
        "limits.memory": INSTANCES * (memory + kibibytes(beside_limit.memory)),
        "storage": INSTANCES * (postgres.storage_gib + postgres.wal_gib) * _GIB,
        "claims": 2 * INSTANCES,
        "pods": INSTANCES + 1,  # a Job of the operator's founds an instance beside those that run
        "services": 3,  # the operator's own: for writes, for reads, for any instance
        "config_maps": 1,
        "secrets": 4,
    }


def rabbitmq_needs(rabbitmq: RabbitmqSettings) -> dict[str, int]:
    """The same of three nodes."""
    memory = REPLICAS * rabbitmq.memory_gib * _GIB
    return {
        "requests.cpu": REPLICAS * millicores(rabbitmq.cpu),
        "requests.memory": memory,
        "limits.cpu": REPLICAS * millicores(rabbitmq.cpu_limit),
        "limits.memory": memory,
        "storage": REPLICAS * rabbitmq.storage_gib * _GIB,
        "claims": REPLICAS,
        "pods": REPLICAS,
        "services": 2,  # the operator's own: for clients, and between nodes
        "config_maps": 2,
        "secrets": 6,
    }


def _ground(path: str, region: "RegionSettings", system: str, count: int) -> Iterator[str]:
    zones = len(region.network.zones)
    if zones < count:
        yield (
            f"{path}: {system} has {count} pods, each in a zone of its own, but network.zones are {zones}; give "
            f"{count} zones or leave it out"
        )
    karpenter = region.karpenter.pools.values() if region.karpenter else ()
    if not any(pool.workload == "database" for pool in (*region.node_pools.values(), *karpenter)):
        yield f"{path}: no node pool takes databases; add one with workload: database"
    if region.platform is None:
        yield f"{path}: its certificates come from cert-manager, and the region has no platform; add platform: {{}}"


def _container(path: str, region: "RegionSettings", system: PostgresSettings | RabbitmqSettings) -> Iterator[str]:
    most, pod = region.namespace.limits.container.max, region.namespace.limits.pod.max
    if millicores(system.cpu) > millicores(system.cpu_limit):
        given, limit = shown(system.cpu), shown(system.cpu_limit)
        yield f"{path}.cpu: {given} is above cpu_limit {limit}; lower it or raise cpu_limit"
    if millicores(system.cpu_limit) > millicores(most.cpu):
        yield (
            f"{path}.cpu_limit: {shown(system.cpu_limit)} is above namespace.limits.container.max.cpu "
            f"{shown(most.cpu)}; lower it or raise that"
        )
    beside = kibibytes(SIDECAR_LIMIT.memory) if isinstance(system, PostgresSettings) else 0
    for bound, greatest, extra in (("container", most.memory, 0), ("pod", pod.memory, beside)):
        if system.memory_gib * _GIB + extra > kibibytes(greatest):
            yield (
                f"{path}.memory_gib: {system.memory_gib} is above what namespace.limits.{bound}.max.memory "
                f"{shown(memory_text(kibibytes(greatest)))} leaves; lower it or raise that"
            )
    yield from outside_claims(f"{path}.storage_gib", region, system.storage_gib)


def _backup(path: str, region: "RegionSettings", postgres: PostgresSettings) -> Iterator[str]:
    if postgres.backup is not None and region.buckets is None:
        yield f"{path}.backup: the region has no buckets to put it in; add buckets: {{}} or set backup: null"


def _free_disk(path: str, rabbitmq: RabbitmqSettings) -> Iterator[str]:
    # Publishers stop where less is free than there is memory, so a volume of twice that is half of use.
    least = 2 * rabbitmq.memory_gib
    if rabbitmq.storage_gib < least:
        yield (
            f"{path}.storage_gib: {rabbitmq.storage_gib} is below twice memory_gib {rabbitmq.memory_gib}, of which "
            f"once must stay free; give at least {least}"
        )


def _same_port_of_tls(path: str, kafka: KafkaSettings) -> Iterator[str]:
    # The usual ports: plain 9092, TLS 9093 and 9094. kafka.apache.org, Amazon MSK port information
    plain = sorted(broker for broker in kafka.brokers if broker.endswith(":9092"))
    if kafka.tls and plain:
        yield (
            f"{path}.tls: true, but {', '.join(plain)} is the usual port of brokers without TLS; give their port of "
            f"TLS or set tls: false"
        )
