"""`./regions drill`: drills on the embedded cloud, each in copies of the project under `.regions/drills`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from automation import stacks_of_project as project
from automation.arguments import AsJson, Stack
from automation.drills.data.commands import COMMANDS
from automation.drills.live.table import LIVE, module_of
from automation.engine import ensure_engine
from automation.errors import BadUsage, Refused

app = typer.Typer(
    help="Rehearse what goes wrong: on the embedded cloud, in copies of the project.", no_args_is_help=True
)
console = Console(stderr=True)

Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed draws the same.")]


@app.command()
def kill(
    stack: Stack,
    every_step: Annotated[bool, typer.Option("--every-step", help="From every point of an up.")] = False,
    sample: Annotated[int | None, typer.Option("--sample", min=1, help="From so many points.")] = None,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Go on from where a kill before, inside or after a create leaves an up; every eighth is destroyed too."""
    from automation.drills import kill as drill
    from automation.summary import print_json
    from plan.document import record_stack

    if every_step == (sample is not None):
        raise BadUsage("drill kill: say either --every-step or --sample COUNT")
    chosen = project.choose(stack, embedded=True)
    creates = [r for r in record_stack(stack, chosen.settings).resources if r.is_leaf]
    points = drill.drawn(len(creates), sample, seed) if sample else []
    began = time.monotonic()
    verdicts: list[drill.Verdict] = []

    def told(situations: int, verdict: drill.Verdict) -> None:
        verdicts.append(verdict)
        how = f"failed: {verdict.failure}" if verdict.failure else "converged, nothing orphaned"
        _say(f"{len(verdicts)}/{situations} {', '.join(verdict.points)}: {how} ({verdict.seconds:.0f} s)")

    with _place("drill kill", stack) as place:
        drill.run_drill(stack, place, sample=points, told=told)
        failed = [verdict for verdict in verdicts if verdict.failure]
        count, missed = (sum(len(verdict.points) for verdict in some) for some in (verdicts, failed))
        minutes, seconds = divmod(round(time.monotonic() - began), 60)
        _say(f"kill: {count - missed} of {count} points converged in {minutes} min {seconds} s")
        if as_json:
            print_json({"stack": stack, "points": count, "failed": [asdict(verdict) for verdict in failed]})
        if failed:
            raise AssertionError(f"{missed} points did not converge, the first {failed[0].points[0]}")


@app.command()
def destroy(stack: Stack, seed: Seed = 1, as_json: AsJson = False) -> None:
    """Come up under seeded faults of AWS, lose a region of several, be destroyed, and leave only what is declared."""
    from automation.drills import destroy as drill
    from automation.summary import print_json

    project.choose(stack, embedded=True)
    with _place(f"drill destroy --seed {seed}", stack) as place:
        report = drill.run_drill(stack, place, seed=seed, told=_say)
    if as_json:
        print_json({"stack": stack, "seed": seed, "declared": report["declared"], "orphans": report["orphans"]})


def _live(name: str) -> Callable[[str, bool], None]:
    """The command of a drill on real control planes."""

    def command(stack: Stack, as_json: AsJson = False) -> None:
        from automation.control_plane_build import ensure_programs
        from automation.drills.live.stack import live_stack
        from automation.drills.live.verdict import Verdict
        from automation.summary import print_json
        from embedded.client import CloudError
        from embedded.kubernetes.errors import ApiError

        chosen = project.choose(stack, embedded=True)
        ensure_programs(console)
        drill: Callable[..., None] = import_module(module_of(name)).run
        verdict = Verdict(told=_say)
        with _place(f"drill {name}", stack) as place:
            try:
                with live_stack(chosen, place, _say) as live:
                    drill(live, verdict)
            except (ApiError, CloudError, subprocess.TimeoutExpired) as problem:
                raise AssertionError(str(problem)) from problem
            if as_json:
                print_json({"drill": name, "stack": stack} | verdict.report())
            if verdict.broken:
                raise AssertionError(f"{len(verdict.broken)} promises broke, the first: {verdict.broken[0]}")

    return command


for _name, _what in LIVE.items():
    app.command(_name, help=_what)(_live(_name))


for _command in COMMANDS:
    app.command()(_command)


@contextmanager
def _place(what: str, stack: str) -> Iterator[Path]:
    """A folder for a drill's copies, gone afterwards; kept, and named, where the drill failed."""
    ensure_engine(console)
    drills = project.ROOT / ".regions" / "drills"
    drills.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f"{stack}-", dir=drills))
    try:
        yield place
    except AssertionError as failure:
        raise Refused(f"{what} {stack}: {failure}; its copies are kept in {place}") from failure
    except KeyboardInterrupt:
        shutil.rmtree(place, ignore_errors=True)
        raise
    shutil.rmtree(place)


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
