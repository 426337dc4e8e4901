"""A cluster of Redis members in memory, as far as bootstrap, healer and scaling ask of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from components.data.redis.runtime.steps import Command, FailOver, MoveSlots, Step
from components.data.redis.runtime.topology import Member, Node, View, ranges_of

PORT = 6379
DOMAIN = "redis-cluster-headless.mmorpg-game.svc.cluster.local"


def pod_names(count: int) -> tuple[str, ...]:
    return tuple(f"redis-cluster-{number}" for number in range(count))


def zones_of(letters: str) -> dict[str, str]:
    """Zones of redis-cluster-0 and so on, one letter each."""
    return dict(zip(pod_names(len(letters)), letters, strict=True))


@dataclass
class Server:
    pod: str
    zone: str
    id: str
    up: bool = True
    slots: set[int] = field(default_factory=set)
    master_id: str | None = None
    keys: int = 0
    known: set[str] = field(default_factory=set)
    """Ids of others."""
    leaving: dict[int, str] = field(default_factory=dict)


class Refusal(Exception):
    """What a server would answer with -ERR."""


class Model:
    """Members of `zones`; `view()` is what a Job would see."""

    def __init__(self, zones: dict[str, str]) -> None:
        self.servers = {pod: Server(pod, zone, f"{number:040x}") for number, (pod, zone) in enumerate(zones.items())}
        self._former: dict[str, str] = {}
        """Pods by ids that nobody has any more."""

    def by_id(self, node_id: str) -> Server | None:
        return next((server for server in self.servers.values() if server.id == node_id), None)

    def view(self, pods: tuple[str, ...] | None = None) -> View:
        wanted = pods or tuple(self.servers)
        return View(
            pods=wanted, members=tuple(self._member(self.servers[pod]) for pod in wanted if self.servers[pod].up)
        )

    def do(self, step: Step) -> None:
        """Refusals are of no matter: the next look shows what is left."""
        try:
            if isinstance(step, Command):
                self._command(self.servers[step.pod], step.words[1:])
            elif isinstance(step, FailOver):
                self.fail_over(step.pod)
            else:
                self._move(step)
        except Refusal:
            pass

    def gossip(self) -> None:
        """Each tells those it knows of those it knows, once."""
        told = {server.id: set(server.known) for server in self.servers.values() if server.up}
        for server in self.servers.values():
            for other in told.get(server.id, ()):
                friend = self.by_id(other)
                if friend is not None and friend.up and server.up:
                    friend.known |= (told[server.id] | {server.id}) - {friend.id}

    def lose_disk(self, pod: str) -> None:
        """It comes back empty and with another id; its replica has taken over."""
        server = self.servers[pod]
        heir = next((one for one in self.servers.values() if one.master_id == server.id), None)
        if heir is not None:
            self.fail_over(heir.pod)
        self._former[server.id] = pod
        self.servers[pod] = Server(pod, server.zone, f"{len(self._former):039x}f")

    def fail_over(self, pod: str) -> None:
        heir = self.servers[pod]
        master = self.by_id(heir.master_id or "")
        if master is None:
            raise Refusal("no master")
        heir.slots, master.slots = master.slots, set()
        heir.master_id, former = None, master.id
        for server in self.servers.values():
            if server.master_id == former:
                server.master_id = heir.id
        master.master_id = heir.id

    def _member(self, server: Server) -> Member:
        nodes = [self._node(server, myself=True)]
        for node_id in sorted(server.known):
            other = self.by_id(node_id)
            nodes.append(self._node(other) if other else self._gone(node_id))
        return Member(
            pod=server.pod,
            zone=server.zone,
            address=f"10.0.0.{int(server.pod[-1])}",
            id=server.id,
            nodes=tuple(nodes),
            keys=server.keys,
        )

    def _node(self, server: Server, *, myself: bool = False) -> Node:
        flags = {"slave" if server.master_id else "master"} | ({"myself"} if myself else set())
        return Node(
            id=server.id,
            address=f"10.0.0.{int(server.pod[-1])}",
            hostname=f"{server.pod}.{DOMAIN}",
            flags=frozenset(flags if server.up else flags | {"fail"}),
            master_id=server.master_id,
            connected=server.up,
            slots=ranges_of(server.slots),
            leaving=tuple(sorted(server.leaving.items())) if myself else (),
        )

    def _gone(self, node_id: str) -> Node:
        name = f"{self._former[node_id]}.{DOMAIN}" if node_id in self._former else ""
        return Node(node_id, "", name, frozenset({"master", "fail"}), None, connected=False)

    def _command(self, server: Server, words: tuple[str, ...]) -> None:
        name, arguments = words[0], words[1:]
        if name == "MEET":
            other = next(one for one in self.servers.values() if arguments[0] == f"10.0.0.{int(one.pod[-1])}")
            server.known.add(other.id)
            other.known.add(server.id)
        elif name == "ADDSLOTSRANGE":
            wanted = set(range(int(arguments[0]), int(arguments[1]) + 1))
            seen = set().union(server.slots, *(one.slots for one in self.servers.values() if one.id in server.known))
            if wanted & seen or server.master_id:
                raise Refusal("Slot is already busy")
            server.slots |= wanted
        elif name == "REPLICATE":
            if arguments[0] not in server.known or ((server.slots or server.keys) and not server.master_id):
                raise Refusal("Unknown node, or not empty")
            server.master_id = arguments[0]
        elif name == "FORGET":
            server.known.discard(arguments[0])
        elif name == "RESET":
            self._former[server.id] = server.pod
            self.servers[server.pod] = Server(server.pod, server.zone, f"{len(self._former):039x}f")
        else:
            raise AssertionError(f"no such command: {words}")

    def _move(self, step: MoveSlots) -> None:
        source, target = self.servers[step.source], self.servers[step.target]
        for slot in step.slots:
            if slot in source.slots:
                source.slots.discard(slot)
                target.slots.add(slot)
            source.leaving.pop(slot, None)
