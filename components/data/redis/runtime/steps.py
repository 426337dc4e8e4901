"""Pure: what may be asked of members, and a decision: what to do next, or why nothing can be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .topology import ranges_of


@dataclass(frozen=True)
class Command:
    """`words` to the server of `pod`."""

    pod: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        text = " ".join(self.words)
        return f"{self.pod}: {text if len(text) < 120 else text[:117] + '...'}"


@dataclass(frozen=True)
class FailOver:
    """Make a replica the master of its shard, and wait until it is."""

    pod: str

    def __str__(self) -> str:
        return f"{self.pod}: take over from its master"


@dataclass(frozen=True)
class MoveSlots:
    """Move `slots` with their keys from the master `source` to the master `target` (pods)."""

    source: str
    target: str
    slots: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.source}: {len(self.slots)} slots move to {self.target}"


Step = Command | FailOver | MoveSlots


@dataclass(frozen=True)
class Decision:
    """`done`: nothing is left; `act`: `steps`, then look again; `wait`: look again; `refuse`: a person decides."""

    state: Literal["done", "act", "wait", "refuse"]
    why: str
    steps: tuple[Step, ...] = ()


def done(why: str) -> Decision:
    return Decision("done", why)


def wait(why: str) -> Decision:
    return Decision("wait", why)


def refuse(why: str) -> Decision:
    return Decision("refuse", why)


def act(why: str, steps: Iterable[Step]) -> Decision:
    return Decision("act", why, tuple(steps))


def meet(pod: str, address: str, port: int) -> Command:
    return Command(pod, ("CLUSTER", "MEET", address, str(port)))


def add_slots(pod: str, slots: Iterable[int]) -> Command:
    bounds = (str(bound) for pair in ranges_of(slots) for bound in pair)
    return Command(pod, ("CLUSTER", "ADDSLOTSRANGE", *bounds))


def replicate(pod: str, master_id: str) -> Command:
    return Command(pod, ("CLUSTER", "REPLICATE", master_id))


def forget(pod: str, node_id: str) -> Command:
    return Command(pod, ("CLUSTER", "FORGET", node_id))
