"""A region's Redis Cluster held against its zones, its nodes and its namespace."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.data.redis.config import LEAST_MEMORY_BYTES, setting_problem
from components.data.redis.shape import (
    EXPORTER_LIMITS,
    EXPORTER_REQUESTS,
    HEALER_LIMITS,
    HEALER_REQUESTS,
    JOB_LIMITS,
    JOB_REQUESTS,
    WORKLOAD,
    quorum_problem,
)
from stacks.check_capacity import outside_claims
from stacks.quantities import cpu_text, kibibytes, memory_text, millicores
from stacks.redis_settings import RedisSettings
from stacks.settings_errors import shown

if TYPE_CHECKING:
    from stacks.game_settings import Resources
    from stacks.settings import RegionSettings

_GIB = 1024**2  # in KiB
_KIB = 1024  # in bytes
# Headless and for clients; the games' endpoint and the pods' files; accounts, connection and certificate.
_SERVICES, _CONFIG_MAPS, _SECRETS = 2, 2, 3
_BESIDES_REQUESTS = (HEALER_REQUESTS, EXPORTER_REQUESTS)
_BESIDES_LIMITS = (HEALER_LIMITS, EXPORTER_LIMITS)


def redis_needs(redis: RedisSettings) -> dict[str, int]:
    """What the servers and the Job that founds their cluster take of the namespace's quota, by its fields."""
    servers = redis.servers
    asked, most = _sum(redis.requests, _BESIDES_REQUESTS), _sum(redis.limits, _BESIDES_LIMITS)
    return {
        "requests.cpu": servers * asked[0] + millicores(JOB_REQUESTS[0]),
        "requests.memory": servers * asked[1] + kibibytes(JOB_REQUESTS[1]),
        "limits.cpu": servers * most[0] + millicores(JOB_LIMITS[0]),
        "limits.memory": servers * most[1] + kibibytes(JOB_LIMITS[1]),
        "storage": servers * redis.storage_gib * _GIB,
        "claims": servers,
        "pods": servers + 1,
        "services": _SERVICES,
        "config_maps": _CONFIG_MAPS,
        "secrets": _SECRETS,
    }


def check_redis(path: str, region: "RegionSettings", redis: RedisSettings) -> Iterator[str]:
    """Problems of the Redis of one region; `path` is that of its settings."""
    yield from _masters(path, region, redis)
    yield from _ground(path, region)
    yield from _sizes(path, region, redis)
    for name, value in redis.settings.items():
        if problem := setting_problem(name, value):
            yield f"{path}.settings.{name}: {shown(value)} {problem}"


def _masters(path: str, region: "RegionSettings", redis: RedisSettings) -> Iterator[str]:
    zones = len(region.network.zones)
    if problem := quorum_problem(redis.masters, zones):
        yield f"{path}.masters: {redis.masters} {problem}"
    if redis.scale_in_to is None:
        return
    if redis.scale_in_to >= redis.masters:
        yield (
            f"{path}.scale_in_to: {redis.scale_in_to} is not below masters {redis.masters}; give what is to remain, "
            f"lower masters to it when that up is done, and take scale_in_to away"
        )
    elif problem := quorum_problem(redis.scale_in_to, zones):
        yield f"{path}.scale_in_to: {redis.scale_in_to} {problem}"


def _ground(path: str, region: "RegionSettings") -> Iterator[str]:
    zones = len(region.network.zones)
    nodes = sum(pool.min_size for pool in region.node_pools.values() if pool.workload == WORKLOAD)
    if nodes < zones:
        yield (
            f"{path}: the node pools with workload: {WORKLOAD} keep {nodes} nodes, and servers stand in each of "
            f"{zones} zones; give such a pool min_size {zones}"
        )
    if region.platform is None:
        yield f"{path}: nobody makes its certificates; give the region platform, which brings cert-manager"


def _sizes(path: str, region: "RegionSettings", redis: RedisSettings) -> Iterator[str]:
    limits = region.namespace.limits
    least = LEAST_MEMORY_BYTES // _KIB
    if kibibytes(redis.limits.memory) < least:
        yield (
            f"{path}.limits.memory: {shown(redis.limits.memory)} leaves too little for keys beside what Redis needs "
            f"itself; give at least {memory_text(least)}"
        )
    yield from _within(path, "requests", redis.requests, "limits", redis.limits)
    bound = limits.container
    yield from _within(path, "limits", redis.limits, "namespace.limits.container.max", bound.max)
    yield from _within(path, "namespace.limits.container.min", bound.min, "requests", redis.requests)
    cpu, memory = _sum(redis.limits, _BESIDES_LIMITS)
    if cpu > millicores(limits.pod.max.cpu) or memory > kibibytes(limits.pod.max.memory):
        yield (
            f"{path}.limits: a pod with its healer and exporter comes to {cpu_text(cpu)} and {memory_text(memory)}, "
            f"above namespace.limits.pod.max; lower limits or raise it"
        )
    yield from outside_claims(f"{path}.storage_gib", region, redis.storage_gib)


def _within(path: str, low: str, least: "Resources", high: str, most: "Resources") -> Iterator[str]:
    """The two resources where `least` is above `most`."""
    if millicores(least.cpu) > millicores(most.cpu):
        yield f"{path}: {low}.cpu {shown(least.cpu)} is above {high} {shown(most.cpu)}; change one of them"
    if kibibytes(least.memory) > kibibytes(most.memory):
        yield f"{path}: {low}.memory {shown(least.memory)} is above {high} {shown(most.memory)}; change one of them"


def _sum(server: "Resources", besides: tuple[tuple[str, str], ...]) -> tuple[int, int]:
    """Millicores and KiB of a pod's containers together."""
    return (
        millicores(server.cpu) + sum(millicores(cpu) for cpu, _ in besides),
        kibibytes(server.memory) + sum(kibibytes(memory) for _, memory in besides),
    )
