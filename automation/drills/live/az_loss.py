"""The loss of a zone: who runs on, who waits and for what, how many players find a seat, and was that foreseen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from automation.drills.live.charts import SENTENCE, apply_charts
from automation.drills.live.data_roles import Outcome, mysql_outcome, redis_outcome
from automation.drills.live.losses import lose_nodes
from automation.drills.live.pods import misplaced, name_of, zone_of, zones_of_volumes
from automation.drills.live.region import VOLUMES, LiveRegion
from automation.drills.live.stack import LiveStack
from automation.drills.live.verdict import Verdict
from automation.drills.live.waits import quiet
from components.promises import check, seats
from plan.placement.region import Placement, PoolUse
from plan.placement.report import RegionEstimate

AGREES_WITHIN: Final = 1
"""Nodes of a pool by which plan and cluster may differ."""
_QUIET_SECONDS: Final = 15.0  # longer than Karpenter gathers pods before it makes a node
_WITHIN_SECONDS: Final = 240.0


_SYSTEMS: Final[Mapping[str, tuple[str, Callable[[Mapping[str, str]], Outcome]]]] = {
    "redis": ("redis-cluster", redis_outcome),
    "mysql": ("mysql", mysql_outcome),
}


def run(stack: LiveStack, verdict: Verdict) -> None:
    """Take from each region the zone whose loss hurts most."""
    for region in stack.bring_up():
        _whole(region, verdict)
        zone = worst_zone(region.estimate)
        stack.lose_zones(zone)
        _without(region, zone, verdict)


def worst_zone(estimate: RegionEstimate) -> str:
    """The zone without which the fewest players find a seat; of those alike, the one with most pods."""
    standing = estimate.placement.running()

    def hurt(zone: str) -> tuple[int, int, str]:
        return seats_of(estimate, estimate.without[zone]), -sum(by_zone[zone] for by_zone in standing.values()), zone

    return min(estimate.without, key=hurt)


def seats_of(estimate: RegionEstimate, placement: Placement) -> int:
    """Players that the plan says can play."""
    standing = placement.running()
    return sum(seats(promise, standing.get(promise.owner, {})) for promise in estimate.promises)


def disagreements(live: Sequence[PoolUse], planned: Sequence[PoolUse]) -> list[str]:
    """A sentence for each pool whose number of nodes is not the one that was planned, give or take one."""
    expected = {use.name: use.nodes for use in planned}
    return [
        f"{use.name} has {use.nodes} nodes, the plan says {expected.get(use.name, 0)}"
        for use in live
        if abs(use.nodes - expected.get(use.name, 0)) > AGREES_WITHIN
    ]


def compared(live: Sequence[PoolUse], planned: Sequence[PoolUse]) -> list[dict[str, Any]]:
    """Each pool's figures beside the plan's."""
    expected = {use.name: asdict(use) for use in planned}
    return [{**asdict(use), "planned": expected.get(use.name)} for use in live]


def _whole(region: LiveRegion, verdict: Verdict) -> None:
    """The region as it stands: all pods where they may be, and as the plan says."""
    count = apply_charts(region)
    verdict.told(f"{region.name}: {count} workloads of charts and add-ons applied; {SENTENCE}")
    seconds = region.settle()
    quiet(_QUIET_SECONDS, _WITHIN_SECONDS, region.glance)
    nodes, pods = region.nodes(), region.pods()
    stray = misplaced(pods, nodes)
    waiting = [f"{name_of(pod)} has no node" for pod in region.waiting()]
    verdict.judge(
        f"{region.name}: all {len(pods)} pods have nodes after {seconds} s, none of a wrong pool",
        [f"{region.name}: {one}" for one in [*waiting, *(f"{one} stands on a wrong pool" for one in stray)]],
    )
    planned = region.estimate.placement
    _judge_pools(region, "whole", planned, verdict)
    _judge_roles(region, verdict)
    verdict.measured(region.name, pods=len(pods), settled_seconds=seconds, seats=_seats(region))


def _without(region: LiveRegion, zone: str, verdict: Verdict) -> None:
    planned, before = region.estimate.without[zone], _seats(region)
    lost = [node for node in region.nodes() if zone_of(node) == zone]
    replaced = lose_nodes(region, lost, {use.name: use.nodes for use in planned.use()})
    calm = quiet(_QUIET_SECONDS, _WITHIN_SECONDS, region.glance)
    verdict.judge(
        f"{region.name}: {len(lost)} nodes of {zone} lost, groups whole again after {replaced} s",
        [] if calm else [f"{region.name} did not come to rest without {zone}"],
    )
    running = region.running()
    checks = [check(one, running.get(one.owner, {}), zone_lost=True) for one in region.estimate.promises]
    verdict.judge(
        f"{region.name}: without {zone} all {len(checks)} workloads have what they promised, "
        f"{sum(one.quorum for one in region.estimate.promises)} of them their quorum",
        [f"{region.name} without {zone}: {sentence}" for sentence in checks if sentence is not None],
    )
    _judge_waiting(region, zone, planned, verdict)
    _judge_pools(region, f"without {zone}", planned, verdict)
    left = _seats(region)
    verdict.told(f"{region.name}: {left} of {before} seats are left (plan: {seats_of(region.estimate, planned)})")
    verdict.measured(region.name, zone=zone, lost_nodes=len(lost), groups_whole_seconds=replaced, seats_left=left)


def _judge_waiting(region: LiveRegion, zone: str, planned: Placement, verdict: Verdict) -> None:
    volumes, waiting = region.items(VOLUMES), region.waiting()
    other = [name_of(pod) for pod in waiting if zones_of_volumes(pod, volumes) != {zone}]
    verdict.judge(
        f"{region.name}: {len(waiting)} pods wait (plan: {len(planned.pending)}), only for their volumes in {zone}",
        [f"{region.name}: {name} waits without {zone}, and not for a volume there" for name in other],
    )
    verdict.measured(region.name, waiting=[name_of(pod) for pod in waiting])


def _judge_roles(region: LiveRegion, verdict: Verdict) -> None:
    """Data systems, as their pods were really placed: what their own scripts do when zones go in turn."""
    for name, (workload, outcome_of) in _SYSTEMS.items():
        pods = region.pods_of(f"StatefulSet {region.namespace}/{workload}")
        if not pods:
            continue
        zones = {name_of(node): zone_of(node) for node in region.nodes()}
        outcome = outcome_of({name_of(pod): zones[pod["spec"]["nodeName"]] for pod in pods})
        verdict.judge(
            f"{region.name}: {name} keeps its majority and no pair shares a zone, in {outcome.held} cases of a role "
            f"layout and two zones lost in turn ({outcome.exposed} would break before the healer has failed back)",
            [f"{region.name}: {sentence}" for sentence in outcome.broken],
        )
        verdict.measured(region.name, **{name: asdict(outcome)})


def _judge_pools(region: LiveRegion, when: str, planned: Placement, verdict: Verdict) -> None:
    live, expected = region.use(), planned.use()
    by_name = {use.name: use for use in expected}
    for use in live:
        plan = by_name.get(use.name)
        if use.nodes or (plan and plan.nodes):
            verdict.told(f"{region.name} {when}: {_line(use)}; plan: {_line(plan) if plan else 'no such pool'}")
    verdict.judge(
        f"{region.name} {when}: every pool has the planned nodes, give or take {AGREES_WITHIN}",
        [f"{region.name} {when}: {sentence}" for sentence in disagreements(live, expected)],
    )
    verdict.measured(region.name, **{when.replace(" ", "_"): compared(live, expected)})


def _line(use: PoolUse) -> str:
    return (
        f"{use.name} {use.nodes} nodes, {use.pods_per_node} pods a node, "
        f"CPU {use.cpu_percent} %, memory {use.memory_percent} %"
    )


def _seats(region: LiveRegion) -> int:
    running = region.running()
    return sum(seats(promise, running.get(promise.owner, {})) for promise in region.estimate.promises)
