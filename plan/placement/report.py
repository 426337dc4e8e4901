"""The estimate in a plan: figures of each region's pools and zones, and findings about pods without a node."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from components.promises import Promise, check, seats
from plan.placement.region import Placement, PoolUse, lose_zone, place
from plan.placement.shapes import Pending
from plan.recorder import Recording
from stacks.promises import promises
from stacks.rules import Finding
from stacks.settings import StackSettings


@dataclass(frozen=True, kw_only=True)
class RegionEstimate:
    """A region as it stands, and as it is after the loss of each zone, with what its workloads have promised."""

    placement: Placement
    without: dict[str, Placement]
    promises: tuple[Promise, ...]

    def broken_without(self, zone: str) -> list[str]:
        """One sentence for each promise that the loss of a zone breaks."""
        running = self.without[zone].running()
        checks = (check(promise, running.get(promise.owner, {}), zone_lost=True) for promise in self.promises)
        return [sentence for sentence in checks if sentence is not None]


def estimate(recording: Recording, settings: StackSettings) -> dict[str, RegionEstimate]:
    """The estimate of each region of a stack, in the order of its file."""
    promised = promises(settings)
    found = {}
    for name, region in settings.regions.items():
        placement = place(recording, name, region)
        without = {zone: lose_zone(placement, zone) for zone in placement.zones}
        found[name] = RegionEstimate(placement=placement, without=without, promises=promised[name])
    return found


def findings(estimates: dict[str, RegionEstimate]) -> Iterator[Finding]:
    """An error for each workload with pods that find no node, a warning for each promise that a lost zone breaks."""
    for name, region in estimates.items():
        by_owner: dict[str, list[Pending]] = defaultdict(list)
        for pending in region.placement.pending:
            by_owner[pending.pod.owner].append(pending)
        urns = {pod.owner: pod.urn for node in region.placement.nodes for pod in node.pods}
        for owner, waiting in by_owner.items():
            urns[owner] = waiting[0].pod.urn
            message = (
                f"{name}: {owner} has {len(waiting)} of its pods without a node: {waiting[0].reason}; "
                "make room in the pool they belong to, or let them ask for less"
            )
            yield Finding("unschedulable-pods", "error", waiting[0].pod.urn, message)
        for zone in region.without:
            for sentence in region.broken_without(zone):
                owner = sentence.partition(":")[0]
                yield Finding("broken-promise", "warning", urns.get(owner, ""), f"{name} without {zone}: {sentence}")


def document(estimates: dict[str, RegionEstimate]) -> dict[str, Any]:
    """The estimate as the plan's JSON has it."""
    return {name: _region(region) for name, region in estimates.items()}


def _region(region: RegionEstimate) -> dict[str, Any]:
    return {
        "pools": [_pool(use) for use in region.placement.use()],
        "pending": _pending(region.placement),
        "seats": _seats(region.promises, region.placement),
        "zoneLoss": {
            zone: {
                "pending": _pending(after),
                "seats": _seats(region.promises, after),
                "broken": region.broken_without(zone),
            }
            for zone, after in region.without.items()
        },
    }


def _pool(use: PoolUse) -> dict[str, Any]:
    return {
        "name": use.name,
        "nodes": use.nodes,
        "instanceTypes": use.instance_types,
        "pods": use.pods,
        "podsPerNode": use.pods_per_node,
        "cpuPercent": use.cpu_percent,
        "memoryPercent": use.memory_percent,
    }


def _pending(placement: Placement) -> list[dict[str, Any]]:
    return [
        {"pod": f"{one.pod.namespace}/{one.pod.name}", "reason": one.reason, "volumeZone": one.volume_zone}
        for one in placement.pending
    ]


def _seats(promised: tuple[Promise, ...], placement: Placement) -> int:
    running = placement.running()
    return sum(seats(promise, running.get(promise.owner, {})) for promise in promised)
