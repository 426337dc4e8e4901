"""`./regions drill mysql`."""

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

Writes = Annotated[int, typer.Option("--writes", min=1, help="Go on until so many are acknowledged.")]
Failovers = Annotated[int, typer.Option("--failovers", min=2, help="Kills and deletions of the primary, in turn.")]


def mysql(writes: Writes = 100_000, failovers: Failovers = 10, as_json: AsJson = False) -> None:
    """Kill and stop three real MySQL servers while clients write: what is lost, and for how long nobody can write."""
    from automation.data_servers import find_servers
    from automation.drills.data.mysql import run
    from automation.drills.live.verdict import Verdict
    from automation.summary import print_json

    servers = find_servers()
    if isinstance(servers, str):
        raise Refused(f"drill mysql: {servers}")
    verdict = Verdict(told=_say)
    drills = project.ROOT / ".regions" / "drills"
    drills.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="mysql-", dir=drills))
    try:
        run(servers, place, verdict, writes=writes, failovers=failovers)
    except AssertionError as failure:
        verdict.judge("", [str(failure)])
    if as_json:
        print_json({"drill": "mysql"} | verdict.report())
    if verdict.broken:
        first = f"{len(verdict.broken)} promises broke, the first: {verdict.broken[0]}"
        raise Refused(f"drill mysql: {first}; its logs are in {place}")
    shutil.rmtree(place)


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
