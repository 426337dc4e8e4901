"""What `./regions doctor` prints: the facts of this machine, as a table or as one JSON object."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from automation.doctor import examine
from automation.summary import print_json

_COLOURS = {"ok": "green", "warn": "yellow", "missing": "red"}


def report(*, as_json: bool, console: Console) -> None:
    """Examine the machine and say what was found, with a remedy for each thing that is missing."""
    facts = examine()
    if as_json:
        print_json({"facts": [asdict(fact) for fact in facts]})
        return
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("what", "", "found", "remedy"):
        table.add_column(heading, overflow="fold")
    for fact in facts:
        status = f"[{_COLOURS[fact.status]}]{fact.status}[/]"
        table.add_row(fact.name, status, fact.detail.replace("[", r"\["), (fact.remedy or "").replace("[", r"\["))
    console.print(table)
