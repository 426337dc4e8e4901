"""A destroy as a drill does it, and what counts as clean after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automation.drills.rehearsal import UNBROKEN, Rehearsal


def named(option: str, urns: Sequence[str]) -> list[str]:
    """The option once for each URN."""
    return [word for urn in urns for word in (option, urn)]


def destroyed(rehearsal: Rehearsal, stack: str) -> dict[str, Any]:
    """Destroy a stack, each of its protections lifted by name; its report. AssertionError if it is refused."""
    lifted = named("--unprotect", rehearsal.protected(stack))
    return rehearsal.report("destroy", stack, "--embedded", *lifted, environment=UNBROKEN)


def assert_clean(rehearsal: Rehearsal, stack: str, report: Mapping[str, Any]) -> None:
    """AssertionError unless only the declared set is left, in no state, and no process works for it any more."""
    declared = {one["id"] for one in report["declared"]}
    undeclared = [item for item in report["left"] if not item["note"] and item["id"] not in declared]
    _nothing("left and not declared", undeclared)
    _nothing("orphans", report["orphans"])
    _nothing("resources in the state", [each["urn"] for each in rehearsal.state(stack).get("resources") or []])
    _nothing("processes left", rehearsal.processes_left())


def _nothing(what: str, found: Sequence[Any]) -> None:
    if found:
        raise AssertionError(f"{what}: {', '.join(str(one) for one in found)}")
