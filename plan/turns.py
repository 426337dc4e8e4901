"""How long a stack takes to come up on the virtual clock where an engine does only so many operations at once."""

import heapq
from collections.abc import Mapping

from plan.makespan import declared_edges, typical_seconds
from plan.recorder import Recording


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
