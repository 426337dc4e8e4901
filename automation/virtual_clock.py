"""What is told of the virtual clock: how long a stack takes on AWS, and how long it must."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Console

from plan.at_once import operations_at_once
from plan.durations import UnknownDuration
from plan.makespan import lines, makespans, minutes
from plan.recorder import Recording
from plan.turns import seconds_with
from stacks.check_names import EDGE


def show_makespans(recording: Recording, console: Console) -> None:
    """Both times of every region and what makes the difference, and the whole stack's with the engine's limit.

    One sentence where a type has no duration.
    """
    try:
        found = [line for makespan in makespans(recording) for line in lines(makespan)]
        found.append(_whole(recording))
    except UnknownDuration as unknown:
        found = [str(unknown)]
    for line in found:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _whole(recording: Recording) -> str:
    regions = {resource.region for resource in recording.resources} - {EDGE, None}
    at_once = operations_at_once(len(regions))
    return f"{recording.stack}: {minutes(seconds_with(recording, at_once))} in all, {at_once} operations at once"


def report(recording: Recording) -> list[dict[str, Any]] | None:
    """The same for a program, times in seconds; None where a type has no duration."""
    try:
        found = makespans(recording)
    except UnknownDuration:
        return None
    return [
        {
            "region": makespan.region,
            "seconds": makespan.seconds,
            "necessary": makespan.necessary,
            "ratio": round(makespan.ratio, 3),
            "waits": [asdict(wait) for wait in makespan.waits],
            "lacking": [{"dependent": dependent, "needed": needed} for dependent, needed in makespan.lacking],
        }
        for makespan in found
    ]
