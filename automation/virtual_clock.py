"""What is told of the virtual clock: how long a stack takes on AWS, and how long it must."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Console

from plan.durations import UnknownDuration
from plan.makespan import lines, makespans
from plan.recorder import Recording


def show_makespans(recording: Recording, console: Console) -> None:
    """Both times of every region and what makes the difference; one sentence where a type has no duration."""
    try:
        found = makespans(recording)
    except UnknownDuration as unknown:
        console.print(str(unknown), highlight=False, markup=False, soft_wrap=True)
        return
    for line in (line for makespan in found for line in lines(makespan)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


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
