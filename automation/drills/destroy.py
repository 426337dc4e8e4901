"""The destroy drill: up and down under faults, a region taken out on the way, and only what is declared is left."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from automation.drills.rehearsal import UNBROKEN, Rehearsal, copy_project
from automation.drills.taken_down import assert_clean, named
from embedded.aws.faults import VARIABLE
from stacks.refusals import region_of

TRIES = 4
"""Runs that faults may cost: a pool without capacity fails one, and the next goes elsewhere."""
_REGIONS = "game-regions:regions"
_TO_ALLOW = re.compile(r"--allow '([^']+)'")


def run_drill(stack: str, place: Path, *, seed: int, told: Callable[[str], None]) -> dict[str, Any]:
    """Bring a stack up under the faults of `seed`, take its last region out if it has several, and destroy it.

    Returns the report of the destroy. `told` hears each step. AssertionError says what is left that should not be.
    """
    rehearsal = copy_project(place / "1")
    faults = UNBROKEN | {VARIABLE: str(seed)}
    _until_done(rehearsal, ["up", stack, "--embedded", "--json"], faults, told)
    told(f"up: {len(rehearsal.state(stack)['resources'])} resources")
    region = _take_region_out(rehearsal, stack)
    if region is not None:
        _drop_region(rehearsal, stack, region, faults, told)
    lifted = named("--unprotect", rehearsal.protected(stack))
    done = _until_done(rehearsal, ["destroy", stack, "--embedded", "--json", *lifted], faults, told)
    report: dict[str, Any] = json.loads(done.stdout)
    assert_clean(rehearsal, stack, report)
    told(f"destroyed: {len(report['declared'])} left as declared, no orphans")
    return report


def _until_done(
    rehearsal: Rehearsal, command: list[str], faults: Mapping[str, str], told: Callable[[str], None]
) -> subprocess.CompletedProcess[str]:
    for _ in range(TRIES):
        done = rehearsal.run(*command, environment=faults)
        if done.returncode == 0:
            return done
        told(f"{command[0]}: {_said(done)}")
    raise AssertionError(f"{command[0]} {command[1]} was not done after {TRIES} tries: {_said(done)}")


def _said(done: subprocess.CompletedProcess[str]) -> str:
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    return errors[0].removeprefix("error: ") if errors else done.stderr.strip()[-500:]


def _take_region_out(rehearsal: Rehearsal, stack: str) -> str | None:
    """Take the last region out of the copy's stack file; None where it is the only one."""
    file = rehearsal.root / f"Pulumi.{stack}.yaml"
    content = yaml.safe_load(file.read_text())
    if len(content["config"][_REGIONS]) == 1:
        return None
    region: str = [*content["config"][_REGIONS]][-1]
    del content["config"][_REGIONS][region]
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    return region


def _drop_region(
    rehearsal: Rehearsal, stack: str, region: str, faults: Mapping[str, str], told: Callable[[str], None]
) -> None:
    """`up` without a region: refused until each thing that it would lose is allowed by name, as a person would."""
    command = ["up", stack, "--embedded", "--json"]
    allowed: list[str] = []
    # The engine names what is protected, and the guard, which sees the whole change only then, what else is lost.
    while (refused := rehearsal.run(*command, *named("--allow", allowed), environment=faults)).returncode != 0:
        asked = sorted({*_TO_ALLOW.findall(refused.stderr)} - {*allowed})
        if not asked:
            told(f"up: {_said(refused)}")
            _until_done(rehearsal, [*command, *named("--allow", allowed)], faults, told)
            break
        allowed += asked
    left = [each["urn"] for each in rehearsal.state(stack)["resources"] if _is_of(region, each["urn"])]
    orphans = rehearsal.report("orphans", stack, "--embedded")["orphans"]
    if left or orphans:
        raise AssertionError(f"{region} was taken out and is still there: {left or orphans}")
    told(f"{region} taken out of the map: {len(allowed)} things allowed by name, all of it gone")


def _is_of(region: str, urn: str) -> bool:
    return region_of(urn.rsplit("::", 1)[-1], [region]) == region
