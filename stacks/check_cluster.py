"""Whether a region's cluster and its pools make sense: who gets in, what stands where, who changes a pool's size."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.node_kinds import FEWEST_SPOT_TYPES
from stacks.settings_errors import path_text, shown

if TYPE_CHECKING:
    from stacks.karpenter_settings import KarpenterPoolSettings
    from stacks.settings import ClusterSettings, NodePoolSettings, RegionSettings, StackSettings


def check_cluster(settings: "StackSettings") -> list[str]:
    """Problems of each region's cluster and managed pools, one sentence each."""
    return [problem for name, region in settings.regions.items() for problem in _region(name, region)]


def _region(name: str, region: "RegionSettings") -> Iterator[str]:
    yield from _access(f"regions.{name}.cluster", region.cluster)
    for pool_name, pool in region.node_pools.items():
        path = path_text(("regions", name, "node_pools", pool_name))
        yield from _spot(path, pool)
        yield from _zones(path, pool, len(region.network.zones))
        yield from _autoscaler(path, pool, region)


def _access(path: str, cluster: "ClusterSettings") -> Iterator[str]:
    for index, principal in enumerate(cluster.viewers):
        if principal in cluster.admins:
            yield f"{path}.viewers[{index}]: {shown(principal)} is an admin already; name it in one of the lists"


def _spot(path: str, pool: "NodePoolSettings") -> Iterator[str]:
    if pool.capacity != "spot":
        return
    if pool.workload is not None:
        yield (
            f"{path}.capacity: spot nodes go at two minutes' notice, which {pool.workload} pods cannot bear; "
            f"give on-demand or take the workload out"
        )
    count = len(pool.instance_types)
    if count < FEWEST_SPOT_TYPES:
        yield (
            f"{path}.instance_types: {count} are too few for spot, where one after the other runs out; "
            f"give {FEWEST_SPOT_TYPES} or more"
        )


def _zones(path: str, pool: "NodePoolSettings", zones: int) -> Iterator[str]:
    if pool.workload != "database":
        return
    for size in ("min_size", "desired_size", "max_size"):
        figure = getattr(pool, size)
        if figure % zones:
            yield (
                f"{path}.{size}: {figure} cannot be split evenly over {zones} zones, in each of which a database pool "
                f"has a group; give a multiple of {zones}"
            )


def _autoscaler(path: str, pool: "NodePoolSettings", region: "RegionSettings") -> Iterator[str]:
    """Never two at one workload: each would see the other's nodes as its own to take away, or to make again."""
    if region.cluster.autoscaler == "none" or region.karpenter is None or pool.min_size == pool.max_size:
        return
    for name, other in region.karpenter.pools.items():
        if _kept_for(pool) == _made_for(other):
            yield (
                f"{path}: cluster-autoscaler and Karpenter's pool {shown(name)} would both make nodes for "
                f"{_made_for(other)} pods; give min_size and max_size one figure, take that pool out, "
                f"or set cluster.autoscaler: none"
            )


def _kept_for(pool: "NodePoolSettings") -> str | None:
    """The pods a managed pool is kept for: a workload's, those that bear spot, or None for the system's."""
    return "spot" if pool.capacity == "spot" else pool.workload


def _made_for(pool: "KarpenterPoolSettings") -> str:
    return "spot" if pool.workload is None else pool.workload
