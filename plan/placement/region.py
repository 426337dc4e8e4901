"""A region's pods on its nodes, as the program leaves it, and after the loss of a zone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from plan.placement.cluster import Cluster
from plan.placement.pods import defaults, pods_of
from plan.placement.pools import pools
from plan.placement.shapes import NOTHING, Node, Pending, Pod, Pool
from plan.placement.workloads import workloads
from plan.recorder import Recording
from stacks.settings import RegionSettings


@dataclass(frozen=True, kw_only=True)
class PoolUse:
    """What stands in one pool. `pods_per_node` leaves out what runs on every node; the shares are of allocatable."""

    name: str
    nodes: int
    instance_types: dict[str, int]
    pods: int
    pods_per_node: float
    cpu_percent: float
    memory_percent: float


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Who stands where. `pending` pods stand nowhere; `pools` are the region's, with or without nodes."""

    region: str
    pools: tuple[Pool, ...]
    nodes: tuple[Node, ...]
    pending: tuple[Pending, ...]
    volume_zones: dict[str, str]
    daemons: tuple[Pod, ...]

    @property
    def zones(self) -> tuple[str, ...]:
        """Zones in which the region may have nodes, sorted."""
        return tuple(sorted({zone for pool in self.pools for zone in pool.zones}))

    def running(self) -> dict[str, Counter[str]]:
        """Running pods by workload ("Kind namespace/name") and zone."""
        found: dict[str, Counter[str]] = {}
        for node in self.nodes:
            for pod in node.pods:
                found.setdefault(pod.owner, Counter())[node.zone] += 1
        return found

    def use(self) -> list[PoolUse]:
        """Each pool's figures, by the pools of the stack file."""
        names = dict.fromkeys(pool.of for pool in self.pools)
        return [_use(name, [node for node in self.nodes if node.pool.of == name]) for name in names]


def place(recording: Recording, region: str, settings: RegionSettings) -> Placement:
    """Where the region's pods stand when all nodes that the settings start with are there."""
    known = defaults(recording, region)
    pods = [pod for workload in workloads(recording, region) for pod in pods_of(workload, known)]
    return place_pods(region, pools(recording, region, settings), pods)


def place_pods(region: str, made: Iterable[Pool], pods: Iterable[Pod]) -> Placement:
    """Where pods stand on the nodes of pools; pods that are `everywhere` on each node that takes them."""
    everyone, made = list(pods), tuple(made)
    daemons = tuple(pod for pod in everyone if pod.everywhere)
    cluster = Cluster(made, daemons)
    cluster.start()
    cluster.place(pod for pod in everyone if not pod.everywhere)
    return _placement(region, made, cluster, daemons)


def lose_zone(before: Placement, zone: str) -> Placement:
    """The region once a zone has been gone for some minutes: who runs, and who is pending.

    All nodes of the zone are gone. Managed groups have made as many in the zones that are left to them (Auto Scaling
    keeps the desired size), Karpenter makes what pods ask for, and pods that stood elsewhere have not moved. A volume
    stays in its zone, so its pod waits for the zone.
    """
    rest = {pool: _without(pool, zone) for pool in before.pools}
    cluster = Cluster(rest.values(), before.daemons)
    cluster.volume_zones.update(before.volume_zones)
    stranded = [pending.pod for pending in before.pending if not pending.pod.everywhere]
    for node in before.nodes:
        if node.zone == zone:
            stranded += [pod for pod in node.pods if not pod.everywhere]
        else:
            cluster.keep_as_it_is(node, rest[node.pool])
            cluster.pending += [
                one for one in before.pending if one.pod.everywhere and one.pod.name.endswith(f"-{node.name}")
            ]
    for pool, left in rest.items():
        lost = sum(1 for node in before.nodes if node.pool is pool and node.zone == zone)
        if left.zones and pool.limits is None:
            cluster.make_evenly(left, lost)
    cluster.place(stranded)
    return _placement(before.region, tuple(rest.values()), cluster, before.daemons)


def _without(pool: Pool, zone: str) -> Pool:
    return replace(pool, zones=tuple(one for one in pool.zones if one != zone))


def _placement(region: str, made: tuple[Pool, ...], cluster: Cluster, daemons: tuple[Pod, ...]) -> Placement:
    return Placement(
        region=region,
        pools=made,
        nodes=tuple(cluster.nodes),
        pending=tuple(cluster.pending),
        volume_zones=dict(cluster.volume_zones),
        daemons=daemons,
    )


def _use(name: str, nodes: list[Node]) -> PoolUse:
    room, used = NOTHING, NOTHING
    for node in nodes:
        room, used = room.plus(node.choice.room), used.plus(node.used)
    own = sum(1 for node in nodes for pod in node.pods if not pod.everywhere)
    return PoolUse(
        name=name,
        nodes=len(nodes),
        instance_types=dict(sorted(Counter(node.choice.instance_type for node in nodes).items())),
        pods=used.pods,
        pods_per_node=round(own / len(nodes), 1) if nodes else 0.0,
        cpu_percent=_percent(used.cpu, room.cpu),
        memory_percent=_percent(used.memory, room.memory),
    )


def _percent(used: int, room: int) -> float:
    return round(100 * used / room, 1) if room else 0.0
