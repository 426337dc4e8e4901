"""A drain of two worlds' nodes: the idle world goes, the busy one stays for as long as it is asked."""

from __future__ import annotations

import time
from typing import Final

from automation.drills.live.pods import name_of
from automation.drills.live.region import LiveRegion, pod_path
from automation.drills.live.stack import LiveStack
from automation.drills.live.verdict import Verdict
from automation.drills.live.waits import until
from components.game.sessions import BUSY, SESSION_LABEL, UNKNOWN
from components.promises import Promise
from embedded.provider import Values

IDLE: Final = "idle"
_ASKED_FOR_SECONDS: Final = 15.0
_BETWEEN_SECONDS: Final = 1.0
_BACK_SECONDS: Final = 120.0
_REFUSED_FOR_NOW: Final = 429


def run(stack: LiveStack, verdict: Verdict) -> None:
    """In each region that has two worlds."""
    for region in stack.bring_up():
        worlds = region.worlds()
        if worlds is None or worlds.replicas < 2:
            verdict.told(f"{region.name}: fewer than two worlds, so no drain of a busy and an idle one")
            continue
        region.settle([worlds])
        _drain(region, worlds, verdict)


def mark(region: LiveRegion, pod: Values, session: str) -> None:
    """Say of a pod what only the game knows."""
    region.merge(pod_path(pod), {"metadata": {"labels": {SESSION_LABEL: session}}}, "game-server")


def _drain(region: LiveRegion, worlds: Promise, verdict: Verdict) -> None:
    busy, idle, *others = region.pods_of(worlds.owner)
    mark(region, busy, BUSY)
    mark(region, idle, IDLE)
    nodes = [pod["spec"]["nodeName"] for pod in (busy, idle)]
    for node in nodes:
        region.cordon(node)
    began = time.monotonic()
    refusals, gone_after = _ask(region, worlds, (busy, idle))
    seconds = round(time.monotonic() - began, 1)
    left = {pod["metadata"]["uid"] for pod in region.pods_of(worlds.owner)}
    verdict.judge(
        f"{region.name}: the idle world {name_of(idle)} was evicted after {gone_after} s",
        [f"{region.name}: the idle world {name_of(idle)} was not evicted in {seconds} s"] if gone_after is None else [],
    )
    verdict.judge(
        f"{region.name}: the busy world {name_of(busy)} stayed, refused {len(refusals)} times in {seconds} s: "
        f"{refusals[0] if refusals else ''}",
        [] if busy["metadata"]["uid"] in left and refusals else [f"{region.name}: the busy world was evicted"],
    )
    for pod in others[:1]:
        refusal = region.evict(pod)
        verdict.judge(
            f"{region.name}: {name_of(pod)}, of which nobody knows (session={UNKNOWN}), stayed as well",
            [] if refusal else [f"{region.name}: {name_of(pod)} was evicted though its session is {UNKNOWN}"],
        )
    for node in nodes:
        region.cordon(node, closed=False)
    back = until(f"{region.name}: worlds are not back", _BACK_SECONDS, lambda: region.short([worlds]))
    verdict.told(f"{region.name}: all {worlds.replicas} worlds ready {back} s after the nodes took pods again")
    verdict.measured(
        region.name, idle_gone_seconds=gone_after, busy_refusals=len(refusals), asked_seconds=seconds, back_seconds=back
    )


def _ask(region: LiveRegion, worlds: Promise, pods: tuple[Values, Values]) -> tuple[list[str], float | None]:
    """Ask both again and again, as a drain does: refusals of the first, and seconds until the second was gone."""
    busy, idle = pods
    began, refusals, gone_after = time.monotonic(), list[str](), None
    while time.monotonic() - began < _ASKED_FOR_SECONDS:
        refusal = region.evict(busy)
        if refusal is not None and refusal.code == _REFUSED_FOR_NOW:
            refusals.append(refusal.message)
        if gone_after is None:
            region.evict(idle)
            standing = {pod["metadata"]["uid"] for pod in region.pods_of(worlds.owner)}
            if idle["metadata"]["uid"] not in standing:
                gone_after = round(time.monotonic() - began, 1)
        time.sleep(_BETWEEN_SECONDS)
    return refusals, gone_after
