"""The commands that run the engine: what each refuses, does, and says at the end."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.prompt import Confirm

from automation import operations, summary
from automation.engine import ensure_engine
from automation.errors import BadUsage, Refused
from automation.failed_groups import delete_failed
from automation.guard import objections
from automation.leftovers import leftovers_of_destroyed, orphans_now
from automation.live_clusters import choose_clusters, end_of_stack
from automation.operations import Outcome, Session, open_stack
from automation.protection import Protection
from automation.recovery import Recovered
from automation.recovery import recover as recover_stack
from automation.stacks_of_project import ChosenStack
from automation.state_files import mend_torn_state
from automation.workspace import workspace_of
from embedded import client as cloud
from plan.at_once import operations_at_once
from stacks.refusals import region_of


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a run may do: replace or delete these URNs, and change only these regions (none: all of them)."""

    allowed: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @property
    def message(self) -> str | None:
        """What the stack's history keeps of it."""
        return f"allowed to be replaced or deleted: {', '.join(self.allowed)}" if self.allowed else None


def up(
    chosen: ChosenStack, bounds: Bounds, *, yes: bool, as_json: bool, console: Console, control_plane: bool = False
) -> None:
    """Recover what an earlier run left, hold the change against the guard, ask, then create and update.

    `control_plane`: the embedded stack's clusters are real API servers, from its first `up` on.
    """
    _refuse_unasked(chosen, "up", yes, console)
    _refuse_unknown_regions(chosen, bounds)
    with _opened(chosen, console, create=True, control_plane=control_plane) as session:
        recovered = _recover_first(session, console)
        protection = Protection(session)
        with protection.lifted_for_a_try(bounds.allowed), protection.lost_named():
            asks = not yes and chosen.cloud == "aws"
            if asks or bounds.regions or chosen.settings.protect:
                previewed = operations.preview(session, console)
                _refuse_objections(chosen, bounds, previewed)
                if asks:
                    summary.show_changes(chosen, "preview", previewed, as_json=False, console=console)
            _confirm(chosen, "up", yes, console)
        protection.lift_at_aws(bounds.allowed)
        _delete_failed(chosen, bounds, session, recovered, console)
        outcome = operations.up(session, console, bounds.message)
        live = _live_report(session)
        summary.show_up(chosen, outcome, as_json=as_json, console=console, live=live)


def preview(chosen: ChosenStack, bounds: Bounds, *, as_json: bool, console: Console) -> None:
    """Say what `up` would do; on a real cloud not even an empty stack is made for it. Refused where `up` would be."""
    _refuse_unknown_regions(chosen, bounds)
    with _opened(chosen, console, create=chosen.cloud == "embedded") as session:
        with Protection(session).lost_named():
            outcome = operations.preview(session, console)
        summary.show_changes(chosen, "preview", outcome, as_json=as_json, console=console)
        if bounds.regions or chosen.settings.protect:
            _refuse_objections(chosen, bounds, outcome)


def destroy(chosen: ChosenStack, unprotect: tuple[str, ...], *, yes: bool, as_json: bool, console: Console) -> None:
    """Recover first, so that nothing an interrupted run made is left behind; then delete.

    Refused while a resource is protected that `unprotect` does not name by its URN.
    """
    _refuse_unasked(chosen, "destroy", yes, console)
    with _opened(chosen, console, create=False) as session:
        _recover_first(session, console)
        protection = Protection(session)
        protection.refuse_unnamed(unprotect)
        _confirm(chosen, "destroy", yes, console)
        protection.lift_mark(unprotect)
        protection.lift_at_aws(unprotect)
        outcome = _destroyed(session, protection.deployment, unprotect, console)
        left = (
            cloud.left(session.workspace.folder, session.cloud) if session.workspace.folder and session.cloud else None
        )
        found = leftovers_of_destroyed(chosen, session, protection.deployment, console)
        summary.show_destroy(chosen, outcome, left, found, as_json=as_json, console=console)
    end_of_stack(session.workspace)


def _destroyed(session: Session, before: Mapping[str, Any], unprotect: tuple[str, ...], console: Console) -> Outcome:
    """Delete, if there is anything: on an empty state the engine would make the stack's own entry to delete it."""
    if not before.get("resources"):
        return Outcome(changes={}, resource_types={}, seconds=0.0)
    return operations.destroy(session, console, f"unprotected: {', '.join(unprotect)}" if unprotect else None)


def orphans(chosen: ChosenStack, *, as_json: bool, console: Console) -> None:
    """Say what AWS holds of the stack and its state does not; changes nothing."""
    with _opened(chosen, console, create=False) as session:
        summary.show_orphans(chosen, orphans_now(chosen, session), as_json=as_json, console=console)


def refresh(chosen: ChosenStack, *, as_json: bool, console: Console) -> None:
    """Bring the state in step with the cloud."""
    with _opened(chosen, console, create=False) as session:
        _recover_first(session, console)
        summary.show_changes(chosen, "refresh", operations.refresh(session, console), as_json=as_json, console=console)


def recover(chosen: ChosenStack, *, as_json: bool, console: Console) -> None:
    """Settle what a killed run left."""
    with _opened(chosen, console, create=False) as session:
        summary.show_recovered(chosen, recover_stack(session, console), as_json=as_json, console=console)


def outputs(chosen: ChosenStack, *, as_json: bool, console: Console) -> None:
    """Print the outputs of the last `up`."""
    with _opened(chosen, console, create=False, with_cloud=False) as session:
        summary.show_outputs(operations.hidden_outputs(session), as_json=as_json, console=console)


def _opened(
    chosen: ChosenStack, console: Console, *, create: bool, with_cloud: bool = True, control_plane: bool = False
) -> AbstractContextManager[Session]:
    console.print(f"[bold]{chosen.name}[/]: {chosen.where}", highlight=False)
    engine = ensure_engine(console)
    workspace = workspace_of(chosen.name, chosen.cloud)
    if workspace.folder is not None and mend_torn_state(workspace.folder):
        console.print("recovered: the state, torn by a full disk, from a copy")
    if with_cloud:
        choose_clusters(chosen, workspace, console, wanted=control_plane)
    # Nothing in the embedded cloud takes time that more operations at once could save.
    at_once = operations_at_once(len(chosen.settings.regions)) if workspace.folder is None else None
    return open_stack(workspace, engine, create=create, with_cloud=with_cloud, at_once=at_once)


def _live_report(session: Session) -> Mapping[str, list[str]] | None:
    """What the API servers said; None without an embedded cloud that has any."""
    if session.workspace.folder is None or session.cloud is None:
        return None
    return cloud.live_report(session.workspace.folder, session.cloud)


def _recover_first(session: Session, console: Console) -> Recovered:
    done: Recovered = recover_stack(session, console)
    if done.anything:
        summary.say_recovered(done, console)
    return done


def _delete_failed(
    chosen: ChosenStack, bounds: Bounds, session: Session, recovered: Recovered, console: Console
) -> None:
    """Node groups whose create has failed for good go first, in the regions that the run may change."""
    mine = [
        group
        for group in recovered.unwell
        if not bounds.regions or region_of(group.logical_name, chosen.settings.regions) in bounds.regions
    ]
    for urn in delete_failed(session, mine):
        console.print(f"deleted, as its create had failed for good: {urn}", highlight=False, soft_wrap=True)


def _refuse_unasked(chosen: ChosenStack, verb: str, yes: bool, console: Console) -> None:
    """Before anything is started: a real cloud is not touched without a yes, and nobody is there to give one."""
    if chosen.cloud == "aws" and not yes and not console.is_terminal:
        raise Refused(f"{verb} {chosen.name} would touch AWS and there is no terminal to ask at", "add --yes")


def _refuse_unknown_regions(chosen: ChosenStack, bounds: Bounds) -> None:
    known = ", ".join(chosen.settings.regions)
    for name in bounds.regions:
        if name not in chosen.settings.regions:
            raise BadUsage(f"--region {name}: stack {chosen.name} has no such region; it has {known}")


def _refuse_objections(chosen: ChosenStack, bounds: Bounds, previewed: Outcome) -> None:
    found = objections(previewed.steps, regions=chosen.settings.regions, allowed=bounds.allowed, only=bounds.regions)
    if not found:
        return
    lines = [
        f"  {one.sentence}" + (f"\n    to let it happen: --allow '{one.urn}'" if one.liftable else "") for one in found
    ]
    raise Refused(f"up {chosen.name} would do what it may not; nothing was changed:\n" + "\n".join(lines))


def _confirm(chosen: ChosenStack, verb: str, yes: bool, console: Console) -> None:
    """Ask before a real cloud is touched."""
    if yes or chosen.cloud == "embedded":
        return
    if not Confirm.ask(f"{verb} {chosen.name} on AWS?", console=console, default=False):
        raise Refused(f"{verb} {chosen.name}: not confirmed, nothing was changed")
