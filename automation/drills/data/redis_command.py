"""`./regions drill redis`: real Redis servers on this machine's loopback, and what they take to come back."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from automation import stacks_of_project as project
from automation.arguments import AsJson
from automation.errors import Refused

console = Console(stderr=True)

Failovers = Annotated[int, typer.Option("--failovers", min=1, help="Masters that are killed while a client writes.")]


def redis(failovers: Failovers = 10, as_json: AsJson = False) -> None:
    """Kill, cut off and empty real Redis servers: what holds, how long it takes, and what is lost."""
    from automation.drills.data.redis import run
    from automation.drills.live.verdict import Verdict
    from automation.summary import print_json

    drills = project.ROOT / ".regions" / "drills"
    drills.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="redis-", dir=drills))
    verdict = Verdict(told=_say)
    try:
        run(place, verdict, failovers=failovers)
    except TimeoutError as problem:
        raise Refused(f"drill redis: {problem}; its files are kept in {place}") from problem
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    if as_json:
        print_json({"drill": "redis"} | verdict.report())
    if verdict.broken:
        broke = f"{len(verdict.broken)} promises broke, the first: {verdict.broken[0]}"
        raise Refused(f"drill redis: {broke}; its files are kept in {place}")
    shutil.rmtree(place)


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
