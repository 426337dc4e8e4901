"""Pure: what members of the cluster say about it, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SLOTS = 16_384


@dataclass(frozen=True)
class Node:
    """A line of CLUSTER NODES: how one member sees a member. `slots` are ranges, both ends included.

    `leaving` are slots on their way to another node, `coming` from another node, by slot: the other node's id.
    """

    id: str
    address: str
    hostname: str
    flags: frozenset[str]
    master_id: str | None
    connected: bool
    slots: tuple[tuple[int, int], ...] = ()
    leaving: tuple[tuple[int, str], ...] = ()
    coming: tuple[tuple[int, str], ...] = ()

    @property
    def is_master(self) -> bool:
        return "master" in self.flags

    @property
    def failed(self) -> bool:
        """A majority of the masters holds that it is gone."""
        return "fail" in self.flags

    @property
    def well(self) -> bool:
        """Connected, and nobody has heard anything else."""
        return self.connected and not self.flags & {"fail", "fail?", "handshake", "noaddr"}


@dataclass(frozen=True, kw_only=True)
class Member:
    """A pod that answers. `nodes` is its own view of the cluster, its own line with the flag `myself`."""

    pod: str
    zone: str
    address: str
    id: str
    nodes: tuple[Node, ...]
    keys: int = 0
    state_ok: bool = True
    link_up: bool = True

    @property
    def own(self) -> Node:
        """Its line about itself."""
        return next(node for node in self.nodes if "myself" in node.flags)

    @property
    def known(self) -> frozenset[str]:
        """Ids of all members that it knows, its own too."""
        return frozenset(node.id for node in self.nodes if "handshake" not in node.flags)

    @property
    def empty(self) -> bool:
        """In no cluster and without data: a pod that has just got its disk."""
        return self.known == {self.id} and not self.own.slots and not self.keys and self.own.is_master

    def of(self, node_id: str) -> Node | None:
        """Its line about another member."""
        return next((node for node in self.nodes if node.id == node_id), None)


@dataclass(frozen=True, kw_only=True)
class View:
    """All that answer of the pods that there should be, in the pods' order."""

    pods: tuple[str, ...]
    members: tuple[Member, ...]

    def __getitem__(self, pod: str) -> Member:
        return next(member for member in self.members if member.pod == pod)

    @property
    def missing(self) -> tuple[str, ...]:
        """Pods that do not answer."""
        answering = {member.pod for member in self.members}
        return tuple(pod for pod in self.pods if pod not in answering)

    @property
    def zones(self) -> dict[str, str]:
        """Zone of each pod that answers."""
        return {member.pod: member.zone for member in self.members}

    @property
    def masters(self) -> tuple[Member, ...]:
        """Members that own slots, by what they say themselves."""
        return tuple(member for member in self.members if member.own.is_master and member.own.slots)

    def by_id(self, node_id: str | None) -> Member | None:
        """The member with that id."""
        return next((member for member in self.members if member.id == node_id), None)

    def table(self) -> str:
        """For a person: who is what."""
        rows = [f"{'pod':<20} {'zone':<12} {'role':<8} {'slots':>6} {'keys':>8} {'knows':>5} {'id':<8} master"]
        for member in self.members:
            own = member.own
            role, master = ("master", "-") if own.is_master else ("replica", (own.master_id or "-")[:8])
            rows.append(
                f"{member.pod:<20} {member.zone or '?':<12} {role:<8} {count(own.slots):>6} {member.keys:>8} "
                f"{len(member.known):>5} {member.id[:8]:<8} {master}"
            )
        rows += [f"{pod:<20} does not answer" for pod in self.missing]
        return "\n".join(rows)


def count(ranges: Iterable[tuple[int, int]]) -> int:
    """Slots in `ranges`."""
    return sum(last - first + 1 for first, last in ranges)


def slots_of(ranges: Iterable[tuple[int, int]]) -> list[int]:
    """Each slot of `ranges`."""
    return [slot for first, last in ranges for slot in range(first, last + 1)]


def ranges_of(slots: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """`slots` as the fewest ranges."""
    found: list[tuple[int, int]] = []
    for slot in sorted(slots):
        if found and found[-1][1] == slot - 1:
            found[-1] = (found[-1][0], slot)
        else:
            found.append((slot, slot))
    return tuple(found)


def parse_info(text: str) -> dict[str, str]:
    """INFO and CLUSTER INFO: `name:value` by line."""
    pairs = (line.partition(":") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value.strip() for name, _, value in pairs}


def parse_nodes(text: str) -> tuple[Node, ...]:
    """CLUSTER NODES, and nodes.conf: valkey.io/commands/cluster-nodes."""
    lines = (line.split() for line in text.splitlines())
    return tuple(_node(fields) for fields in lines if len(fields) >= 8 and fields[0] != "vars")


def _node(fields: list[str]) -> Node:
    endpoint, _, rest = fields[1].partition("@")
    hostname = [*rest.split(","), ""][1]
    slots, leaving, coming = [], [], []
    for field in fields[8:]:
        if field.startswith("["):
            if "->-" in field:
                slot, _, other = field.strip("[]").partition("->-")
                leaving.append((int(slot), other))
            else:
                slot, _, other = field.strip("[]").partition("-<-")
                coming.append((int(slot), other))
        else:
            first, _, last = field.partition("-")
            slots.append((int(first), int(last or first)))
    return Node(
        id=fields[0],
        address=endpoint.rpartition(":")[0],
        hostname=hostname,
        flags=frozenset(fields[2].split(",")),
        master_id=None if fields[3] == "-" else fields[3],
        connected=fields[7] == "connected",
        slots=tuple(slots),
        leaving=tuple(leaving),
        coming=tuple(coming),
    )


def shards(view: View) -> dict[str, list[Member]]:
    """By each slot-owning master's pod: the master, then its replicas that answer."""
    found: dict[str | None, list[Member]] = {master.id: [master] for master in view.masters}
    for member in view.members:
        master_id = member.own.master_id
        if master_id in found:
            found[master_id].append(member)
    return {members[0].pod: members for members in found.values()}
