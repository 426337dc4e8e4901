"""Whether a region's subnets hold its nodes, pods, load balancers and endpoints at their greatest."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from math import ceil
from typing import TYPE_CHECKING

from components.network.addresses import (
    CONTROL_PLANE,
    LOAD_BALANCER,
    PODS_OF_ONE_WORKLOAD,
    UPDATE_SURGE,
    Choice,
    Pool,
    Shortage,
    shortages,
)
from components.network.facts import node_subnet_kind
from components.network.subnets import pod_subnets, zone_subnets
from stacks.aws_regions import ZONES
from stacks.instance_networks import interfaces
from stacks.instance_types import INSTANCE_TYPES, InstanceType
from stacks.quantities import kibibytes, millicores

if TYPE_CHECKING:
    from stacks.game_settings import Resources
    from stacks.karpenter_settings import KarpenterSettings
    from stacks.network_settings import ExistingNetworkSettings, NetworkSettings
    from stacks.settings import RegionSettings, StackSettings

_Subnets = Mapping[str, Mapping[str, IPv4Network]]
_GIB = 1024**2  # in KiB
_KARPENTER = "Karpenter's"  # what begins the names of its pools


def check_addresses(settings: "StackSettings") -> Iterator[str]:
    """One sentence for each kind of subnet that is too small; none for a network that is refused already."""
    for name, region in settings.regions.items():
        if not set(region.network.zones) <= set(ZONES.get(region.aws.region, ())):
            continue  # a zone or an AWS region that other checks refuse
        try:
            subnets = subnets_of(region.network)
        except ValueError:
            continue  # a block or zones without a place in the layout, likewise
        pools = managed_pools(region, subnets)
        if region.karpenter and region.network.pods:  # without pods' subnets it is refused
            pools += karpenter_pools(region.karpenter, region.network)
        for shortage in shortages(subnets, pools, other_needs(region, subnets)):
            yield _sentence(f"regions.{name}.network", region.network, shortage)


def subnets_of(network: "NetworkSettings") -> _Subnets:
    """Blocks by kind of subnet and zone, only kinds that the region has; ValueError where there can be none."""
    if network.existing:
        return _existing(network.existing, network.zones)
    layout = zone_subnets(network.cidr, network.zones)
    subnets = {
        "public": {zone: blocks.public for zone, blocks in layout.items()},
        "private": {zone: blocks.private for zone, blocks in layout.items()},
    }
    if network.pods:
        subnets["pods"] = pod_subnets(network.pods, network.zones)
    if "database" in network.own_subnets:
        subnets["database"] = {zone: blocks.database for zone, blocks in layout.items()}
    if "control-plane" in network.own_subnets:
        subnets["control-plane"] = {zone: blocks.control_plane for zone, blocks in layout.items()}
    return subnets


def _existing(existing: "ExistingNetworkSettings", zones: tuple[str, ...]) -> _Subnets:
    kinds = {
        "public": existing.public,
        "private": existing.private,
        "pods": existing.pods,
        "database": existing.database,
        "control-plane": existing.control_plane,
    }
    return {
        kind: {zone: subnets[zone].cidr for zone in zones if zone in subnets}
        for kind, subnets in kinds.items()
        if subnets
    }


def managed_pools(region: "RegionSettings", subnets: _Subnets) -> list[Pool]:
    """Every managed node group at its greatest size, while an update brings more; a database pool is one per zone."""
    network, found = region.network, []
    for name, pool in region.node_pools.items():
        spread = _spread(network, pool.workload)
        found += [
            Pool(
                name=f"pool {name}",
                choices=_choices(dict.fromkeys(pool.instance_types, ceil(pool.max_size / len(spread))), pool.workload),
                zones=zones,
                subnets=_node_subnets(network, pool.workload, subnets),
                surge=UPDATE_SURGE,
            )
            for zones in spread
        ]
    return found


def karpenter_pools(karpenter: "KarpenterSettings", network: "NetworkSettings") -> list[Pool]:
    """Every pool of Karpenter's at its limits, which a database pool has in each zone for itself."""
    found = []
    for name, pool in karpenter.pools.items():
        types = [f"{family}.{size}" for family in pool.families for size in pool.sizes]
        nodes = {known: _nodes_within(pool.limits, INSTANCE_TYPES[known]) for known in types if known in INSTANCE_TYPES}
        found += [
            Pool(
                name=f"{_KARPENTER} {name}",
                choices=_choices(nodes, pool.workload),
                zones=zones,
                subnets=node_subnet_kind(network.nat),  # it finds subnets by their tag, and only these have it
            )
            for zones in _spread(network, pool.workload)
        ]
    return found


def _spread(network: "NetworkSettings", workload: str | None) -> list[tuple[str, ...]]:
    """Zones of each part of a pool."""
    return [(zone,) for zone in network.zones] if workload == "database" else [network.zones]


def _nodes_within(limits: "Resources", each: InstanceType) -> int:
    cpu, memory = 1000 * each.vcpus, _GIB * each.memory_gib
    return min(millicores(limits.cpu) // cpu, kibibytes(limits.memory) // memory)


def _choices(nodes: Mapping[str, int], workload: str | None) -> tuple[Choice, ...]:
    """So many nodes of each instance type; a type that is not known is refused elsewhere."""
    return tuple(
        Choice(
            nodes=count,
            vcpus=INSTANCE_TYPES[instance_type].vcpus,
            interfaces=interfaces(instance_type),
            pods=None if workload is None else PODS_OF_ONE_WORKLOAD,
        )
        for instance_type, count in nodes.items()
        if instance_type in INSTANCE_TYPES
    )


def _node_subnets(network: "NetworkSettings", workload: str | None, subnets: _Subnets) -> str:
    if workload == "database" and "database" in subnets:
        return "database"
    return node_subnet_kind(network.nat)


def other_needs(region: "RegionSettings", subnets: _Subnets) -> dict[str, dict[str, int]]:
    """Addresses that no node takes, in each zone, by kind of subnet and by what takes them."""
    balancers = region.namespace.quota.load_balancers
    # One more than the namespace may have: the program's own, for players.
    needs = {"public": {"load balancers": LOAD_BALANCER * (balancers + 1), "NAT": 1}, "private": {}}
    needs.setdefault("control-plane" if "control-plane" in subnets else "private", {})["control plane"] = CONTROL_PLANE
    if region.network.interface_endpoints:
        needs["private"]["endpoints"] = len(region.network.interface_endpoints)
    return needs


def _sentence(path: str, network: "NetworkSettings", short: Shortage) -> str:
    needs = ", ".join(f"{name} {count}" for name, count in short.needs.items())
    if network.existing:
        setting, larger = f"{path}.existing.{short.kind.replace('-', '_')}", "give a larger subnet"
    elif short.kind == "pods":
        setting, larger = f"{path}.pods", "give a larger block"
    else:
        setting, larger = f"{path}.cidr", "give a larger block"
    if short.kind not in ("pods", "control-plane") and network.pods is None:
        larger += ", set network.pods so that pods take none of these"
    smaller = "lower max_size"
    if any(name.startswith(_KARPENTER) for name in short.needs):
        smaller += " or the limits of Karpenter's pools, or leave their smallest types out"
    return (
        f"{setting}: the {short.kind} subnet {short.block} of zone {short.zone} has {short.usable} addresses, but "
        f"{short.needed} are needed with every pool at its greatest and a zone lost ({needs}); "
        f"{larger} or {smaller}"
    )
