"""How long a stack takes to come up on a virtual clock, against what AWS itself makes anybody wait.

Every resource starts as soon as all it waits for is there, as if the engine had no time of its own and no limit to what
it does at once. The same resources with only the edges of `plan.necessary` give the necessary time.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import pairwise

from plan.durations import duration_of
from plan.necessary import necessary_edges
from plan.recorder import Recording
from plan.registration import RecordedResource

Edges = Mapping[str, frozenset[str]]
"""For each URN what it waits for."""


@dataclass(frozen=True)
class Step:
    """One resource of a chain; `start` and `finish` are seconds after the beginning."""

    resource: RecordedResource
    start: int
    finish: int


@dataclass(frozen=True)
class Wait:
    """An order of ours that AWS does not ask for: `dependent` waits for `needed`, which costs `seconds`.

    Each is a component by its logical name and type; within one component, a kind of resource that waits for another.
    """

    dependent: str
    needed: str
    seconds: int


@dataclass(frozen=True)
class Makespan:
    """One region's times in seconds.

    `path` is the chain that takes longest, `necessary_path` the one that nobody can shorten. `waits` are the orders of
    ours between the two: each with what the region saves without it once those before it are gone, so that together
    they are the whole difference. One of 0 seconds stood on a longest chain, but another one cost as much beside it.
    `lacking` are necessary orders (dependent, needed) that nothing in the program ensures: where there are any, the
    times are too good to be true.
    """

    region: str
    seconds: int
    necessary: int
    path: tuple[Step, ...]
    necessary_path: tuple[Step, ...]
    waits: tuple[Wait, ...]
    lacking: tuple[tuple[str, str], ...]

    @property
    def ratio(self) -> float:
        """How many times the necessary time the region takes; 1.0 where there is nothing to wait for."""
        return self.seconds / self.necessary if self.necessary else 1.0


def makespans(recording: Recording) -> list[Makespan]:
    """The times of every region, and of the edge where there is one, in the order of their names.

    Raises UnknownDuration for a type that has no figure.
    """
    leaves = {resource.urn: resource for resource in recording.resources if resource.is_leaf}
    seconds = typical_seconds(leaves)
    ours = declared_edges(recording, leaves)
    necessary = {urn: needed for urn, needed in necessary_edges(recording).items() if urn in leaves}
    clock = _Clock(leaves, seconds)
    regions = sorted({resource.region for resource in leaves.values() if resource.region})
    return [_makespan(clock, region, ours, necessary) for region in regions]


def typical_seconds(leaves: Mapping[str, RecordedResource]) -> dict[str, int]:
    """How long each resource takes. Raises UnknownDuration for a type that has no figure."""
    return {urn: duration_of(resource).seconds for urn, resource in leaves.items()}


def declared_edges(recording: Recording, leaves: Collection[str]) -> Edges:
    """What each leaf waits for by the program, through providers and parents, which take no time themselves."""
    resources = recording.by_urn()
    known: dict[str, frozenset[str]] = {}

    def waits(resource: RecordedResource) -> frozenset[str]:
        if resource.urn not in known:
            found: set[str] = set()
            for urn in filter(None, [*resource.depends_on, resource.provider, resource.parent]):
                if urn in leaves:
                    found.add(urn)
                elif urn in resources:
                    found |= waits(resources[urn])
            known[resource.urn] = frozenset(found)
        return known[resource.urn]

    return {urn: waits(resources[urn]) for urn in leaves}


class _Clock:
    def __init__(self, leaves: Mapping[str, RecordedResource], seconds: Mapping[str, int]) -> None:
        self.leaves = leaves
        self.seconds = seconds

    def finishes(self, edges: Edges, order: Iterable[str]) -> dict[str, int]:
        """When each resource is there; `order` has what is waited for first."""
        finish: dict[str, int] = {}
        for urn in order:
            finish[urn] = max((finish[needed] for needed in edges[urn]), default=0) + self.seconds[urn]
        return finish

    def path(self, edges: Edges, finish: Mapping[str, int], region: str) -> tuple[Step, ...]:
        """The chain that ends last in a region; among equals the last by URN."""
        steps: list[Step] = []
        waiting: Collection[str] = [urn for urn in finish if self.leaves[urn].region == region]
        while waiting:
            last = max(waiting, key=lambda urn: (finish[urn], urn))
            steps.append(Step(self.leaves[last], finish[last] - self.seconds[last], finish[last]))
            waiting = edges[last]
        return tuple(reversed(steps))


def _makespan(clock: _Clock, region: str, ours: Edges, necessary: Edges) -> Makespan:
    mine = [urn for urn, resource in clock.leaves.items() if resource.region == region]
    ours, necessary = _reached(ours, mine), _reached(necessary, mine)
    order = list(TopologicalSorter(ours).static_order())
    finish = clock.finishes(ours, order)
    path = clock.path(ours, finish, region)
    least = clock.finishes(necessary, TopologicalSorter(necessary).static_order())
    chain = clock.path(necessary, least, region)
    return Makespan(
        region=region,
        seconds=path[-1].finish,
        necessary=chain[-1].finish,
        path=path,
        necessary_path=chain,
        waits=tuple(_waits(clock, region, ours, _Closure(necessary), order)),
        lacking=tuple(_lacking(clock, region, _Closure(ours), necessary)),
    )


def _reached(edges: Edges, urns: Iterable[str]) -> dict[str, frozenset[str]]:
    """The part of a graph that these resources wait for: other regions have clocks of their own."""
    reached: dict[str, frozenset[str]] = {}
    waiting = list(urns)
    while waiting:
        urn = waiting.pop()
        if urn not in reached:
            reached[urn] = edges[urn]
            waiting.extend(edges[urn])
    return reached


class _Closure:
    """All that a resource waits for, directly or not."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._known: dict[str, set[str]] = {}

    def of(self, urn: str) -> set[str]:
        if urn not in self._known:
            found = set(self._edges[urn])
            for needed in self._edges[urn]:
                found |= self.of(needed)
            self._known[urn] = found
        return self._known[urn]


def _lacking(clock: _Clock, region: str, ours: _Closure, necessary: Edges) -> Iterator[tuple[str, str]]:
    for urn in sorted(necessary):
        if clock.leaves[urn].region == region:
            yield from ((urn, needed) for needed in sorted(necessary[urn] - ours.of(urn)))


def _waits(clock: _Clock, region: str, ours: Edges, necessary: _Closure, order: Collection[str]) -> Iterator[Wait]:
    """Take the dearest order of ours away from the longest chain, again and again until none is left on it."""
    edges = dict(ours)
    listed: set[tuple[str, str]] = set()
    at_first: tuple[tuple[str, str], ...] = ()
    while True:
        finish = clock.finishes(edges, order)
        path = clock.path(edges, finish, region)
        steps = [(after.resource, before.resource) for before, after in pairwise(path)]
        beyond = [pair for pair in steps if pair[1].urn not in necessary.of(pair[0].urn)]
        labels = tuple(dict.fromkeys(_label(*pair) for pair in beyond))
        at_first = at_first or labels
        if not labels:
            yield from (Wait(*label, 0) for label in at_first if label not in listed)
            return
        choices = []
        for label in labels:
            without = _without(clock, region, edges, necessary, label)
            last = clock.path(without, clock.finishes(without, order), region)[-1].finish
            choices.append((path[-1].finish - last, label, without))
        saved, label, edges = max(choices, key=lambda choice: choice[0])
        listed.add(label)
        yield Wait(*label, saved)


def _without(
    clock: _Clock, region: str, edges: Edges, necessary: _Closure, label: tuple[str, str]
) -> dict[str, frozenset[str]]:
    """The edges of a region less those under one label that AWS does not ask for either."""
    without = dict(edges)
    for urn, needed in edges.items():
        dependent = clock.leaves[urn]
        if dependent.region == region:
            required = necessary.of(urn)
            without[urn] = frozenset(
                item for item in needed if item in required or _label(dependent, clock.leaves[item]) != label
            )
    return without


def _label(dependent: RecordedResource, needed: RecordedResource) -> tuple[str, str]:
    """Who waits for whom, as the program says it: between components, or between two types within one."""
    if dependent.parent != needed.parent:
        return _named(dependent.parent or dependent.urn), _named(needed.parent or needed.urn)
    place = _named(dependent.parent) if dependent.parent else "the stack"
    return f"{_kind(dependent.urn)} of {place}", _named(needed.urn)


def _named(urn: str) -> str:
    return f"{urn.rpartition('::')[2]} ({_kind(urn)})"


def lines(makespan: Makespan) -> list[str]:
    """For people: both times, the orders of ours between them and what each costs, and necessary orders that lack."""
    first = (
        f"{makespan.region}: {minutes(makespan.seconds)} to come up on the virtual clock, "
        f"{makespan.ratio:.3f} x the necessary {minutes(makespan.necessary)}"
    )
    costly = [f"  {_sentence(wait)}: {wait.seconds} s" for wait in makespan.waits if wait.seconds]
    free = "; ".join(_sentence(wait) for wait in makespan.waits if not wait.seconds)
    lacking = [
        f"  nothing makes {_named(dependent)} wait for {_named(needed)}" for dependent, needed in makespan.lacking
    ]
    return [first, *costly, *([f"  no cost of their own: {free}"] if free else []), *lacking]


def _sentence(wait: Wait) -> str:
    return f"{wait.dependent} waits for {wait.needed}"


def _kind(urn: str) -> str:
    return urn.split("::")[2].rpartition(":")[2]


def minutes(seconds: int) -> str:
    """Seconds as a person reads them."""
    return f"{seconds // 60} min {seconds % 60:02} s"
