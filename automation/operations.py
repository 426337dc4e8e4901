"""Runs of the engine on one stack, through Pulumi's Automation API on the local program."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pulumi import automation
from pulumi.automation._stack import StackInitMode
from pulumi.automation.errors import CommandError, ConcurrentUpdateError, StackNotFoundError
from rich.console import Console

from automation.engine import Engine
from automation.errors import Refused
from automation.events import RunEvents
from automation.guard import Step
from automation.progress import terminal_progress
from automation.workspace import Workspace
from embedded.client import Attachment, CloudError, attach
from stacks.delete_hooks import HOOKS_ONLY_VARIABLE

PARALLEL_VARIABLE = "PULUMI_PARALLEL"
"""The CLI's own: how many operations are under way at once in whatever it runs."""


@dataclass
class Outcome:
    """What one engine run did."""

    changes: dict[str, int]
    resource_types: dict[str, int]
    """Resource type -> how many of it the stack has (a preview: would have)."""
    seconds: float
    outputs: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """Resources that did not stay the same."""
        return sum(count for operation, count in self.changes.items() if operation not in ("same", "read"))


@dataclass
class Session:
    """An open stack: the Automation API's stack and, for an embedded one, a hold on its cloud."""

    workspace: Workspace
    stack: automation.Stack
    cloud: Attachment | None


class ProtectedLost(Refused):
    """A run would delete what is protected. The engine stops at those on which nothing depends, and names no others."""

    def __init__(self, events: RunEvents) -> None:
        super().__init__("protected resources would be deleted; nothing was changed")
        self.kept = frozenset(step.urn for step in events.steps if step.operation != "delete")
        """URNs of what the program still has: deletes come last, when it has registered everything."""


class _Stack(automation.Stack):
    """A stack that does not ask the CLI, 0.4 s each time, for what its events have told or nobody reads.

    After each run the Automation API wants its history, and after an `up` the outputs with every secret in the clear.
    """

    def info(self, show_secrets: bool = True) -> automation.UpdateSummary:
        del show_secrets
        return automation.UpdateSummary(
            kind="", start_time=datetime.now(UTC), message="", environment={}, config={}, result=""
        )

    def outputs(self) -> automation.OutputMap:
        return {}


@contextmanager
def open_stack(
    workspace: Workspace,
    engine: Engine,
    *,
    create: bool,
    with_cloud: bool = True,
    missing: str | None = None,
    at_once: int | None = None,
) -> Iterator[Session]:
    """Open a stack, with its embedded cloud up for as long as the session lasts.

    `at_once` operations are under way at most, if PULUMI_PARALLEL does not say otherwise; without it the engine
    decides. Refused if it does not exist, with the remedy `missing`, or else that an `up` makes it.
    """
    cloud = _hold_cloud(workspace) if with_cloud else None
    try:
        remedy = missing or f"./regions up {workspace.stack} makes it"
        environment = workspace.environment() | _pace(at_once)
        yield Session(workspace, _stack(workspace, engine, environment, create=create, missing=remedy), cloud)
    finally:
        if cloud is not None:
            cloud.close()


def _hold_cloud(workspace: Workspace) -> Attachment | None:
    if workspace.folder is None:
        return None
    try:
        return attach(workspace.folder, pids=(os.getpid(),))
    except CloudError as error:
        raise Refused(str(error)) from error


def _pace(at_once: int | None) -> dict[str, str]:
    return {} if at_once is None or PARALLEL_VARIABLE in os.environ else {PARALLEL_VARIABLE: str(at_once)}


def _stack(
    workspace: Workspace, engine: Engine, environment: dict[str, str], *, create: bool, missing: str
) -> automation.Stack:
    local = automation.LocalWorkspace(
        work_dir=str(workspace.work_dir),
        env_vars=environment,
        pulumi_home=environment.get("PULUMI_HOME"),
        pulumi_command=engine.command(),
    )
    mode = StackInitMode.CREATE_OR_SELECT if create else StackInitMode.SELECT
    try:
        return _Stack(workspace.stack, local, mode)
    except StackNotFoundError as error:
        raise Refused(f"stack {workspace.stack} does not exist yet where its state is kept", missing) from error
    except CommandError as error:
        raise Refused(f"stack {workspace.stack}: {last_line(str(error))}") from error


def up(session: Session, console: Console, message: str | None = None) -> Outcome:
    """Create or update everything the stack's settings say; with the stack's outputs, secrets hidden.

    `message` is kept in the backend's history of the stack.
    """
    outcome = _run(session, console, "up", lambda events: session.stack.up(on_event=events.take, message=message))
    return replace(outcome, outputs=hidden_outputs(session))


def preview(session: Session, console: Console) -> Outcome:
    """Say what `up` would do, and do nothing."""
    return _run(session, console, "preview", lambda events: session.stack.preview(on_event=events.take))


def destroy(session: Session, console: Console, message: str | None = None) -> Outcome:
    """Delete everything; `message` is kept in the backend's history of the stack."""
    with hooks_only(session):
        outcome = _run(
            session,
            console,
            "destroy",
            lambda events: session.stack.destroy(on_event=events.take, run_program=True, message=message),
        )
    # The engine counts the stack itself, which every program registers, as unchanged on the way; it is gone now.
    return replace(outcome, changes={name: count for name, count in outcome.changes.items() if name != "same"})


@contextmanager
def hooks_only(session: Session) -> Iterator[None]:
    """The program registers the hooks that guard deletes, and no resource.

    In a destroy the engine gives a resource that is not in the state, as after a destroy or an `up` that has stopped
    halfway, no outputs at all, on which the program would fail: it could never be finished.
    """
    workspace = session.stack.workspace
    before = workspace.env_vars
    workspace.env_vars = {**before, HOOKS_ONLY_VARIABLE: "true"}
    try:
        yield
    finally:
        workspace.env_vars = before


def hidden_outputs(session: Session) -> dict[str, Any]:
    """The stack's outputs with every secret shown as "[secret]", at any depth.

    The Automation API's own outputs tell only whether a whole output is secret, and give nested ones in plain text.
    """
    workspace = session.stack.workspace
    arguments = ["stack", "output", "--json", "--stack", session.stack.name]
    answer = workspace.pulumi_command.run(arguments, workspace.work_dir, dict(workspace.env_vars))
    outputs: dict[str, Any] = json.loads(answer.stdout)
    return outputs


def refresh(session: Session, console: Console) -> Outcome:
    """Take what the cloud really holds into the state."""
    return _run(
        session, console, "refresh", lambda events: session.stack.refresh(on_event=events.take, run_program=False)
    )


def _run(session: Session, console: Console, verb: str, run: Callable[[RunEvents], Any]) -> Outcome:
    with terminal_progress(console) as progress:
        events = RunEvents(verb, progress)
        try:
            run(events)
        except ConcurrentUpdateError as error:
            raise Refused(
                f"stack {session.workspace.stack} is locked by another run",
                f"wait for it, or run ./regions recover {session.workspace.stack} if that run is dead",
            ) from error
        except CommandError as error:
            if any(_PROTECTED_DELETE.search(said) for said in events.errors):
                raise ProtectedLost(events) from error
            raise Refused(_sentences(events, verb, error)) from error
    return Outcome(
        changes=dict(events.changes),
        resource_types=dict(events.types),
        seconds=events.seconds,
        warnings=events.warnings,
        steps=events.steps,
    )


def _sentences(events: RunEvents, verb: str, error: CommandError) -> str:
    if events.errors:
        return "\n".join(_PROTECTED.sub(_protected, error) for error in events.errors)
    return f"{verb} failed: {last_line(str(error))}"


# The engine's own sentences tell people to change the program; ours have a word for it.
_PROTECTED = re.compile(r'unable to replace resource "(?P<urn>[^"]+)"\s+as it is currently marked .*', re.DOTALL)
_PROTECTED_DELETE = re.compile(r'resource "[^"]+" cannot be deleted\s+because it is protected')


def _protected(found: re.Match[str]) -> str:
    name = found["urn"].rsplit("::", 1)[-1]
    return f"{name} is protected and would be replaced; nothing was changed. To let it happen: --allow '{found['urn']}'"


def last_line(text: str) -> str:
    """The last line that says something, of the engine's own output."""
    said = [line.strip() for line in text.splitlines() if line.strip() and "stdout:" not in line]
    return (
        said[-1].removeprefix("stderr:").strip().removeprefix("error:").strip() if said else "the engine said nothing"
    )
