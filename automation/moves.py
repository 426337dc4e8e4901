"""`./regions move`: a region from one stack to another, in their states; the objects themselves are not touched.

The engine's own `pulumi state move` wants both stacks in one backend under one passphrase, which two rehearsals never
are, and drops a dependency that crosses the border with no more than a warning. Here the target is written first, then
the source: cut off between the two, the region stands in both, nothing is lost, and the same command finishes it.
"""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import yaml
from pulumi.automation import Deployment
from rich.console import Console
from rich.prompt import Confirm

from automation.engine import Engine, ensure_engine
from automation.errors import BadUsage, Refused
from automation.locks import locked
from automation.operations import Session, open_stack
from automation.stacks_of_project import ChosenStack, stack_file
from automation.state_files import clear_dead_locks
from automation.state_moves import Move
from automation.state_writes import write_state
from automation.workspace import Workspace, workspace_of
from embedded.stack_folder import PROJECT_NAME, StackFolder

_JOURNAL, _SNAPSHOT = "journal.jsonl", "snapshot.pickle"


@dataclass(frozen=True)
class Entry:
    """Where a region stands in a stack file: the first and last line, from 1, and whether it is the only one."""

    first: int
    last: int
    only: bool


def move(region: str, source: ChosenStack, target: ChosenStack, *, yes: bool, console: Console) -> None:
    """Move the region's resources; then say which lines of the stack file to move after them."""
    _refuse_unlike(region, source, target)
    if source.cloud == "aws" and not yes and not console.is_terminal:
        raise Refused(f"move {region} would change two states and there is no terminal to ask at", "add --yes")
    console.print(f"[bold]move {region}[/] from {source.name} to {target.name}: {source.where}", highlight=False)
    engine = ensure_engine(console)
    from_, to = (workspace_of(chosen.name, chosen.cloud) for chosen in (source, target))
    with open_stack(from_, engine, create=False, with_cloud=False) as old, _opened_target(to, engine) as new:
        _refuse_locked(from_, to)
        plan, versions = _planned(region, old, new)
        if _confirmed(plan, source, yes, console):
            plan, versions = _planned(region, old, new)  # others may have run meanwhile
        if from_.folder and to.folder:
            _copy_cloud(region, from_.folder, to.folder, console)
        if not plan.half_done:
            _write(new, versions[1] or versions[0], plan.target_with(), plan)
        _write(old, versions[0], plan.source_without(), plan)
        if from_.folder:
            _leave_cloud(region, from_.folder, console, empty=plan.leaves_nothing)
    console.print(
        f"[bold green]move:[/] {len(plan.moved())} resources of {region} stand in the state of {target.name} now",
        highlight=False,
    )
    _say_what_to_move(region, source, target, console)


def _planned(region: str, old: Session, new: Session) -> tuple[Move, tuple[int | None, int | None]]:
    """The move by what both states hold now, with their versions. Refused if it cannot be done."""
    exported = old.stack.export_stack(), new.stack.export_stack()
    plan = Move(
        region=region,
        source=old.workspace.stack,
        target=new.workspace.stack,
        old=exported[0].deployment or {},
        new=exported[1].deployment or {},
    )
    plan.refuse()
    return plan, (exported[0].version, exported[1].version)


def _opened_target(to: Workspace, engine: Engine) -> AbstractContextManager[Session]:
    """The target's stack. An `up`, which is what makes a stack else, would make the region a second time."""
    remedy = f"make it, empty: pulumi stack init {to.stack} --secrets-provider=..., see docs/real-account.md"
    return open_stack(to, engine, create=to.folder is not None, with_cloud=False, missing=remedy)


def _refuse_unlike(region: str, source: ChosenStack, target: ChosenStack) -> None:
    if source.name == target.name:
        raise BadUsage(f"move {region}: --from and --to are both {source.name}; name two stacks")
    if source.cloud != target.cloud:
        raise BadUsage(
            f"move {region}: {source.name} is {source.cloud} and {target.name} is {target.cloud}; a region moves only "
            f"within one kind of cloud"
        )
    if source.settings.game != target.settings.game:
        raise BadUsage(
            f"move {region}: the game of {source.name} is {source.settings.game} and that of {target.name} is "
            f"{target.settings.game}, so every object would get another name; give both stacks one game"
        )


def _refuse_locked(*workspaces: Workspace) -> None:
    """On a shared backend the engine itself refuses to write what is locked."""
    for workspace in workspaces:
        if workspace.folder is not None:
            clear_dead_locks(workspace.stack, workspace.folder)


def _confirmed(plan: Move, source: ChosenStack, yes: bool, console: Console) -> bool:
    """True if somebody was asked, and said yes; Refused at a no."""
    if yes or source.cloud == "embedded":
        return False
    asked = f"move {len(plan.moved())} resources of {plan.region} from {plan.source} to {plan.target}?"
    if not Confirm.ask(asked, console=console, default=False):
        raise Refused(f"move {plan.region}: not confirmed, nothing was changed")
    return True


def _copy_cloud(region: str, source: StackFolder, target: StackFolder, console: Console) -> None:
    """Give the target's embedded cloud what the source's holds; two clouds, each with a past, cannot be made one."""
    past, journal = (folder.cloud / _JOURNAL for folder in (source, target))
    with _at_rest(source, console), _at_rest(target, console):
        if journal.exists() and not (past.exists() and past.read_bytes().startswith(journal.read_bytes())):
            if journal.stat().st_size and past.exists() and past.stat().st_size:
                raise Refused(
                    f"move {region}: {target.root.name} has an embedded cloud of its own, with which that of "
                    f"{source.root.name} cannot be joined",
                    f"rehearse the move into a stack that is not up, or ./regions destroy {target.root.name} "
                    "--embedded first",
                )
            return  # a run that was cut off has moved all of it
        if past.exists():
            (target.cloud / _SNAPSHOT).unlink(missing_ok=True)
            shutil.copyfile(past, journal)


def _leave_cloud(region: str, source: StackFolder, console: Console, *, empty: bool) -> None:
    """What the target's cloud holds now is gone from the source's, if the region was all of it."""
    if empty:
        with _at_rest(source, console):
            for name in (_SNAPSHOT, _JOURNAL):
                (source.cloud / name).unlink(missing_ok=True)
    else:
        console.print(
            f"the embedded cloud of {source.root.name} keeps a copy of the objects of {region}, which orphans lists; "
            "on AWS both stacks would look into one account",
            highlight=False,
        )


def _at_rest(folder: StackFolder, console: Console) -> AbstractContextManager[None]:
    """A stack's embedded cloud, down and kept down; one that just leaves is waited for."""
    return locked(
        folder.cloud / "lock",
        waiting=lambda: console.print(f"waiting for the embedded cloud of {folder.root.name} to be let go"),
    )


def _write(session: Session, version: int | None, deployment: dict[str, Any], plan: Move) -> None:
    try:
        write_state(session, Deployment(version=version, deployment=deployment))
    except Refused as refused:
        raise Refused(
            f"move {plan.region}: {refused}", "nothing is lost: run the same command again before any up"
        ) from refused


def entry_of(region: str, text: str) -> Entry | None:
    """The region's lines in the text of a stack file; None where it is not there."""
    regions = _at(_at(yaml.compose(text), "config"), f"{PROJECT_NAME}:regions")
    pairs = [(key, value) for key, value in regions.value] if regions is not None else []
    for key, value in pairs:
        if key.value == region:
            written = text.splitlines()[key.start_mark.line : value.end_mark.line + 1]
            if not written[-1][: value.end_mark.column].strip():
                written.pop()  # a block ends where the next one begins
            while _is_between(written[-1], key.start_mark.column):
                written.pop()
            first = key.start_mark.line + 1
            return Entry(first, first + len(written) - 1, len(pairs) == 1)
    return None


def _is_between(line: str, column: int) -> bool:
    """True for what stands between two entries that begin in this column: nothing, or a comment on the next."""
    text = line.strip()
    return not text or (text.startswith("#") and len(line) - len(line.lstrip()) <= column)


def _at(node: Any, key: str) -> Any:
    """The value of a mapping's key, as a node; None without one."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for found, value in pairs if found.value == key), None)


def _say_what_to_move(region: str, source: ChosenStack, target: ChosenStack, console: Console) -> None:
    old, new = stack_file(source.name), stack_file(target.name)
    entry, there = entry_of(region, old.read_text()), entry_of(region, new.read_text())
    lines = []
    if entry is not None and there is None:
        lines.append(
            f"move lines {entry.first}-{entry.last} of {old.name}, the entry {region}, below "
            f"{PROJECT_NAME}:regions of {new.name}"
        )
    elif entry is not None:
        lines.append(f"take lines {entry.first}-{entry.last} out of {old.name}; {new.name} has its entry {region}")
    if entry is not None and entry.only:
        lines.append(f"it was the last region of {source.name}: remove {old.name} instead, once its state is empty")
    suffix = " --embedded" if target.cloud == "embedded" else ""
    lines.append(f"./regions preview {target.name}{suffix} must then show nothing to create and nothing to delete")
    console.print("[bold]before any up:[/]", highlight=False)
    for number, line in enumerate(lines, start=1):
        console.print(f"  {number}. {line}", highlight=False, soft_wrap=True)
