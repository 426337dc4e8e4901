"""`./regions drill`: drills on the embedded cloud, each in copies of the project under `.regions/drills`."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from typing import Annotated

import typer

from automation import stacks_of_project as project
from automation.arguments import AsJson, Stack
from automation.drills.data.commands import COMMANDS
from automation.drills.live.table import LIVE, module_of
from automation.drills.places import console, drill_place, end, say
from automation.engine import ensure_engine
from automation.errors import BadUsage

app = typer.Typer(
    help="Rehearse what goes wrong: on the embedded cloud, in copies of the project.", no_args_is_help=True
)
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
    points = drill.drawn(len(creates), sample, seed) if sample else None
    began = time.monotonic()
    verdicts: list[drill.Verdict] = []

    def told(situations: int, verdict: drill.Verdict) -> None:
        verdicts.append(verdict)
        how = f"failed: {verdict.failure}" if verdict.failure else "converged, nothing orphaned"
        say(f"{len(verdicts)}/{situations} {', '.join(verdict.points)}: {how} ({verdict.seconds:.0f} s)")

    ensure_engine(console)
    with drill_place(f"drill kill {stack}", stack) as place:
        drill.run_drill(stack, place, sample=points, told=told)
        failed = [verdict for verdict in verdicts if verdict.failure]
        count, missed = (sum(len(verdict.points) for verdict in some) for some in (verdicts, failed))
        minutes, seconds = divmod(round(time.monotonic() - began), 60)
        say(f"kill: {count - missed} of {count} points converged in {minutes} min {seconds} s")
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
    ensure_engine(console)
    with drill_place(f"drill destroy {stack} --seed {seed}", stack) as place:
        report = drill.run_drill(stack, place, seed=seed, told=say)
    if as_json:
        print_json({"stack": stack, "seed": seed, "declared": report["declared"], "orphans": report["orphans"]})


def _live(name: str) -> Callable[[str, bool], None]:
    """The command of a drill on real control planes."""

    def command(stack: Stack, as_json: AsJson = False) -> None:
        from automation.control_plane_build import ensure_programs
        from automation.drills.live.stack import live_stack
        from automation.drills.live.verdict import Verdict
        from embedded.client import CloudError
        from embedded.kubernetes.errors import ApiError

        chosen = project.choose(stack, embedded=True)
        ensure_programs(console)
        ensure_engine(console)
        drill: Callable[..., None] = import_module(module_of(name)).run
        verdict = Verdict(told=say)
        with drill_place(f"drill {name} {stack}", stack) as place:
            try:
                with live_stack(chosen, place, say) as live:
                    drill(live, verdict)
            except (ApiError, CloudError, subprocess.TimeoutExpired) as problem:
                raise AssertionError(str(problem)) from problem
            end(verdict, {"drill": name, "stack": stack}, as_json=as_json)

    return command


for _name, _what in LIVE.items():
    app.command(_name, help=_what)(_live(_name))


for _command in COMMANDS:
    app.command()(_command)
