"""A cluster's nodes while pods are placed on them, one after the other."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from plan.placement.filters import chosen, untolerated
from plan.placement.neighbours import Neighbours
from plan.placement.shapes import NOTHING, Choice, Node, Pending, Pod, Pool, Room

_MIB = 1024


class Cluster:
    """Nodes of a region, the zones of its volumes, and how each further pod finds its place.

    As the scheduler does: of the nodes that may take a pod, the one with the fewest pods that it should stand apart
    from, then the least filled. Where no node does, a pool may make one, by the cheapest-fit rule: of all new nodes
    that would take the pod, that of the type with the fewest vCPUs, then the least memory (prices follow these within
    what one pool may take), in the zone with the fewest nodes of the pool. As in a NodeClaim of Karpenter's, a node
    that is not bought yet grows to the next type as long as more pods come that want it, so that many small pods share
    a large node.
    Not imitated: preemption, spot prices, consolidation.
    """

    def __init__(self, pools: Iterable[Pool], daemons: Iterable[Pod]) -> None:
        self.nodes: list[Node] = []
        self.volume_zones: dict[str, str] = {}
        self.pending: list[Pending] = []
        self._pools = tuple(pools)
        self._daemons = tuple(daemons)
        self._made: Counter[str] = Counter()

    def start(self) -> None:
        """Make the nodes that stand from the start, evenly over each pool's zones, with what runs on every node."""
        for pool in self._pools:
            self.make_evenly(pool, pool.nodes)

    def make_evenly(self, pool: Pool, count: int) -> None:
        """Nodes of the pool's first type, as managed groups take it, each in the zone with the fewest of the pool."""
        standing = Counter(node.zone for node in self.nodes if node.pool is pool)
        for _ in range(count):
            zone = min(pool.zones, key=lambda one: standing[one])
            self._keep(self._node(pool, zone, pool.choices[0], growing=False))
            standing[zone] += 1

    def keep_as_it_is(self, node: Node, pool: Pool) -> None:
        """A node that stood before, with its pods, as one of this cluster's `pool`."""
        self._made[pool.name] = max(self._made[pool.name], int(node.name.rpartition("-")[2]))
        self.nodes.append(replace(node, pool=pool, pods=list(node.pods)))

    def place(self, pods: Iterable[Pod]) -> None:
        """Place pods, those of higher priority first and then the larger ones; what finds no node is `pending`."""
        ordered = sorted(pods, key=lambda pod: (-pod.priority, -pod.asks.cpu, -pod.asks.memory, pod.owner, pod.name))
        for pod in ordered:
            self._place(pod)
        for node in self.nodes:
            node.growing = False

    def put(self, pod: Pod, node: Node) -> None:
        """The pod on the node, its new volumes in the node's zone."""
        node.add(pod)
        for claim in pod.volumes:
            self.volume_zones.setdefault(claim, node.zone)

    def _place(self, pod: Pod) -> None:
        labels = [node.labels_as(node.choice) for node in self.nodes]
        neighbours = Neighbours(pod, self.nodes, labels)
        refusals: Counter[str] = Counter()
        best: tuple[tuple[object, ...], Node, Choice] | None = None
        for node, own in zip(self.nodes, labels, strict=True):
            refusal, choice = self._verdict(pod, node, own, neighbours)
            if refusal is not None:
                refusals[refusal] += 1
                continue
            rank = (*neighbours.rank(own), _share(node.used.plus(pod.asks), choice.room), node.name)
            if best is None or rank < best[0]:
                best = (rank, node, choice)
        if best is not None:
            best[1].choice = best[2]
            self.put(pod, best[1])
        elif (node_new := self._new_node(pod, neighbours)) is not None:
            self.put(pod, self._keep(node_new))
        else:
            self.pending.append(self._pending(pod, refusals))

    def _verdict(
        self, pod: Pod, node: Node, labels: Mapping[str, str], neighbours: Neighbours
    ) -> tuple[str | None, Choice]:
        """Why the node does not take the pod, or None and the type it has to be for it."""
        choice = node.choice
        taint = untolerated(pod, node.pool.taints)
        if taint is not None:
            return f"{_TAINTED} {taint['key']}={taint.get('value', '')}", choice
        if not chosen(pod, labels):
            return _UNCHOSEN, choice
        zone = self._volume_zone(pod)
        if zone is not None and zone != node.zone:
            return f"{_VOLUME}{zone}", choice
        grown = self._grown(pod, node)
        if grown is None:
            return _shortage(node, pod), choice
        return neighbours.refusal(labels), grown

    def _volume_zone(self, pod: Pod) -> str | None:
        return next((self.volume_zones[claim] for claim in pod.volumes if claim in self.volume_zones), None)

    def _grown(self, pod: Pod, node: Node) -> Choice | None:
        """The cheapest type, not below its own, as which the node holds the pod too; None if there is none."""
        wanted = node.used.plus(pod.asks)
        if node.choice.room.holds(wanted):
            return node.choice
        if not node.growing:
            return None
        larger = node.pool.choices[node.pool.choices.index(node.choice) :]
        fitting = (choice for choice in larger if choice.room.holds(wanted) and self._allowed(node, choice))
        return next(
            (choice for choice in fitting if all(chosen(one, node.labels_as(choice)) for one in [*node.pods, pod])),
            None,
        )

    def _allowed(self, node: Node, choice: Choice) -> bool:
        limits = node.pool.limits
        if limits is None:
            return True
        others = (other.choice.machine for other in self.nodes if other.pool is node.pool and other is not node)
        cpu, memory = choice.machine.cpu, choice.machine.memory
        for machine in others:
            cpu, memory = cpu + machine.cpu, memory + machine.memory
        return cpu <= limits.cpu and memory <= limits.memory

    def _new_node(self, pod: Pod, neighbours: Neighbours) -> Node | None:
        found: list[tuple[tuple[object, ...], Node]] = []
        for pool in self._pools:
            standing = Counter(node.zone for node in self.nodes if node.pool is pool)
            if pool.most is not None and standing.total() >= pool.most:
                continue
            for zone in pool.zones:
                node = self._new_in(pool, zone, pod, neighbours)
                if node is not None:
                    size = node.choice.machine
                    found.append(((size.cpu, size.memory, standing[zone], pool.name, zone), node))
        return min(found, key=lambda one: one[0])[1] if found else None

    def _new_in(self, pool: Pool, zone: str, pod: Pod, neighbours: Neighbours) -> Node | None:
        for choice in pool.choices:
            node = self._node(pool, zone, choice, growing=pool.limits is not None)
            labels = node.labels_as(choice)
            refusal, _ = self._verdict(pod, node, labels, neighbours)
            if refusal is None and choice.room.holds(node.used.plus(pod.asks)) and self._allowed(node, choice):
                return node
        return None

    def _node(self, pool: Pool, zone: str, choice: Choice, *, growing: bool) -> Node:
        name = f"{pool.name}-{self._made[pool.name] + 1}"
        node = Node(name=name, pool=pool, zone=zone, choice=choice, growing=growing)
        labels = node.labels_as(choice)
        for daemon in self._daemons:
            if untolerated(daemon, pool.taints) is None and chosen(daemon, labels):
                node.add(replace(daemon, name=f"{daemon.name}-{name}"))
        return node

    def _keep(self, node: Node) -> Node:
        """Make the node one of the cluster's; daemon pods beyond its room are pending."""
        self._made[node.pool.name] += 1
        pods, node.pods, node.used = node.pods, [], NOTHING
        for pod in pods:
            if node.choice.room.holds(node.used.plus(pod.asks)):
                node.add(pod)
            else:
                self.pending.append(Pending(pod, f"its node {node.name} has no room left for it"))
        self.nodes.append(node)
        return node

    def _pending(self, pod: Pod, refusals: Counter[str]) -> Pending:
        if not self.nodes:
            return Pending(pod, "there is no node")
        zone = self._volume_zone(pod)
        # Nodes of other kinds count for nothing: had the volume's zone a node of the pod's kind, that would be named.
        of_its_kind = [text for text in refusals if not text.startswith((_TAINTED, _UNCHOSEN))]
        for_volume = zone is not None and all(text.startswith(_VOLUME) for text in of_its_kind)
        counts = ", ".join(f"{count} {text}" for text, count in sorted(refusals.items()))
        return Pending(pod, f"of {len(self.nodes)} nodes {counts}", zone if for_volume else None)


_TAINTED = "tainted"
_UNCHOSEN = "without the labels that it asks for"
_VOLUME = "outside its volume's zone, "


def _share(used: Room, room: Room) -> float:
    return used.cpu / room.cpu + used.memory / room.memory


def _shortage(node: Node, pod: Pod) -> str:
    free = node.choice.room
    if node.used.cpu + pod.asks.cpu > free.cpu:
        return f"short of CPU ({pod.asks.cpu}m asked)"
    if node.used.memory + pod.asks.memory > free.memory:
        return f"short of memory ({pod.asks.memory // _MIB}Mi asked)"
    return "full of pods"
