"""Whether a region's Karpenter pools can be told apart, be filled, and hold what they are for."""

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from stacks.check_capacity import NODE_RESERVE_CPU, NODE_RESERVE_MEMORY
from stacks.instance_types import INSTANCE_TYPES, InstanceType, instance_types
from stacks.quantities import cpu_text, kibibytes, memory_text, millicores
from stacks.settings_errors import nearest, path_text, shown

if TYPE_CHECKING:
    from stacks.karpenter_settings import KarpenterPoolSettings, KarpenterSettings
    from stacks.settings import RegionSettings, Resources, StackSettings

_GIB = 1024**2  # in KiB
_NAME_LIMIT = 63  # a NodePool's name is the value of a label on its nodes
# Spot runs out type by type: EC2's best practices ask for ten at least, and Karpenter would replace a spot node by a
# cheaper one only among fifteen. karpenter.sh/docs/concepts/disruption
_SPOT_TYPES = 15


def check_karpenter(settings: "StackSettings") -> list[str]:
    """Problems of each region that has Karpenter, one sentence each."""
    return [
        problem
        for name, region in settings.regions.items()
        if region.karpenter is not None
        for problem in karpenter_problems(name, region, region.karpenter)
    ]


def karpenter_problems(name: str, region: "RegionSettings", karpenter: "KarpenterSettings") -> Iterator[str]:
    """Problems of one region's pools."""
    yield from _names(name, region, karpenter)
    for pool_name, pool in karpenter.pools.items():
        path = path_text(("regions", name, "karpenter", "pools", pool_name))
        unknown = [*_unknown(path, pool)]
        yield from unknown
        if not unknown:
            yield from _pool(path, pool, region)
    yield from _worlds(name, region, karpenter)


def density(kind: InstanceType, pod: "Resources") -> int:
    """How many pods of one size a node holds beside what it keeps for itself."""
    cpu = (kind.vcpus * 1000 - NODE_RESERVE_CPU) // millicores(pod.cpu)
    memory = (kind.memory_gib * _GIB - NODE_RESERVE_MEMORY) // kibibytes(pod.memory)
    return min(cpu, memory)


def _node_pool_names(pool_name: str, pool: "KarpenterPoolSettings", region: "RegionSettings") -> list[str]:
    """The NodePools that a pool becomes; components/karpenter/specs.py makes a database pool once per zone."""
    return [f"{pool_name}-{zone}" for zone in region.network.zones] if pool.workload == "database" else [pool_name]


def _names(name: str, region: "RegionSettings", karpenter: "KarpenterSettings") -> Iterator[str]:
    owners: dict[str, str] = {}
    for pool_name, pool in karpenter.pools.items():
        path = path_text(("regions", name, "karpenter", "pools", pool_name))
        if pool_name in region.node_pools:
            yield (
                f"{path}: a managed pool of the region has this name too, so their nodes cannot be told apart; "
                f"choose another name"
            )
        for made in _node_pool_names(pool_name, pool, region):
            if made in owners:
                yield f"{path}: its pool {shown(made)} has the name of pool {shown(owners[made])}; rename one of them"
            if len(made) > _NAME_LIMIT:
                yield (
                    f"{path}: its pool's name {shown(made)} has {len(made)} characters, above the {_NAME_LIMIT} of a "
                    f"label; shorten the pool's name"
                )
            owners.setdefault(made, pool_name)


def _unknown(path: str, pool: "KarpenterPoolSettings") -> Iterator[str]:
    """Families and sizes that no known type of the pool's architecture has."""
    for place, (part, given) in enumerate((("families", pool.families), ("sizes", pool.sizes))):
        known = [*dict.fromkeys(kind.split(".")[place] for kind in instance_types(pool.arch))]
        for index, value in enumerate(given):
            if value not in known:
                yield (
                    f"{path}.{part}[{index}]: {shown(value)} is none of the known {pool.arch} instance {part}; "
                    f"{nearest(value, known)}"
                )


def _types(pool: "KarpenterPoolSettings") -> list[str]:
    """Known instance types of a pool, the one with the fewest vCPUs first."""
    named = (f"{family}.{size}" for family, size in product(pool.families, pool.sizes))
    return sorted((kind for kind in named if kind in INSTANCE_TYPES), key=_room)


def _room(kind: str) -> tuple[int, int]:
    return INSTANCE_TYPES[kind].vcpus, INSTANCE_TYPES[kind].memory_gib


def _pool(path: str, pool: "KarpenterPoolSettings", region: "RegionSettings") -> Iterator[str]:
    types = _types(pool)
    if pool.workload is None and len(types) < _SPOT_TYPES:
        yield (
            f"{path}: {len(types)} instance types are below the {_SPOT_TYPES} that a spot pool needs to find capacity; "
            f"add families or sizes"
        )
    cpu, memory = millicores(pool.limits.cpu), kibibytes(pool.limits.memory)
    for kind in types:
        vcpus, gib = _room(kind)
        if vcpus * 1000 > cpu or gib * _GIB > memory:
            yield (
                f"{path}.limits: {cpu_text(cpu)} vCPU and {memory_text(memory)} do not hold one {shown(kind)} "
                f"({vcpus} vCPU, {gib}Gi); raise the limits or take the type out"
            )
        elif pool.workload == "game-server" and density(INSTANCE_TYPES[kind], region.worlds.requests) < 1:
            yield (
                f"{path}: {shown(kind)} ({vcpus} vCPU, {gib}Gi) does not hold a world and the node's own needs; "
                f"take its size out of sizes"
            )


def _worlds(name: str, region: "RegionSettings", karpenter: "KarpenterSettings") -> Iterator[str]:
    """One node per world: all worlds at once must fit under the limits, on the smallest type of each pool."""
    pools = {
        pool_name: pool
        for pool_name, pool in karpenter.pools.items()
        if pool.workload == "game-server" and _types(pool)
    }
    if not pools:
        return
    nodes = sum(_most_nodes(pool) for pool in pools.values())
    if nodes < region.worlds.max_count:
        path = path_text(("regions", name, "karpenter", "pools", next(iter(pools)), "limits"))
        yield (
            f"{path}: {nodes} nodes of the smallest type do not hold {region.worlds.max_count} worlds, one each; "
            f"raise the limits or lower worlds.max_count"
        )


def _most_nodes(pool: "KarpenterPoolSettings") -> int:
    """Nodes of the smallest type that a pool's limits allow."""
    vcpus, gib = _room(_types(pool)[0])
    return min(millicores(pool.limits.cpu) // (vcpus * 1000), kibibytes(pool.limits.memory) // (gib * _GIB))
