"""Pure: what the loss of zones does to the roles of data systems, by the very functions that their pods run.

The pods and their zones are those that the real scheduler chose. Masters and replicas are given by `assign_roles`,
which the bootstrap Job runs, moved back by `fail_back`, which the healer runs, and MySQL's members decide by `decide`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from components.data.mysql.runtime.decide import (
    Action,
    Founded,
    Kind,
    Known,
    Local,
    Server,
    ViewMember,
    decide,
)
from components.data.redis.runtime.roles import assign_roles, fail_back

Shards = tuple[tuple[str, ...], ...]
"""Of each part of the slots its pods, the master first."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`held` counts the cases that were gone through; `broken` has a sentence for each that broke.

    `exposed` counts losses that would take the majority if they came before the healer has failed back.
    """

    held: int
    broken: tuple[str, ...]
    exposed: int = 0


def redis_outcome(zones: Mapping[str, str]) -> Outcome:
    """Every layout that one earlier failover leaves, each zone lost in it, and then each other zone in turn."""
    cases, broken, exposed = 0, list[str](), 0
    for shards in layouts(_founded(zones)):
        exposed += sum(not _majority(shards, zones, zone) for zone in _zones(zones))
        for first, second in permutations(_zones(zones), 2):
            cases += 1
            broken += _two_losses(shards, zones, first, second)
    return Outcome(held=cases, broken=tuple(dict.fromkeys(broken)), exposed=exposed)


def layouts(shards: Shards) -> Iterator[Shards]:
    """The layout as founded, and with each one of its replicas in its master's place."""
    yield shards
    for at, shard in enumerate(shards):
        yield (*shards[:at], (shard[1], shard[0], *shard[2:]), *shards[at + 1 :])


def healed(shards: Shards, zones: Mapping[str, str]) -> Shards:
    """With all pods up and in sync, after the healer's quiet time."""
    risen = set(fail_back(shards, zones))
    return tuple(
        tuple(sorted(shard, key=lambda pod: pod not in risen)) if risen & {*shard} else shard for shard in shards
    )


def mysql_outcome(zones: Mapping[str, str]) -> Outcome:
    """Each member as primary, each zone lost, and then each other: what do the members' agents decide?"""
    pods = sorted(zones, key=lambda pod: int(pod.rpartition("-")[2]))
    cases, broken = 0, list[str]()
    for primary in range(len(pods)):
        for first, second in permutations(_zones(zones), 2):
            cases += 1
            leads: int | None = primary
            for zone in (first, second):
                leads, problems = _mysql_without(pods, zones, zone, leads)
                broken += problems
    return Outcome(held=cases, broken=tuple(dict.fromkeys(broken)))


def _founded(zones: Mapping[str, str]) -> Shards:
    roles = assign_roles(zones)
    return tuple((master, *(pod for pod, of in roles.replicas.items() if of == master)) for master in roles.masters)


def _two_losses(shards: Shards, zones: Mapping[str, str], first: str, second: str) -> Iterator[str]:
    """One zone is lost, comes back, and then another is; the healer has its quiet time before each."""
    now = shards
    for zone in (first, second):
        now = healed(now, zones)
        together = [shard for shard in now if len({zones[pod] for pod in shard}) < len(shard)]
        if together:
            yield f"redis: {together[0]} stand in one zone"
        if not _majority(now, zones, zone):
            yield f"redis: without {zone} {_masters(now, zones)} leave no majority of masters"
        lost = [shard for shard in now if all(zones[pod] == zone for pod in shard)]
        if lost:
            yield f"redis: without {zone} nobody has the slots of {lost[0]}"
        now = tuple(_without(shard, zones, zone) for shard in now)


def _without(shard: Sequence[str], zones: Mapping[str, str], zone: str) -> tuple[str, ...]:
    """The shard once a replica elsewhere has taken the place of a master in the lost zone."""
    return tuple(sorted(shard, key=lambda pod: zones[pod] == zone))


def _majority(shards: Shards, zones: Mapping[str, str], lost: str) -> bool:
    left = sum(zones[shard[0]] != lost for shard in shards)
    return 2 * left > len(shards)


def _masters(shards: Shards, zones: Mapping[str, str]) -> str:
    counts = Counter(zones[shard[0]] for shard in shards)
    return ", ".join(f"{count} in {zone}" for zone, count in sorted(counts.items()))


def _mysql_without(
    pods: Sequence[str], zones: Mapping[str, str], zone: str, leads: int | None
) -> tuple[int | None, list[str]]:
    """Who leads without the zone, and what is wrong with what the members that are left decide."""
    up = [number for number, pod in enumerate(pods) if zones[pod] != zone]
    if 2 * len(up) <= len(pods):
        return None, [f"mysql: without {zone} {len(up)} of {len(pods)} members are no majority"]
    primary = leads if leads in up else up[0]  # the group elects; which one does not matter to its quorum
    actions = {number: _decided(number, up, len(pods), primary) for number in up}
    labelled = [number for number, action in actions.items() if action.role == "primary"]
    broken = [
        f"mysql: without {zone} member {number} does {action.kind.value} ({action.reason})"
        for number, action in actions.items()
        if action.kind is not Kind.SERVE
    ]
    if labelled != [primary]:
        broken.append(f"mysql: without {zone} members {labelled} take themselves for the primary")
    return primary, broken


def _decided(number: int, up: Sequence[int], members: int, primary: int) -> Action:
    view = tuple(
        ViewMember(uuid=str(each), address=f"mysql-{each}:3306", state="ONLINE", primary=each == primary) for each in up
    )
    servers = {each: Server(uuid=str(each), state="ONLINE", view=view, super_read_only=each != primary) for each in up}
    peers = {each: servers.get(each) for each in range(members) if each != number}
    return decide(Local(ordinal=number, server=servers[number]), peers, Known(members=members, founded=Founded()))


def _zones(zones: Mapping[str, str]) -> list[str]:
    return sorted({*zones.values()})
