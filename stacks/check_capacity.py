"""Whether a region holds its own worlds, at their greatest number: nodes, limits and volumes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stacks.instance_types import INSTANCE_TYPES, instance_types
from stacks.quantities import cpu_text, kibibytes, memory_text, millicores
from stacks.settings_errors import nearest, path_text, shown

if TYPE_CHECKING:
    from stacks.settings import NodePoolSettings, RegionSettings, Resources, StackSettings

_GIB = 1024**2  # in KiB
# What a node keeps for the kubelet and for the daemon sets on every node, seen from the largest type down.
NODE_RESERVE_CPU, NODE_RESERVE_MEMORY = 500, _GIB


def check_capacity(settings: "StackSettings") -> Iterator[str]:
    """Problems of each region's pools and limits."""
    for name, region in settings.regions.items():
        path = f"regions.{name}"
        for pool_name, pool in region.node_pools.items():
            pool_path = path_text(("regions", name, "node_pools", pool_name))
            yield from _sizes(pool_path, pool)
            yield from _instance_types(pool_path, pool, region)
        yield from _pools(path, region)
        yield from _limit_range(path, region)
        yield from _world(path, region)


def _sizes(path: str, pool: "NodePoolSettings") -> Iterator[str]:
    low, wanted, high = pool.min_size, pool.desired_size, pool.max_size
    if low > high:
        yield f"{path}.min_size: {low} is above max_size {high}; lower min_size or raise max_size"
    elif wanted < low:
        yield f"{path}.desired_size: {wanted} is below min_size {low}; give {low} to {high}"
    elif wanted > high:
        yield f"{path}.desired_size: {wanted} is above max_size {high}; give {low} to {high}"


def _instance_types(path: str, pool: "NodePoolSettings", region: "RegionSettings") -> Iterator[str]:
    for index, name in enumerate(pool.instance_types):
        kind = INSTANCE_TYPES.get(name)
        if kind is None:
            yield (
                f"{path}.instance_types[{index}]: {shown(name)} is not a known {pool.arch} instance type; "
                f"{nearest(name, list(instance_types(pool.arch)))}"
            )
        elif kind.arch != pool.arch:
            yield (
                f"{path}.instance_types[{index}]: {shown(name)} is {kind.arch}, but the pool's image is {pool.arch}; "
                f"take a type of {pool.arch} or set arch: {kind.arch}"
            )
        elif pool.workload == "game-server":
            need = region.worlds.requests
            cpu = millicores(need.cpu) + NODE_RESERVE_CPU
            memory = kibibytes(need.memory) + NODE_RESERVE_MEMORY
            if cpu > kind.vcpus * 1000 or memory > kind.memory_gib * _GIB:
                yield (
                    f"{path}.instance_types[{index}]: {shown(name)} ({kind.vcpus} vCPU, {kind.memory_gib}Gi) does not "
                    f"hold a world and the node's own needs ({cpu_text(cpu)} vCPU, {memory_text(memory)}); "
                    "take a larger type"
                )


def _pools(path: str, region: "RegionSettings") -> Iterator[str]:
    if not any(
        pool.workload is None and pool.capacity == "on-demand" and pool.min_size >= 1
        for pool in region.node_pools.values()
    ):
        yield (
            f"{path}.node_pools: no pool without a workload keeps a node, so system pods have nowhere to run; "
            "add one with min_size 1 or more"
        )
    pools = [pool for pool in region.node_pools.values() if pool.workload == "game-server"]
    worlds = region.worlds
    if not pools:
        yield f"{path}.node_pools: no pool takes game servers; add one with workload: game-server"
        return
    # Worlds never share a node (required anti-affinity per host), so nodes bound worlds one to one.
    most, wanted = sum(pool.max_size for pool in pools), sum(pool.desired_size for pool in pools)
    if most < worlds.max_count:
        yield (
            f"{path}.worlds.max_count: {worlds.max_count} worlds do not fit on {most} game-server nodes, one world "
            f"each; raise max_size of the pool to {worlds.max_count} or lower max_count"
        )
    if wanted < worlds.count:
        yield (
            f"{path}.worlds.count: {worlds.count} worlds do not fit on {wanted} desired game-server nodes, one "
            f"world each; raise desired_size of the pool to {worlds.count} or lower count"
        )


def _limit_range(path: str, region: "RegionSettings") -> Iterator[str]:
    limits, base = region.namespace.limits, f"{path}.namespace.limits"
    container = limits.container
    yield from _rising(f"{base}.container", "min", container.min, "default_request", container.default_request)
    yield from _rising(f"{base}.container", "default_request", container.default_request, "default", container.default)
    yield from _rising(f"{base}.container", "default", container.default, "max", container.max)
    yield from _rising(f"{base}.pod", "min", limits.pod.min, "max", limits.pod.max)
    yield from _rising(base, "container.max", container.max, "pod.max", limits.pod.max)
    if kibibytes(limits.claim.min) > kibibytes(limits.claim.max):
        yield (
            f"{base}.claim.min: {shown(limits.claim.min)} is above max {shown(limits.claim.max)}; "
            f"lower min or raise max"
        )


def _rising(path: str, low: str, least: "Resources", high: str, most: "Resources") -> Iterator[str]:
    """The two resources where `least` is above `most`."""
    if millicores(least.cpu) > millicores(most.cpu):
        yield (f"{path}.{low}.cpu: {shown(least.cpu)} is above {high} {shown(most.cpu)}; lower {low} or raise {high}")
    if kibibytes(least.memory) > kibibytes(most.memory):
        yield (
            f"{path}.{low}.memory: {shown(least.memory)} is above {high} {shown(most.memory)}; lower {low} or "
            f"raise {high}"
        )


def _world(path: str, region: "RegionSettings") -> Iterator[str]:
    worlds, limits = region.worlds, region.namespace.limits
    if worlds.count > worlds.max_count:
        yield (
            f"{path}.worlds.count: {worlds.count} is above max_count {worlds.max_count}; lower count or raise max_count"
        )
    yield from _rising(f"{path}.worlds", "requests", worlds.requests, "limits", worlds.limits)
    yield from _rising(
        f"{path}.worlds", "limits", worlds.limits, "namespace.limits.container.max", limits.container.max
    )
    for bound, least in (("container", limits.container.min), ("pod", limits.pod.min)):
        yield from _rising(path, f"namespace.limits.{bound}.min", least, "worlds.requests", worlds.requests)
    yield from outside_claims(f"{path}.worlds.storage_gib", region, worlds.storage_gib)


def outside_claims(path: str, region: "RegionSettings", gib: int) -> Iterator[str]:
    """The problem of a volume, set at `path`, that the namespace's limits of a claim refuse."""
    claim = region.namespace.limits.claim
    if not kibibytes(claim.min) <= gib * _GIB <= kibibytes(claim.max):
        yield (
            f"{path}: {gib} is outside the namespace's claims of {claim.min} to {claim.max}; change it or "
            "namespace.limits.claim"
        )
