"""Brings a stack back in step with its cloud after a run was killed.

The engine writes down that a create begins before it begins. For each such create the real object is looked up; what
exists is taken into the state, with the parent, provider and dependencies that the engine had written down, and read
back from the cloud by a refresh of just those resources; what does not exist is forgotten and made anew by the next
`up`. Interrupted updates and deletes are settled by the same refresh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi.automation import Deployment
from pulumi.automation.errors import CommandError

from automation.aws_sessions import AwsSessions
from automation.errors import Refused
from automation.failed_groups import UnwellGroup, unwell_groups
from automation.finders import FINDERS, find_aws
from automation.kubernetes_client import find_kubernetes
from automation.operations import Session, last_line
from automation.state_files import clear_dead_locks
from automation.state_values import plain, provider_inputs
from automation.unfinished import finish

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


def recover(session: Session) -> Recovered:
    """Clear dead locks and settle every interrupted operation. Refused while another run is alive."""
    done = Recovered(locks=_clear_locks(session))
    exported = session.stack.export_stack()
    deployment: dict[str, Any] = dict(exported.deployment or {})
    done.unwell = unwell_groups(deployment)
    pending = deployment.get("pending_operations") or []
    if not pending:
        return done
    aws = AwsSessions(session.cloud, session.stack.workspace.env_vars)
    found = {operation["resource"]["urn"]: _find(session, aws, deployment, operation) for operation in pending}
    for operation in pending:
        _settle(operation, found[operation["resource"]["urn"]], deployment, done)
    deployment["pending_operations"] = []
    session.stack.import_stack(Deployment(version=exported.version, deployment=deployment))
    targets = [*done.adopted, *done.reread]
    if targets:
        _reread(session, targets)
    return done


def _reread(session: Session, targets: list[str]) -> None:
    """Read just these resources from the cloud; the program, which would want outputs they do not have yet, rests."""
    try:
        session.stack.refresh(target=targets, run_program=False)
    except CommandError as error:
        raise Refused(
            f"stack {session.workspace.stack}: what an interrupted run had made is in the state, but reading it from "
            f"the cloud failed: {last_line(str(error))}"
        ) from error


def _settle(operation: Mapping[str, Any], real_id: str | None, deployment: dict[str, Any], done: Recovered) -> None:
    resource = dict(operation["resource"])
    urn = resource["urn"]
    if operation["type"] not in ("creating", "importing"):
        done.reread.append(urn)
    elif real_id is None:
        done.forgotten.append(urn)
    else:
        resource["id"] = real_id
        resource.setdefault("outputs", {})
        deployment.setdefault("resources", []).append(resource)
        done.adopted.append(urn)


def _find(
    session: Session, aws: AwsSessions, deployment: Mapping[str, Any], operation: Mapping[str, Any]
) -> str | None:
    """The id of the object that an interrupted create made, finished as its provider would have; None if none."""
    resource = operation["resource"]
    type_, urn, inputs = resource["type"], resource["urn"], plain(resource.get("inputs") or {})
    if operation["type"] not in ("creating", "importing") or not resource.get("custom"):
        return None  # a component is nothing but its entry in the state
    if type_.startswith(_STATE_ONLY):
        return None
    provider = provider_inputs(deployment, resource)
    if type_.startswith("kubernetes:"):
        return find_kubernetes(provider, type_, inputs, session.workspace.folder, session.cloud)
    if type_ in FINDERS:
        account = aws.of(provider)
        found = find_aws(account, type_, urn, inputs)
        if found is not None:
            finish(account, type_, found)
        return found
    raise Refused(
        f"{urn}: its create was interrupted and this type cannot be looked up: check the cloud by hand, then "
        "import the object or clear the operation with pulumi refresh"
    )


def _clear_locks(session: Session) -> int:
    folder = session.workspace.folder
    return 0 if folder is None else clear_dead_locks(session.workspace.stack, folder)
