"""`./regions control-plane`: a real Kubernetes control plane for each region of an embedded stack."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from automation import stacks_of_project as project
from automation.arguments import AsJson, Stack
from automation.errors import BadUsage, Refused
from embedded.stack_folder import StackFolder

app = typer.Typer(
    help="A real Kubernetes API server, controllers and scheduler for each region, on this machine.",
    no_args_is_help=True,
)
console = Console(stderr=True)

Region = Annotated[str | None, typer.Argument(help="Name of a region; all of the stack's if it is left out.")]


@dataclass(frozen=True, kw_only=True)
class Running:
    """One program that runs now."""

    region: str | None
    """None for etcd, which all regions of the stack share."""
    program: str
    pid: int
    ready: bool
    memory_bytes: int
    started: str
    """UTC, as in 2026-11-21T21:04:07Z."""


@app.command()
def start(stack: Stack, region: Region = None) -> None:
    """Build the programs where they are not, start them, and wait until they are ready."""
    from automation.control_plane_build import ensure_programs
    from embedded.control_plane.memory import NoRoom, free_memory, refuse_beyond_memory
    from embedded.control_plane.plane import ControlPlane, ControlPlaneError

    planes = [ControlPlane(folder_of(stack), name) for name in _regions(stack, region)]
    programs = ensure_programs(console)
    try:
        refuse_beyond_memory(sum(1 for plane in planes if not plane.processes()), free_memory())
        for plane in planes:
            began = time.monotonic()
            handle = plane.start(programs)
            _say(f"{plane.region}: ready after {time.monotonic() - began:.1f} s, {handle.url}")
    except (NoRoom, ControlPlaneError) as error:
        raise Refused(f"control-plane start {stack}: {error}") from error


@app.command()
def stop(
    stack: Stack,
    region: Region = None,
    erase: Annotated[bool, typer.Option("--erase", help="Forget what the API server holds, too.")] = False,
) -> None:
    """End the programs; what the API server holds is there again after the next start."""
    from embedded.control_plane.plane import ControlPlane

    for name in _regions(stack, region):
        plane = ControlPlane(folder_of(stack), name)
        running = len(plane.processes())
        plane.stop(erase=erase)
        _say(f"{name}: {running} programs ended" if running else f"{name}: nothing was running")


@app.command()
def status(stack: Stack, region: Region = None, as_json: AsJson = False) -> None:
    """Say what runs, since when, whether it is ready, and what memory it holds; exit code 1 if anything is missing."""
    from automation.summary import print_json
    from embedded.control_plane.memory import free_memory, regions_that_fit

    names = _regions(stack, region)
    rows = running(folder_of(stack), names)
    fit = regions_that_fit(free_memory())
    if as_json:
        print_json({"stack": stack, "programs": [asdict(row) for row in rows], "more_regions_that_fit": fit})
    else:
        _show(stack, rows, fit)
    down = [name for name in names if not _is_up(name, rows)]
    if down:
        raise Refused(f"the control plane of {', '.join(down)} is not up", f"run ./regions control-plane start {stack}")


@app.command()
def kubeconfig(stack: Stack, region: Region = None) -> None:
    """Print the path of a region's kubeconfig: export KUBECONFIG=$(./regions control-plane kubeconfig dev)."""
    from embedded.control_plane.plane import ControlPlane

    names = _regions(stack, region)
    if len(names) > 1:
        raise BadUsage(f"control-plane kubeconfig {stack}: name one of its regions, {', '.join(names)}")
    handle = ControlPlane(folder_of(stack), names[0]).handle()
    if handle is None:
        raise Refused(
            f"the control plane of {names[0]} does not run", f"run ./regions control-plane start {stack} {names[0]}"
        )
    print(handle.kubeconfig)  # noqa: T201 - the shell reads it


def folder_of(stack: str) -> StackFolder:
    """Where the embedded stack lies."""
    return StackFolder(project.ROOT / ".regions" / stack)


def running(folder: StackFolder, names: list[str]) -> list[Running]:
    """What runs of these regions, and the etcd they share."""
    from embedded.control_plane.plane import ControlPlane

    planes = [ControlPlane(folder, name) for name in names]
    rows = [(plane.region, process, plane.is_ready(process.name)) for plane in planes for process in plane.processes()]
    store = planes[0].store
    found = []
    for region, process, ready in [(None, store.process, store.is_ready()), *rows]:
        pid, began = process.pid(), process.began()
        if pid is not None and began is not None:  # it may end at any moment
            since = datetime.fromtimestamp(began, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            found.append(
                Running(
                    region=region,
                    program=process.name,
                    pid=pid,
                    ready=ready,
                    memory_bytes=process.memory(),
                    started=since,
                )
            )
    return found


def _is_up(region: str, rows: list[Running]) -> bool:
    from embedded.control_plane.plane import PROGRAMS

    ready = {row.program for row in rows if row.ready and row.region in (region, None)}
    return ready >= PROGRAMS


def _regions(stack: str, region: str | None) -> list[str]:
    names = list(project.choose(stack, embedded=True).settings.regions)
    if region is None:
        return names
    if region not in names:
        raise BadUsage(f"stack {stack} has no region {region!r}: it has {', '.join(names)}")
    return [region]


def _show(stack: str, rows: list[Running], fit: int) -> None:
    table = Table("region", "program", "process", "ready", "MiB", "since (UTC)")
    for row in rows:
        memory, ready = f"{row.memory_bytes / 2**20:.0f}", "yes" if row.ready else "no"
        since = row.started.replace("T", " ").removesuffix("Z")
        table.add_row(row.region or "all", row.program, str(row.pid), ready, memory, since)
    console.print(table)
    total = sum(row.memory_bytes for row in rows) / 2**20
    _say(f"{stack}: {len(rows)} programs, {total:.0f} MiB; this machine has memory for {fit} more regions")


def _say(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
