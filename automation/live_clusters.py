"""Rehearsals whose Kubernetes clusters are real API servers on this machine (`up --control-plane`)."""

import fcntl
import json
import time
from collections.abc import Mapping

from rich.console import Console

from automation.control_plane_build import ensure_programs
from automation.errors import BadUsage, Refused
from automation.stacks_of_project import ChosenStack
from automation.workspace import Workspace
from embedded import control_plane_choice
from embedded.control_plane.memory import NoRoom, free_memory, refuse_beyond_memory
from embedded.control_plane.plane import ControlPlane
from embedded.control_plane_choice import ControlPlaneChoice
from embedded.stack_folder import StackFolder

_LEAVING_SECONDS = 60.0  # for a cloud that nobody holds any more: it saves what it has, and ends control planes


def choose_clusters(chosen: ChosenStack, workspace: Workspace, console: Console, *, wanted: bool) -> None:
    """Before the cloud is up: settle what its clusters are, and have the programs built that they need.

    Once chosen, control planes stay until the stack is destroyed. Refused where they cannot be had, or the stack
    already has clusters of the other sort.
    """
    folder = workspace.folder
    if folder is None:
        if wanted:
            raise BadUsage(f"--control-plane: {chosen.name} runs on AWS, whose clusters have their own: add --embedded")
        return
    standing = control_plane_choice.chosen(folder)
    if standing is None and not wanted:
        return
    if standing is None and _has_clusters(folder):
        raise Refused(
            f"up {chosen.name} --control-plane: the stack has clusters of the embedded cloud, whose objects no real "
            "API server knows",
            f"./regions destroy {chosen.name} --embedded first, or leave --control-plane out",
        )
    _refuse_beyond_memory(chosen, folder)
    # Programs that are named there are not looked at again: that takes seconds, and only an `up` that asks for them
    # needs those of the present modules.
    kept = standing.programs if standing is not None and not wanted else {}
    there = bool(kept) and all(path.is_file() for path in kept.values())
    choice = ControlPlaneChoice(
        programs=kept if there else ensure_programs(console),
        regions={f"{chosen.settings.game}-{name}": name for name in chosen.settings.regions},
        aws_regions=tuple(sorted({region.aws.region for region in chosen.settings.regions.values()})),
    )
    if standing is None:
        _await_closed(folder)
    if standing != choice:
        control_plane_choice.choose(folder, choice)


def end_of_stack(workspace: Workspace) -> None:
    """After a destroy that has left no cluster, when its cloud is gone: the next `up` may choose anew."""
    folder = workspace.folder
    if folder is not None and control_plane_choice.chosen(folder) is not None and not _has_clusters(folder):
        _await_closed(folder)
        control_plane_choice.give_up(folder)


def live_lines(live: Mapping[str, list[str]]) -> list[str]:
    """What real API servers said: kinds that they took unchecked, and their warnings, which count as ours."""
    unchecked = ", ".join(live["permissive"])
    return [
        f"kinds without a true schema, taken as they came: {unchecked or 'none'}",
        *(f"[yellow]warning:[/] the API server: {warning}" for warning in live["warnings"]),
        *(f"[yellow]warning:[/] {problem}" for problem in live["problems"]),
    ]


def _has_clusters(folder: StackFolder) -> bool:
    """Whether the stack's state holds anything that is in a cluster, or may be."""
    try:
        state = json.loads(folder.state_file.read_text())
    except FileNotFoundError:
        return False
    latest = (state.get("checkpoint") or {}).get("latest") or {}
    types = [resource["type"] for resource in latest.get("resources") or []]
    types += [operation["resource"]["type"] for operation in latest.get("pending_operations") or []]
    return any(type_.startswith(("aws:eks/cluster:", "kubernetes:")) for type_ in types)


def _refuse_beyond_memory(chosen: ChosenStack, folder: StackFolder) -> None:
    down = [name for name in chosen.settings.regions if not ControlPlane(folder, name).processes()]
    try:
        refuse_beyond_memory(len(down), free_memory())
    except NoRoom as error:
        raise Refused(f"{chosen.name}: {error}") from error


def _await_closed(folder: StackFolder) -> None:
    """Return when no cloud serves this stack: one that does has read its clusters' sort when it began."""
    deadline = time.monotonic() + _LEAVING_SECONDS
    with (folder.cloud / "lock").open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Refused(
                        f"the embedded cloud of {folder.root.name} is in use by another command", "wait until it ends"
                    ) from None
                time.sleep(0.05)
