"""How many operations an engine should have under way at once, and how long a stack takes to come up with so many."""

import heapq
from collections.abc import Mapping

from plan.makespan import declared_edges, typical_seconds
from plan.recorder import Recording

PER_REGION = 16
"""Enough that no shipped region waits for a turn as much as a minute, and few enough for AWS's limits on calls.

The engine's own choice, four for each core of the machine it happens to run on, lets four regions take turns on a small
runner and is throttled from a large one.
"""


def operations_at_once(regions: int) -> int:
    """For a stack of so many regions; each has limits of its own on AWS."""
    return PER_REGION * max(1, regions)


def seconds_with(recording: Recording, at_once: int) -> int:
    """The virtual clock of a whole stack with so many operations at once, first come, first served.

    Raises UnknownDuration for a type that has no figure.
    """
    leaves = {resource.urn: resource for resource in recording.resources if resource.is_leaf}
    seconds = typical_seconds(leaves)
    missing = {urn: set(needed) for urn, needed in declared_edges(recording, leaves).items()}
    dependents = _dependents(missing)
    ready = sorted((0, urn) for urn, needed in missing.items() if not needed)
    running: list[tuple[int, str]] = []
    now = 0
    while ready or running:
        while ready and len(running) < at_once:
            urn = heapq.heappop(ready)[1]
            heapq.heappush(running, (now + seconds[urn], urn))
        now, done = heapq.heappop(running)
        for urn in dependents[done]:
            missing[urn].discard(done)
            if not missing[urn]:
                heapq.heappush(ready, (now, urn))
    return now


def _dependents(edges: Mapping[str, set[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {urn: [] for urn in edges}
    for urn, needed in edges.items():
        for each in needed:
            found[each].append(urn)
    return found
