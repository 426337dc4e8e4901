"""What the estimate reckons with: pods and what they ask for, nodes and what they offer, pools that make nodes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from components.kube.placement import HOST, ZONE


class Room(NamedTuple):
    """CPU in millicores, memory in KiB, places for pods: asked for or offered."""

    cpu: int
    memory: int
    pods: int

    def plus(self, other: "Room") -> "Room":
        """Both together."""
        return Room(self.cpu + other.cpu, self.memory + other.memory, self.pods + other.pods)

    def holds(self, other: "Room") -> bool:
        """Whether the other fits into this."""
        return other.cpu <= self.cpu and other.memory <= self.memory and other.pods <= self.pods


NOTHING = Room(0, 0, 0)


@dataclass(frozen=True)
class Term:
    """A term of pod affinity or anti-affinity: pods of `namespaces` that `selector` selects, by topology `key`."""

    key: str
    selector: Mapping[str, Any]
    namespaces: tuple[str, ...]


@dataclass(frozen=True)
class Spread:
    """A topology spread constraint over the pods of its own namespace; `hard` is DoNotSchedule."""

    key: str
    selector: Mapping[str, Any]
    max_skew: int
    hard: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Pod:
    """One pod. `owner` is "Kind namespace/name" of its workload and `urn` the resource that brings it.

    `requirements` are alternatives of node selector terms, () for none; `apart_if_possible` is preferred anti-affinity.
    `volumes` are the claims that tie it to a zone. `everywhere` marks a DaemonSet's pod.
    """

    name: str
    namespace: str
    owner: str
    urn: str
    labels: Mapping[str, str]
    asks: Room
    priority: int = 0
    node_selector: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[Mapping[str, Any], ...] = ()
    tolerations: tuple[Mapping[str, Any], ...] = ()
    apart: tuple[Term, ...] = ()
    together: tuple[Term, ...] = ()
    apart_if_possible: tuple[Term, ...] = ()
    spreads: tuple[Spread, ...] = ()
    volumes: tuple[str, ...] = ()
    everywhere: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A kind of node that a pool may make: what pods may have of it, the whole machine, the type's own labels."""

    instance_type: str
    room: Room
    machine: Room
    labels: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool:
    """Nodes that are made alike, in any of `zones`, of any of `choices`, the cheapest first.

    `of` is the pool's name in the stack file, of which a database pool is a part in one zone. `nodes` stand from the
    start. `most` bounds their number; `limits` bounds the machines of a Karpenter pool together.
    """

    name: str
    of: str
    labels: Mapping[str, str]
    taints: tuple[Mapping[str, str], ...]
    zones: tuple[str, ...]
    choices: tuple[Choice, ...]
    nodes: int
    most: int | None
    limits: Room | None = None


@dataclass(kw_only=True, eq=False)
class Node:
    """One node with the pods on it; one that is `growing` is not bought yet and may still become a larger type."""

    name: str
    pool: Pool
    zone: str
    choice: Choice
    growing: bool = False
    pods: list[Pod] = field(default_factory=list)
    used: Room = NOTHING

    def labels_as(self, choice: Choice) -> dict[str, str]:
        """The node's labels, were it of that kind."""
        return {**self.pool.labels, **choice.labels, ZONE: self.zone, HOST: self.name}

    def add(self, pod: Pod) -> None:
        """Put a pod on the node, whether or not it fits."""
        self.pods.append(pod)
        self.used = self.used.plus(pod.asks)


@dataclass(frozen=True)
class Pending:
    """A pod without a node, and why in a sentence's end; `volume_zone` where only its volume's zone would do."""

    pod: Pod
    reason: str
    volume_zone: str | None = None
