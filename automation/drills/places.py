"""Where a drill's files stand while it runs, and how it ends for whoever started it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from automation import stacks_of_project as project
from automation.errors import Refused

if TYPE_CHECKING:
    from automation.drills.live.verdict import Verdict

console = Console(stderr=True)


@contextmanager
def drill_place(what: str, name: str) -> Iterator[Path]:
    """A folder for the drill `what`, its name beginning with `name`; gone afterwards, but not where the drill failed.

    AssertionError, by which drills fail, becomes Refused and names the folder.
    """
    drills = project.ROOT / ".regions" / "drills"
    drills.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=drills))
    try:
        yield place
    except (AssertionError, Refused) as failure:
        raise Refused(f"{what}: {failure}; its files are kept in {place}") from failure
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    shutil.rmtree(place)


def end(verdict: Verdict, facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Print `facts` and what was found where a program asked; AssertionError if a promise broke."""
    from automation.summary import print_json

    if as_json:
        print_json({**facts, **verdict.report()})
    if verdict.broken:
        raise AssertionError(f"{len(verdict.broken)} promises broke, the first: {verdict.broken[0]}")


def say(line: str) -> None:
    """A sentence of a drill, as it comes."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)
