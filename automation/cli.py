"""The command line: `./regions COMMAND STACK`. Commands are thin; what they do lives in the modules they call.

Exit codes: 0 done; 1 refused or failed; 2 bad usage, or settings that cannot be read or are invalid (nothing started).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import pulumi
import typer
from rich.console import Console

from automation import stacks_of_project as project
from automation.arguments import AsJson, Stack
from automation.control_plane_commands import app as control_plane
from automation.drills.commands import app as drills
from automation.errors import BadUsage, Refused
from stacks.settings_errors import SettingsError

app = typer.Typer(
    name="regions",
    help="Whole game-server regions as code: a stack's regions brought up, changed, inspected and taken down.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
console = Console(stderr=True)
"""For people; results that programs read go to standard output."""

Embedded = Annotated[
    bool, typer.Option("--embedded", help="Rehearse on the embedded cloud whatever the stack file says.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before touching a real cloud.")]
Allow = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="URN", help="Let this resource be replaced or deleted, though it holds state."),
]
Region = Annotated[
    list[str] | None, typer.Option("--region", help="Refuse a change of any other region than the ones named.")
]
ControlPlane = Annotated[
    bool,
    typer.Option("--control-plane", help="Give each embedded cluster a real API server, until the stack is destroyed."),
]
Unprotect = Annotated[
    list[str] | None, typer.Option("--unprotect", metavar="URN", help="Lift the protection of this resource.")
]


@app.command()
def up(
    stack: Stack,
    yes: Yes = False,
    embedded: Embedded = False,
    allow: Allow = None,
    region: Region = None,
    control_plane: ControlPlane = False,
    as_json: AsJson = False,
) -> None:
    """Create or update the stack's regions."""
    from automation import lifecycle

    bounds = lifecycle.Bounds(allowed=tuple(allow or ()), regions=tuple(region or ()))
    chosen = project.choose(stack, embedded)
    lifecycle.up(chosen, bounds, yes=yes, as_json=as_json, console=console, control_plane=control_plane)


@app.command()
def preview(stack: Stack, embedded: Embedded = False, region: Region = None, as_json: AsJson = False) -> None:
    """Say what up would change; change nothing."""
    from automation import lifecycle

    bounds = lifecycle.Bounds(regions=tuple(region or ()))
    lifecycle.preview(project.choose(stack, embedded), bounds, as_json=as_json, console=console)


@app.command()
def destroy(
    stack: Stack,
    yes: Yes = False,
    embedded: Embedded = False,
    unprotect: Unprotect = None,
    as_json: AsJson = False,
) -> None:
    """Delete everything the stack has made; what is protected only if it is named."""
    from automation import lifecycle

    lifecycle.destroy(
        project.choose(stack, embedded), tuple(unprotect or ()), yes=yes, as_json=as_json, console=console
    )


@app.command()
def refresh(stack: Stack, embedded: Embedded = False, as_json: AsJson = False) -> None:
    """Take what the cloud really holds into the stack's state."""
    from automation import lifecycle

    lifecycle.refresh(project.choose(stack, embedded), as_json=as_json, console=console)


@app.command()
def recover(stack: Stack, embedded: Embedded = False, as_json: AsJson = False) -> None:
    """After a killed run: clear its lock, take in what it had made, forget what it had not."""
    from automation import lifecycle

    lifecycle.recover(project.choose(stack, embedded), as_json=as_json, console=console)


@app.command()
def orphans(stack: Stack, embedded: Embedded = False, as_json: AsJson = False) -> None:
    """List what AWS holds of the stack and its state does not: left on purpose with its cost, and orphans."""
    from automation import lifecycle

    lifecycle.orphans(project.choose(stack, embedded), as_json=as_json, console=console)


@app.command()
def move(
    region: Annotated[str, typer.Argument(help="Name of a region.", show_default=False)],
    source: Annotated[str, typer.Option("--from", metavar="STACK", help="The stack that has the region.")],
    target: Annotated[str, typer.Option("--to", metavar="STACK", help="The stack that is to have it.")],
    yes: Yes = False,
    embedded: Embedded = False,
) -> None:
    """Move a region's resources from one stack's state to another's; no object is touched."""
    from automation import moves

    moves.move(region, project.choose(source, embedded), project.choose(target, embedded), yes=yes, console=console)


@app.command()
def outputs(stack: Stack, embedded: Embedded = False, as_json: AsJson = False) -> None:
    """Print the stack's outputs; secrets are hidden."""
    from automation import lifecycle

    lifecycle.outputs(project.choose(stack, embedded), as_json=as_json, console=console)


@app.command()
def plan(stack: Stack, as_json: AsJson = False) -> None:
    """Look at the program without engine or cloud: every resource, every finding."""
    from automation import offline

    offline.plan(project.choose(stack), as_json=as_json, console=console)


@app.command()
def render(
    stack: Stack,
    output: Annotated[Path, typer.Option("-o", "--output", help="A new or empty folder, or a former render.")],
) -> None:
    """Write manifests, chart values and AWS calls of every region as files."""
    from automation import offline

    offline.render(project.choose(stack), output, console=console)


@app.command()
def env(stack: Stack) -> None:
    """Print shell variables for the plain pulumi CLI on the embedded stack: eval "$(./regions env local)"."""
    from automation.workspace import shell_exports, workspace_of

    chosen = project.choose(stack, embedded=True)
    print(shell_exports(workspace_of(chosen.name, chosen.cloud).environment()))  # noqa: T201 - the shell reads it


app.add_typer(control_plane, name="control-plane")
app.add_typer(drills, name="drill")


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what this machine has, what is missing, and what to do about it; starts nothing."""
    from automation.doctor_report import report

    report(as_json=as_json, console=console)


@app.command()
def bootstrap(
    stack: Stack,
    repository: Annotated[
        str,
        typer.Option(
            "--repository",
            metavar="OWNER/NAME",
            help="GitHub repository whose jobs may deploy; a new one as OWNER@ID/NAME@ID.",
        ),
    ],
    yes: Yes = False,
    embedded: Embedded = False,
) -> None:
    """Make what a stack's first run needs: a bucket and a key for its state, and a role for CI. Again: mend them."""
    from automation import bootstrap as first_contact

    first_contact.bootstrap(project.choose(stack, embedded), repository, yes=yes, console=console)


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
def test(context: typer.Context) -> None:
    """Run the tests, on all cores; with arguments, just pytest with these."""
    workers = (os.cpu_count() or 1) + 1  # runs of the engine wait for it now and then; another's tests go on meanwhile
    arguments = context.args or ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]
    sys.exit(subprocess.call([sys.executable, "-m", "pytest", *arguments], cwd=project.ROOT))


@app.command()
def bench(as_json: AsJson = False) -> None:
    """Measure what our components cost over the bare SDK, and an up on the embedded cloud."""
    arguments = ["--json"] if as_json else []
    sys.exit(subprocess.call([sys.executable, "-m", "bench", *arguments], cwd=project.ROOT))


def main() -> NoReturn:
    """Run a command; a person's mistake ends in one sentence and never in a traceback."""
    try:
        app()
    except SettingsError as error:
        _stop(str(error), BadUsage.exit_code)
    except pulumi.RunError as error:  # what the program itself refuses, under the recorder
        _stop(str(error), Refused.exit_code)
    except Refused as error:
        _stop(str(error), error.exit_code)
    except KeyboardInterrupt:
        _stop("interrupted; run the command again to continue where it stopped", Refused.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(Refused.exit_code)
    raise AssertionError("typer ends every command with an exit code")


def _stop(message: str, code: int) -> NoReturn:
    console.print(f"[bold red]error:[/] {_escape(message)}", highlight=False, soft_wrap=True)
    sys.exit(code)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
