"""Somebody edits live objects: a refresh takes the edits into the state, and the next up takes them back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from automation.drills.live.region import LiveRegion
from automation.drills.live.stack import LiveStack
from automation.drills.live.verdict import Verdict
from components.game.world import CONFIG_MAP
from embedded.provider import Values

_ALIKE: Final = ("same",)


@dataclass(frozen=True)
class Edit:
    """One field that is changed by hand: of which kind and object, where in it, and to what."""

    region: LiveRegion
    kind: str
    path: str
    fields: tuple[str, ...]
    value: Any

    @property
    def name(self) -> str:
        """For people: `ConfigMap x: data.SERVER_PORT`."""
        return f"{self.region.name}: {self.kind} {self.path.rpartition('/')[2]}, {'.'.join(self.fields)}"

    def live(self) -> Any:
        """What the API server holds."""
        return at(self.region.server.ask("GET", self.path), self.fields)

    def make(self) -> None:
        """Change it as `kubectl edit` does."""
        change: Any = self.value
        for field in reversed(self.fields):
            change = {field: change}
        self.region.merge(self.path, change)


def run(stack: LiveStack, verdict: Verdict) -> None:
    """Edit a figure, a limit and a budget in each region."""
    edits = [edit for region in stack.bring_up() for edit in edits_of(region)]
    stack.refresh()  # statuses have moved on since the objects were made
    before = {edit.name: edit.live() for edit in edits}
    for edit in edits:
        edit.make()
        verdict.told(f"edited {edit.name}: {before[edit.name]!r} became {edit.value!r}")
    began = time.monotonic()
    refreshed = stack.refresh()["changes"]
    refresh_seconds = round(time.monotonic() - began, 1)
    resources = stack.rehearsal.state(stack.name)["resources"]
    verdict.judge(
        f"refresh shows all {len(edits)} edits after {refresh_seconds} s ({refreshed.get('update', 0)} resources)",
        [f"refresh does not show {edit.name}" for edit in edits if not shown(edit, resources)],
    )
    began = time.monotonic()
    repaired = stack.up()["changes"]
    up_seconds = round(time.monotonic() - began, 1)
    verdict.judge(
        f"up repairs all of them after {up_seconds} s ({repaired.get('update', 0)} resources updated)",
        [f"up left {edit.name} at {edit.live()!r}" for edit in edits if edit.live() != before[edit.name]],
    )
    again = {kind: count for kind, count in stack.up()["changes"].items() if kind not in _ALIKE}
    verdict.judge("the next up changes nothing", [f"the next up changes more: {again}"] if again else [])
    for region in {edit.region.name for edit in edits}:
        own = sum(edit.region.name == region for edit in edits)
        verdict.measured(region, edits=own, refresh_seconds=refresh_seconds, repair_seconds=up_seconds)


def edits_of(region: LiveRegion) -> list[Edit]:
    """What is edited: where servers listen, how many pods the game may have, how many busy pods a drain may take."""
    core, policy = f"/api/v1/namespaces/{region.namespace}", f"/apis/policy/v1/namespaces/{region.namespace}"
    quota = region.items(f"{core}/resourcequotas")[0]["metadata"]["name"]
    budget = region.items(f"{policy}/poddisruptionbudgets")[0]["metadata"]["name"]
    return [
        Edit(region, "ConfigMap", f"{core}/configmaps/{CONFIG_MAP}", ("data", "SERVER_PORT"), "1"),
        Edit(region, "ResourceQuota", f"{core}/resourcequotas/{quota}", ("spec", "hard", "pods"), "1"),
        Edit(region, "PodDisruptionBudget", f"{policy}/poddisruptionbudgets/{budget}", ("spec", "maxUnavailable"), 5),
    ]


def shown(edit: Edit, resources: list[Values]) -> bool:
    """Whether the engine's state has the edited value."""
    name = edit.path.rpartition("/")[2]
    mine = (
        each["outputs"]
        for each in resources
        if each["type"].endswith(f":{edit.kind}")
        and each["urn"].rpartition("::")[2].startswith(f"{edit.region.name}-")
        and at(each["outputs"], ("metadata", "name")) == name
    )
    return any(at(outputs, edit.fields) == edit.value for outputs in mine)


def at(value: Mapping[str, Any], fields: tuple[str, ...]) -> Any:
    """What stands at a path; None if nothing does."""
    found: Any = value
    for field in fields:
        found = found.get(field) if isinstance(found, Mapping) else None
    return found
