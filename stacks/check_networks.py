"""Whether a region's network can be as asked: pods' blocks, subnets of their own, a VPC that exists, instance types."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from itertools import combinations
from typing import TYPE_CHECKING

from components.network.flows import RULES_OF_A_GROUP, most_regions
from components.network.subnets import LARGEST_PREFIX, SMALLEST_PREFIX, shared_quarters
from components.ports import CALLED_BY_API_SERVER, node_rules
from stacks.aws_regions import ZONES
from stacks.instance_networks import offered
from stacks.instance_types import INSTANCE_TYPES
from stacks.settings_errors import path_text, shown

if TYPE_CHECKING:
    from stacks.network_settings import ExistingNetworkSettings, NetworkSettings, SubnetSettings
    from stacks.settings import RegionSettings, StackSettings

# RFC 6598. docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html: the one range that a VPC of any private block
# may have beside its own; company networks do not use it, so pods take nothing from them.
POD_RANGE = IPv4Network("100.64.0.0/10")
_SUBNET_SIZES = (16, 28)  # CreateSubnet: CidrBlock


def check_networks(settings: "StackSettings") -> Iterator[str]:
    """Problems of each region's network beyond its place, too many to be peered, and pods' blocks that overlap."""
    for name, region in settings.regions.items():
        path, network = f"regions.{name}.network", region.network
        if network.pods is not None:
            yield from _pods(f"{path}.pods", network.pods)
        elif region.karpenter:
            yield (
                f"{path}.pods is missing, but Karpenter's nodes take 110 pods each, more than their interfaces have "
                "addresses for; give a block for pods, such as 100.64.0.0/16"
            )
        if set(network.zones) <= set(ZONES.get(region.aws.region, ())):  # others are refused already
            yield from _zones(path, network)
            yield from _instance_types(name, region)
        if network.existing and not network.existing.route_tables:
            yield from _shared(path, network, peered=settings.peering and len(settings.regions) > 1)
    # With every add-on that there is, so that adding one later is no matter of luck.
    most = most_regions(len(node_rules(CALLED_BY_API_SERVER, load_balancer=True)))
    if settings.peering and len(settings.regions) > most:
        yield (
            f"peering: {len(settings.regions)} regions are above the {most} whose flows fit into the "
            f"{RULES_OF_A_GROUP} rules of a node's security group; split the stack or set peering: false"
        )
    blocks = {name: region.network.pods for name, region in sorted(settings.regions.items()) if region.network.pods}
    for (one, block), (other, taken) in combinations(blocks.items(), 2):
        if block.overlaps(taken):
            yield (
                f"regions.{other}.network.pods: {shown(str(taken))} overlaps {shown(str(block))} of region "
                f"{shown(one)}, and networks that overlap can never be peered; give each region a block of its own, "
                f"such as {_free_block(list(blocks.values()))}"
            )


def _pods(path: str, block: IPv4Network) -> Iterator[str]:
    if not block.subnet_of(POD_RANGE):
        yield f"{path}: {shown(str(block))} is outside {POD_RANGE}, which is kept for pods; take a block from it"
    if not LARGEST_PREFIX <= block.prefixlen <= SMALLEST_PREFIX:
        yield (
            f"{path}: {shown(str(block))} is a /{block.prefixlen}, outside /{LARGEST_PREFIX} to /{SMALLEST_PREFIX}, in "
            "which a pod subnet for each of four zones fits; give a block of that size"
        )


def _zones(path: str, network: "NetworkSettings") -> Iterator[str]:
    if network.existing is None:
        yield from _own(path, network)
    else:
        yield from _existing(path, network, network.existing)


def _own(path: str, network: "NetworkSettings") -> Iterator[str]:
    if network.nat == "none" and "database" in network.own_subnets:
        yield (
            f'{path}.own_subnets: "database" needs NAT, without which nodes get out by public subnets alone; '
            "set nat to one or per-zone, or leave database out"
        )
    for zones in shared_quarters(network.zones) if network.pods else []:
        yield (
            f"{path}.pods: zones {', '.join(zones)} would share one quarter of {network.pods}; "
            "choose zones whose letters are not four apart, or leave pods out"
        )


def _existing(path: str, network: "NetworkSettings", existing: "ExistingNetworkSettings") -> Iterator[str]:
    if network.own_subnets:
        yield f"{path}.own_subnets: a VPC that exists has the subnets that existing names; leave own_subnets out"
    if (network.pods is None) != (existing.pods is None):
        yield f"{path}.pods: the pods' block and existing.pods, the subnets in it, go together; give both or neither"
    kinds: dict[str, tuple[Mapping[str, SubnetSettings] | None, IPv4Network]] = {
        "public": (existing.public, network.cidr),
        "private": (existing.private, network.cidr),
        "pods": (existing.pods, network.pods or network.cidr),
        "database": (existing.database, network.cidr),
        "control_plane": (existing.control_plane, network.cidr),
    }
    taken: dict[str, tuple[str, IPv4Network]] = {}
    for kind, (subnets, whole) in kinds.items():
        if subnets is None:
            continue
        if set(subnets) != set(network.zones):
            yield (
                f"{path}.existing.{kind}: names subnets in {shown(', '.join(sorted(subnets)))}, not in the region's "
                f"zones; give one for each of {', '.join(network.zones)}"
            )
        for zone, subnet in subnets.items():
            yield from _subnet(path_text((*path.split("."), "existing", kind, zone)), subnet, whole, taken)


def _shared(path: str, network: "NetworkSettings", *, peered: bool) -> Iterator[str]:
    """Of a VPC without route tables, which another account shares: what only its owner may make.

    docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html
    """
    asked = {
        f"{path}.interface_endpoints": network.interface_endpoints,
        f"{path}.flow_logs": network.flow_logs,
        "peering": peered,
    }
    for setting, value in asked.items():
        if value:
            yield (
                f"{setting}: asks for what only the owner of a VPC may make, and {path}.existing names no route "
                "tables, as of one that another account shares; leave it out, or name the route tables"
            )


def _subnet(
    path: str, subnet: "SubnetSettings", whole: IPv4Network, taken: dict[str, tuple[str, IPv4Network]]
) -> Iterator[str]:
    """Problems of one subnet; it joins those `taken`, ids with their place and block."""
    largest, smallest = _SUBNET_SIZES
    if not largest <= subnet.cidr.prefixlen <= smallest:
        yield f"{path}.cidr: {shown(str(subnet.cidr))} is no subnet's block, which is /{largest} to /{smallest}"
    if not subnet.cidr.subnet_of(whole):
        yield f"{path}.cidr: {shown(str(subnet.cidr))} is outside the VPC's {whole}; correct the one or the other"
    if subnet.id in taken:
        yield f"{path}.id: {shown(subnet.id)} is already that of {taken[subnet.id][0]}; give each subnet its own id"
        return
    for other, block in taken.values():
        if subnet.cidr.overlaps(block):
            yield f"{path}.cidr: {shown(str(subnet.cidr))} overlaps {block} of {other}; correct the one or the other"
    taken[subnet.id] = (path, subnet.cidr)


def _instance_types(name: str, region: "RegionSettings") -> Iterator[str]:
    for pool, settings in region.node_pools.items():
        for index, instance_type in enumerate(settings.instance_types):
            if instance_type not in INSTANCE_TYPES:
                continue  # refused already
            without = [zone for zone in region.network.zones if not offered(instance_type, zone)]
            if without:
                yield (
                    f"{path_text(('regions', name, 'node_pools', pool, 'instance_types', index))}: "
                    f"{shown(instance_type)} is not offered in {', '.join(without)}; "
                    "take a type that every zone has, or other zones"
                )


def _free_block(taken: list[IPv4Network]) -> IPv4Network:
    """A /16 of the pods' range that no region uses; there are 64, more than a stack can have regions."""
    candidates = POD_RANGE.subnets(new_prefix=LARGEST_PREFIX)
    return next((block for block in candidates if not any(block.overlaps(other) for other in taken)), POD_RANGE)
