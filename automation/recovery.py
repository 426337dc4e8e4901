"""Brings a stack back in step with its cloud after a run was killed.

The engine writes down that a create begins before it begins. For each such create the real object is looked up; what
exists is taken into the state, with the parent, provider and dependencies that the engine had written down, and read
back from the cloud by a refresh of just those resources; what does not exist is forgotten and made anew by the next
`up`. Interrupted updates and deletes are settled by the same refresh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pulumi.automation import Deployment
from pulumi.automation.errors import CommandError
from rich.console import Console

from automation.aws_sessions import AwsSessions
from automation.errors import Refused
from automation.failed_groups import UnwellGroup, unwell_groups
from automation.finders import SERVED, find_aws
from automation.kubernetes_client import find_kubernetes
from automation.operations import Session, last_line
from automation.state_files import clear_dead_locks
from automation.state_values import nested, plain, provider_inputs
from automation.state_writes import write_state
from automation.unfinished import finish, takes_minutes
from stacks.tags import GAME_TAG

# Resources without an object anywhere but in the state: an interrupted create of one left nothing behind.
_STATE_ONLY = ("random:", "pulumi:")


@dataclass
class Recovered:
    """What a recovery did: URNs."""

    adopted: list[str] = field(default_factory=list)
    """Objects that existed and are in the state now."""
    forgotten: list[str] = field(default_factory=list)
    """Creates that had made nothing."""
    reread: list[str] = field(default_factory=list)
    """Interrupted updates and deletes, settled by reading the cloud."""
    locks: int = 0
    """Locks of dead runs that were removed."""
    unwell: list[UnwellGroup] = field(default_factory=list)
    """Node groups that `up` may have to delete first; nothing that a recovery settles."""

    @property
    def anything(self) -> bool:
        """True if there was something to recover."""
        return bool(self.adopted or self.forgotten or self.reread or self.locks)


def recover(session: Session, console: Console) -> Recovered:
    """Clear dead locks and settle every interrupted operation. Refused while another run is alive."""
    done = Recovered(locks=_clear_locks(session))
    exported = session.stack.export_stack()
    deployment: dict[str, Any] = dict(exported.deployment or {})
    # A recovery that was killed itself, or could not read, has left what it had taken in without outputs.
    done.reread = [found["urn"] for found in deployment.get("resources") or [] if _is_unread(found)]
    pending = deployment.get("pending_operations") or []
    if pending:
        found = _found(session, deployment, pending, console)
        # The lookups take their time, and a shared state is locked only while it is written.
        if session.stack.export_stack().deployment != exported.deployment:
            raise Refused(
                f"stack {session.workspace.stack}: another run has written to the state meanwhile",
                "run it again when that run is done",
            )
        for operation in pending:
            settle(operation, found[operation["resource"]["urn"]], deployment, done)
        deployment["pending_operations"] = []
        write_state(session, Deployment(version=exported.version, deployment=deployment))
    done.unwell = unwell_groups(deployment)
    unwell = {group.urn for group in done.unwell}
    targets = [urn for urn in (*done.adopted, *done.reread) if urn not in unwell]
    if targets:
        _reread(session, targets)
    return done


def _is_unread(resource: Mapping[str, Any]) -> bool:
    """True for an object of a cloud of which the state has nothing but its id; what is unwell is settled elsewhere."""
    of_cloud = resource["type"].startswith(("aws:", "kubernetes:"))
    return of_cloud and bool(resource.get("id")) and not (resource.get("outputs") or resource.get("initErrors"))


def _reread(session: Session, targets: list[str]) -> None:
    """Read just these resources from the cloud; the program, which would want outputs they do not have yet, rests."""
    try:
        session.stack.refresh(target=targets, run_program=False)
    except CommandError as error:
        raise Refused(
            f"stack {session.workspace.stack}: what an interrupted run had made is in the state, but reading it from "
            f"the cloud failed: {last_line(str(error))}"
        ) from error


@dataclass(frozen=True)
class Found:
    """The object of an interrupted create: its id, and what is wrong with it for good."""

    id: str
    failure: str | None = None


def settle(operation: Mapping[str, Any], found: Found | None, deployment: dict[str, Any], done: Recovered) -> None:
    """Put what an interrupted operation has left into the deployment, and say in `done` what it was."""
    resource = dict(operation["resource"])
    urn = resource["urn"]
    if operation["type"] not in ("creating", "importing"):
        done.reread.append(urn)
    elif found is None:
        done.forgotten.append(urn)
    else:
        resource["id"] = found.id
        resource.setdefault("outputs", {})
        if found.failure is not None:
            resource["initErrors"] = [found.failure]
        _take_in(resource, deployment.setdefault("resources", []))
        done.adopted.append(urn)


def _take_in(resource: dict[str, Any], resources: list[dict[str, Any]]) -> None:
    """At the end, or in the place of what it replaces: an object that is there still goes by the next `up`.

    The engine wants everything behind what it depends on, and one that is to go behind the one that stays.
    """
    for index, other in enumerate(resources):
        if other["urn"] == resource["urn"] and not other.get("delete"):
            if other.get("pendingReplacement"):  # deleted already
                resources[index] = resource
            else:
                resources.insert(index, resource)
                other["delete"] = True
            return
    resources.append(resource)


def _found(
    session: Session, deployment: Mapping[str, Any], pending: Sequence[Mapping[str, Any]], console: Console
) -> dict[str, Found | None]:
    """What each pending operation has made, by URN. Refused where the cloud does not tell."""
    aws = AwsSessions(session.cloud, session.stack.workspace.env_vars)
    try:
        return {one["resource"]["urn"]: _find(session, aws, deployment, one, console) for one in pending}
    except (BotoCoreError, ClientError) as error:
        raise Refused(
            f"stack {session.workspace.stack}: what an interrupted run had made could not be looked for: {error}"
        ) from error


def _find(
    session: Session,
    aws: AwsSessions,
    deployment: Mapping[str, Any],
    operation: Mapping[str, Any],
    console: Console,
) -> Found | None:
    """The object that an interrupted create made, finished as its provider would have; None if none."""
    resource = operation["resource"]
    type_, urn, inputs = resource["type"], resource["urn"], plain(resource.get("inputs") or {})
    if operation["type"] not in ("creating", "importing") or not resource.get("custom"):
        return None  # a component is nothing but its entry in the state
    if type_.startswith(_STATE_ONLY):
        return None
    provider = provider_inputs(deployment, resource)
    known = replaced_ids(deployment, urn)
    if type_.startswith("kubernetes:"):
        id_ = find_kubernetes(provider, type_, inputs, session.workspace.folder, session.cloud)
        return None if id_ is None or id_ in known else Found(id_)
    if type_ not in SERVED:
        raise Refused(
            f"{urn}: its create was interrupted and this type cannot be looked up: check the cloud by hand, then "
            "import the object or clear the operation with pulumi refresh"
        )
    account = aws.of(provider)
    id_ = find_aws(account, type_, urn, inputs, known=known, game=_game(provider))
    if id_ is None:
        return None
    if takes_minutes(type_):
        console.print(f"waiting until EKS has made {id_}, as an interrupted run had asked it to", highlight=False)
    return Found(id_, finish(account, type_, id_))


def replaced_ids(deployment: Mapping[str, Any], urn: str) -> frozenset[str]:
    """Ids of the objects that were there before a create of this URN; one that was deleted first is not any more."""
    return frozenset(
        found["id"]
        for found in deployment.get("resources") or []
        if found["urn"] == urn and found.get("id") and not found.get("pendingReplacement")
    )


def _game(provider: Mapping[str, Any]) -> str | None:
    """The game that a provider's tags name; None without."""
    tags = (nested(provider.get("defaultTags")) or {}).get("tags") or {}
    return tags.get(GAME_TAG)


def _clear_locks(session: Session) -> int:
    folder = session.workspace.folder
    return 0 if folder is None else clear_dead_locks(session.workspace.stack, folder)
