"""The commands that run the engine: what each refuses, does, and says at the end."""

from __future__ import annotations

from contextlib import AbstractContextManager

from rich.console import Console
from rich.prompt import Confirm

from automation import operations, summary
from automation.engine import ensure_engine
from automation.errors import Refused
from automation.operations import Session, open_stack
from automation.recovery import Recovered
from automation.recovery import recover as recover_stack
from automation.stacks_of_project import ChosenStack
from automation.state_files import mend_torn_state
from automation.workspace import workspace_of
from embedded import client as cloud


def up(chosen: ChosenStack, *, yes: bool, as_json: bool, console: Console) -> None:
    """Recover what an earlier run left, ask where a real cloud is touched, then create and update."""
    _refuse_unasked(chosen, "up", yes, console)
    with _opened(chosen, console, create=True) as session:
        _recover_first(session, console)
        _confirm(chosen, session, "up", yes, console)
        outcome = operations.up(session, console)
        summary.show_up(chosen, outcome, as_json=as_json, console=console)


def preview(chosen: ChosenStack, *, as_json: bool, console: Console) -> None:
    """Say what `up` would do; on a real cloud not even an empty stack is made for it."""
    with _opened(chosen, console, create=chosen.cloud == "embedded") as session:
        summary.show_changes(chosen, "preview", operations.preview(session, console), as_json=as_json, console=console)


def destroy(chosen: ChosenStack, *, yes: bool, as_json: bool, console: Console) -> None:
    """Recover first, so that nothing an interrupted run made is left behind; then delete."""
    _refuse_unasked(chosen, "destroy", yes, console)
    with _opened(chosen, console, create=False) as session:
        _recover_first(session, console)
        _confirm(chosen, session, "destroy", yes, console)
        outcome = operations.destroy(session, console)
        left = (
            cloud.left(session.workspace.folder, session.cloud) if session.workspace.folder and session.cloud else None
        )
        summary.show_destroy(chosen, outcome, left, as_json=as_json, console=console)


def refresh(chosen: ChosenStack, *, as_json: bool, console: Console) -> None:
    """Bring the state in step with the cloud."""
    with _opened(chosen, console, create=False) as session:
        _recover_first(session, console)
        summary.show_changes(chosen, "refresh", operations.refresh(session, console), as_json=as_json, console=console)


def recover(chosen: ChosenStack, *, as_json: bool, console: Console) -> None:
    """Settle what a killed run left."""
    with _opened(chosen, console, create=False) as session:
        summary.show_recovered(chosen, recover_stack(session), as_json=as_json, console=console)


def outputs(chosen: ChosenStack, *, as_json: bool, console: Console) -> None:
    """Print the outputs of the last `up`."""
    with _opened(chosen, console, create=False, with_cloud=False) as session:
        summary.show_outputs(operations.hidden_outputs(session), as_json=as_json, console=console)


def _opened(
    chosen: ChosenStack, console: Console, *, create: bool, with_cloud: bool = True
) -> AbstractContextManager[Session]:
    console.print(f"[bold]{chosen.name}[/]: {chosen.where}", highlight=False)
    engine = ensure_engine(console)
    workspace = workspace_of(chosen.name, chosen.cloud)
    if workspace.folder is not None and mend_torn_state(workspace.folder):
        console.print("recovered: the state, torn by a full disk, from a copy")
    return open_stack(workspace, engine, create=create, with_cloud=with_cloud)


def _recover_first(session: Session, console: Console) -> None:
    done: Recovered = recover_stack(session)
    if done.anything:
        summary.say_recovered(done, console)


def _refuse_unasked(chosen: ChosenStack, verb: str, yes: bool, console: Console) -> None:
    """Before anything is started: a real cloud is not touched without a yes, and nobody is there to give one."""
    if chosen.cloud == "aws" and not yes and not console.is_terminal:
        raise Refused(f"{verb} {chosen.name} would touch AWS and there is no terminal to ask at", "add --yes")


def _confirm(chosen: ChosenStack, session: Session, verb: str, yes: bool, console: Console) -> None:
    """Ask before a real cloud is touched, with what would change."""
    if yes or chosen.cloud == "embedded":
        return
    if verb == "up":
        summary.show_changes(chosen, "preview", operations.preview(session, console), as_json=False, console=console)
    if not Confirm.ask(f"{verb} {chosen.name} on AWS?", console=console, default=False):
        raise Refused(f"{verb} {chosen.name}: not confirmed, nothing was changed")
