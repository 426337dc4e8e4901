"""What the real engine takes on the embedded cloud: `up`, a second `up` and `destroy` of local, per 100 resources.

Measured on the clock, once, in a copy of the project, so that nobody's stack is touched.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "bench" / "results" / "embedded_up.json"
STACK = "local"
COMMAND_SECONDS = 600
_LEFT_OUT = (".git", ".venv", ".regions", "tests", "bench", "docs", "__pycache__", ".*_cache", ".hypothesis")


@dataclass(frozen=True)
class Step:
    """One command; `resources` are those the engine looked at, `seconds` the engine's own part of it."""

    command: str
    resources: int
    seconds: float

    @property
    def per_hundred(self) -> float:
        """Seconds per 100 resources."""
        return 100 * self.seconds / self.resources


def engine_is_here() -> bool:
    """Whether a Pulumi CLI is at hand; building one is no part of this measurement."""
    return bool(shutil.which("pulumi")) or (ROOT / ".regions" / "bin" / "pulumi").is_file()


def measure() -> list[Step]:
    """The steps, in a copy that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        engine = ROOT / ".regions" / "bin"
        if engine.is_dir():
            shutil.copytree(engine, copy / ".regions" / "bin")
        return [_run(copy, command) for command in ("up", "up", "destroy")]


def _run(project: Path, command: str) -> Step:
    done = subprocess.run(
        [sys.executable, "-m", "automation", command, STACK, "--yes", "--json"],
        cwd=project,
        env={name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))},
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command} {STACK} ended with {done.returncode}: {done.stderr.strip() or done.stdout}")
    report: dict[str, Any] = json.loads(done.stdout)
    return Step(command=command, resources=sum(report["changes"].values()), seconds=report["seconds"])


def main(console: Console) -> dict[str, Any]:
    """Measure, print and write the result; without an engine the result says so."""
    if not engine_is_here():
        console.print("up on the embedded cloud: left out, there is no Pulumi CLI; ./regions up local installs one")
        return {"schema": 1, "skipped": "no Pulumi CLI"}
    steps = measure()
    table = Table(title=f"{STACK} on the embedded cloud")
    for heading in ("command", "resources", "seconds", "seconds per 100"):
        table.add_column(heading, justify="left" if heading == "command" else "right")
    for step in steps:
        table.add_row(step.command, str(step.resources), f"{step.seconds:.1f}", f"{step.per_hundred:.2f}")
    console.print(table)
    result = {
        "schema": 1,
        "stack": STACK,
        "steps": [{**asdict(step), "seconds_per_100": round(step.per_hundred, 2)} for step in steps],
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return result
