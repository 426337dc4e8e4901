"""A new generation of nodes: every managed node is replaced by one of a new launch template, its pods moved."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any, Final

from automation.drills.live.charts import SENTENCE, apply_charts
from automation.drills.live.drain import IDLE, mark
from automation.drills.live.pods import name_of, uid_of
from automation.drills.live.region import LiveRegion
from automation.drills.live.stack import LiveStack
from automation.drills.live.verdict import Verdict
from automation.drills.live.waits import waited
from automation.drills.live.watch import Watch
from components.game.sessions import SESSION_LABEL
from embedded.control_plane.keeper.nodes import GROUP
from embedded.provider import Values

_MORE_GIB: Final = 10
_SWAPPED_SECONDS: Final = 600.0


def run(stack: LiveStack, verdict: Verdict) -> None:
    """Another size of root disk for all pools, once the worlds are empty, as in a maintenance window."""
    regions = stack.bring_up()
    for region in regions:
        verdict.told(f"{region.name}: {apply_charts(region)} workloads applied; {SENTENCE}")
        region.settle()
        _empty_worlds(region)
    old = {region.name: [uid_of(node) for node in _managed(region)] for region in regions}
    with ExitStack() as watching:
        watches = {region.name: watching.enter_context(Watch(region)) for region in regions}
        began = time.monotonic()
        stack.edit(_larger_disks)
        stack.up()
        for region in regions:
            _await_swap(region, old[region.name], began, verdict)
    for region in regions:
        watch = watches[region.name]
        verdict.judge(
            f"{region.name}: never fewer ready pods than promised while nodes were drained ({watch.looks} looks)",
            watch.broken(),
        )


def _await_swap(region: LiveRegion, old: list[str], began: float, verdict: Verdict) -> None:
    def left() -> list[str]:
        _empty_worlds(region)  # each that was moved is born with a session that nobody knows
        return [f"{name_of(node)} is still there" for node in _managed(region) if uid_of(node) in old]

    staying = waited(_SWAPPED_SECONDS, left)
    seconds = round(time.monotonic() - began, 1)
    back = region.settle()
    verdict.judge(
        f"{region.name}: {len(old)} managed nodes replaced {seconds} s after the up began, pods ready {back} s later",
        [f"{region.name}: {one}" for one in staying],
    )
    verdict.measured(region.name, replaced=len(old) - len(staying), swap_seconds=seconds, pods_seconds=back)


def _managed(region: LiveRegion) -> list[Values]:
    return [node for node in region.nodes() if GROUP in node["metadata"]["labels"]]


def _empty_worlds(region: LiveRegion) -> None:
    worlds = region.worlds()
    for pod in region.pods_of(worlds.owner) if worlds else []:
        if pod["metadata"]["labels"].get(SESSION_LABEL) != IDLE:
            mark(region, pod, IDLE)


def _larger_disks(regions: dict[str, Any]) -> None:
    for region in regions.values():
        for pool in region["node_pools"].values():
            pool["disk_gib"] += _MORE_GIB
