"""New images: the charts' by their controllers' own rollouts, the worlds' one at a time by whoever empties them."""

from __future__ import annotations

import copy
import time
from typing import Any, Final

from automation.drills.live.charts import SENTENCE, apply, apply_charts, conforming
from automation.drills.live.drain import IDLE, mark
from automation.drills.live.pods import name_of
from automation.drills.live.region import LiveRegion
from automation.drills.live.stack import LiveStack
from automation.drills.live.verdict import Verdict
from automation.drills.live.waits import until, waited
from automation.drills.live.watch import Watch
from components.promises import Promise
from embedded.kubernetes.live.readiness import missing
from embedded.provider import Values

_SUFFIX: Final = "-drill"
_ROLLOUT_SECONDS: Final = 240.0
_WORLD_SECONDS: Final = 120.0
_UNTOUCHED_SECONDS: Final = 5.0


def run(stack: LiveStack, verdict: Verdict) -> None:
    """Every image of each region is another one, first in the charts' workloads and then in the worlds."""
    regions = stack.bring_up()
    for region in regions:
        verdict.told(f"{region.name}: {apply_charts(region)} workloads applied; {SENTENCE}")
        region.settle()
        _roll_charts(region, verdict)
    before = {region.name: _worlds(region) for region in regions}
    stack.edit(_newer_worlds)
    stack.up()
    for region in regions:
        worlds = region.worlds()
        if worlds is not None:
            _roll_worlds(region, worlds, before[region.name], verdict)


def _roll_charts(region: LiveRegion, verdict: Verdict) -> None:
    newer = [newer_images(conforming(manifest)) for manifest in region.charts]
    with Watch(region) as watch:
        for manifest in newer:
            apply(region, manifest)
        began = time.monotonic()
        left = waited(_ROLLOUT_SECONDS, lambda: _unfinished(region, newer))
        seconds = round(time.monotonic() - began, 1)
    verdict.judge(
        f"{region.name}: {len(newer)} workloads of charts have new images after {seconds} s, "
        f"never with fewer ready pods than promised ({watch.looks} looks)",
        [*(f"{region.name}: after {seconds} s {one}" for one in left), *watch.broken()],
    )
    verdict.measured(region.name, charts_seconds=seconds)


def newer_images(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with another tag on each image."""
    made = copy.deepcopy(manifest)
    for container in made["spec"]["template"]["spec"]["containers"]:
        container["image"] += _SUFFIX
    return made


def _unfinished(region: LiveRegion, manifests: list[dict[str, Any]]) -> list[str]:
    left = []
    for manifest in manifests:
        plural, place = f"{manifest['kind'].lower()}s", manifest["metadata"]
        path = f"/apis/apps/v1/namespaces/{place['namespace']}/{plural}/{place['name']}"
        live = {**region.server.ask("GET", path), "kind": manifest["kind"]}
        problems = missing(live, lambda: True, lambda: False)
        left += [f"{manifest['kind']} {name_of(live)}: {problem}" for problem in problems]
    return left


def _newer_worlds(regions: dict[str, Any]) -> None:
    for region in regions.values():
        region["worlds"]["image"] += _SUFFIX


def _worlds(region: LiveRegion) -> list[Values]:
    worlds = region.worlds()
    return [] if worlds is None else region.pods_of(worlds.owner)


def _roll_worlds(region: LiveRegion, worlds: Promise, before: list[Values], verdict: Verdict) -> None:
    uids = {pod["metadata"]["uid"] for pod in before}
    touched = waited(_UNTOUCHED_SECONDS, lambda: [] if uids != _uids(region, worlds) else ["no world moved"])
    verdict.judge(
        f"{region.name}: up with a new image ends no world (OnDelete)",
        [] if touched else [f"{region.name}: up ended worlds that nobody had emptied"],
    )
    with Watch(region) as watch:
        seconds = [_renew(region, worlds, pod) for pod in before]
    old = [name_of(pod) for pod in region.pods_of(worlds.owner) if not _image(pod).endswith(_SUFFIX)]
    verdict.judge(f"{region.name}: all {worlds.replicas} worlds run the new image", [f"{one} does not" for one in old])
    verdict.judge(
        f"{region.name}: worlds one at a time, {watch.least(worlds.owner)} of {worlds.replicas} ready at the least "
        f"(promised {worlds.needed(zone_lost=False)}), each back after at most {max(seconds, default=0)} s",
        watch.broken(),
    )
    verdict.measured(region.name, fewest_worlds=watch.least(worlds.owner), world_seconds=seconds)


def _renew(region: LiveRegion, worlds: Promise, pod: Values) -> float:
    """Have an empty world end, and wait until it is back; seconds."""
    mark(region, pod, IDLE)
    refusal = region.evict(pod)
    if refusal is not None:
        raise AssertionError(f"{region.name}: the empty world {name_of(pod)} may not go: {refusal.message}")

    def left() -> list[str]:
        return ["it is still there"] if pod["metadata"]["uid"] in _uids(region, worlds) else region.short([worlds])

    return until(f"{region.name}: {name_of(pod)} is not back", _WORLD_SECONDS, left)


def _uids(region: LiveRegion, worlds: Promise) -> set[str]:
    return {pod["metadata"]["uid"] for pod in region.pods_of(worlds.owner)}


def _image(pod: Values) -> str:
    return str(pod["spec"]["containers"][0]["image"])
