"""Pure arithmetic: how many addresses a region's nodes, pods, load balancers and endpoints take at their greatest.

What a subnet cannot hold shows itself months later, when a pool grows to its maximum on the evening of a release and
pods stay without an address. So the plan counts the worst: every pool at its greatest size, every node full of pods,
and one zone lost, whose nodes the others take over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from math import ceil

# docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html: the first four and the last.
RESERVED = 5
PREFIX = 16  # addresses of a delegated /28
WARM_PREFIXES = 1  # kept ahead of need: WARM_PREFIX_TARGET
# docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html: pods of a node where prefixes are delegated.
_PODS, _PODS_OF_LARGE, _LARGE_VCPUS = 110, 250, 30
# A node kept for one workload holds a world or a few databases, and what every node runs; not the 110 it could.
PODS_OF_ONE_WORKLOAD = 32
# docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html: up to two new nodes in each zone.
UPDATE_SURGE = 2
# docs.aws.amazon.com/eks/latest/userguide/network-reqs.html: what EKS wants free in each subnet it is given.
CONTROL_PLANE = 6
# docs.aws.amazon.com/elasticloadbalancing/latest/network/availability-zones.html: free addresses that one asks for.
LOAD_BALANCER = 8


@dataclass(frozen=True, kw_only=True)
class Interfaces:
    """Network interfaces of an instance type, and IPv4 addresses that each holds, its own among them."""

    count: int
    addresses_each: int


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One way to fill a pool: so many nodes of one instance type, with at most `pods` each, where that is known."""

    nodes: int
    vcpus: int
    interfaces: Interfaces
    pods: int | None = None


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Nodes that come and go together, of whichever `choices` takes most; `surge` are more in each zone for an update.

    `subnets` is the kind of subnet that they stand in. They spread over `zones` and crowd into what is left of them.
    """

    name: str
    choices: tuple[Choice, ...]
    zones: tuple[str, ...]
    subnets: str
    surge: int = 0


@dataclass(frozen=True, kw_only=True)
class Shortage:
    """A subnet that is too small, with what it should hold: addresses by who takes them."""

    kind: str
    zone: str
    block: IPv4Network
    needs: Mapping[str, int]

    @property
    def usable(self) -> int:
        """Addresses that AWS leaves of the block."""
        return usable(self.block)

    @property
    def needed(self) -> int:
        """Addresses that all of it takes."""
        return sum(self.needs.values())


def usable(block: IPv4Network) -> int:
    """Addresses that AWS leaves of a subnet."""
    return max(0, block.num_addresses - RESERVED)


def prefix_pods(vcpus: int) -> int:
    """Pods that EKS allows on a node where whole prefixes are delegated, so that addresses are no bound."""
    return _PODS if vcpus < _LARGE_VCPUS else _PODS_OF_LARGE


def shared_addresses(choice: Choice) -> int:
    """Addresses that a full node takes of its own subnet where pods share it.

    The CNI takes whole interfaces with all their addresses, and one ahead of need as long as the type has room for it.
    """
    count, each = choice.interfaces.count, choice.interfaces.addresses_each
    if choice.pods is None:
        return count * each
    return each * min(count, ceil(choice.pods / (each - 1)) + 1)


def pod_addresses(choice: Choice) -> int:
    """Addresses that a full node takes of the pods' subnet, in whole /28 blocks.

    Its first interface stays in the node's subnet. Of the others each has an address of its own, which may stand
    anywhere and then breaks one block, in which no prefix fits any more; so it counts as one.
    """
    others, slots = choice.interfaces.count - 1, choice.interfaces.addresses_each - 1
    allowed = prefix_pods(choice.vcpus)
    pods = allowed if choice.pods is None else min(choice.pods, allowed)
    prefixes = min(ceil(pods / PREFIX) + WARM_PREFIXES, others * slots)
    return PREFIX * (prefixes + ceil(prefixes / slots))


def nodes_in_a_zone(nodes: int, zones: int, surge: int) -> int:
    """Most nodes of a pool in one zone: spread evenly and updated, or with one of several zones lost."""
    return max(ceil(nodes / zones) + surge, ceil(nodes / max(1, zones - 1)))


def pool_needs(pool: Pool, own_pod_subnets: bool) -> dict[str, int]:
    """Addresses that a pool takes in each of its zones, by kind of subnet."""
    needs = {pool.subnets: 0, **({"pods": 0} if own_pod_subnets else {})}
    for choice in pool.choices:
        nodes = nodes_in_a_zone(choice.nodes, len(pool.zones), pool.surge)
        each = 1 if own_pod_subnets else shared_addresses(choice)
        needs[pool.subnets] = max(needs[pool.subnets], nodes * each)
        if own_pod_subnets:
            needs["pods"] = max(needs["pods"], nodes * pod_addresses(choice))
    return needs


def shortages(
    subnets: Mapping[str, Mapping[str, IPv4Network]], pools: Sequence[Pool], others: Mapping[str, Mapping[str, int]]
) -> list[Shortage]:
    """The first subnet of each kind that is too small. `subnets` are blocks by kind and zone.

    `others` are addresses that something else than a pool takes in each zone, by kind of subnet and name.
    """
    needed = [(pool, pool_needs(pool, own_pod_subnets="pods" in subnets)) for pool in pools]
    found = []
    for kind, blocks in subnets.items():
        for zone, block in blocks.items():
            needs = {pool.name: need[kind] for pool, need in needed if zone in pool.zones and kind in need}
            short = Shortage(kind=kind, zone=zone, block=block, needs={**needs, **others.get(kind, {})})
            if short.needed > short.usable:
                found.append(short)
                break
    return found
