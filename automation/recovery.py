"""Brings a stack back in step with its cloud after a run was killed.

The engine writes down that a create begins before it begins. For each such create the real object is looked up; what
exists is taken into the state, with the parent, provider and dependencies that the engine had written down, and read
back from the cloud by a refresh of just those resources; what does not exist is forgotten and made anew by the next
`up`. Interrupted updates and deletes are settled by the same refresh.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from pulumi.automation import Deployment
from pulumi.automation.errors import CommandError

from automation.errors import Refused
from automation.finders import FINDERS, find_aws
from automation.kubernetes_client import find_kubernetes
from automation.operations import Session, last_line
from automation.state_files import clear_dead_locks

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

    @property
    def anything(self) -> bool:
        """True if there was something to recover."""
        return bool(self.adopted or self.forgotten or self.reread or self.locks)


def recover(session: Session) -> Recovered:
    """Clear dead locks and settle every interrupted operation. Refused while another run is alive."""
    done = Recovered(locks=_clear_locks(session))
    exported = session.stack.export_stack()
    deployment: dict[str, Any] = dict(exported.deployment or {})
    pending = deployment.get("pending_operations") or []
    if not pending:
        return done
    found = {operation["resource"]["urn"]: _find(session, deployment, operation) for operation in pending}
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


def _find(session: Session, deployment: Mapping[str, Any], operation: Mapping[str, Any]) -> str | None:
    """The id of the object that an interrupted create made, None if none."""
    resource = operation["resource"]
    type_, urn, inputs = resource["type"], resource["urn"], _plain(resource.get("inputs") or {})
    if operation["type"] not in ("creating", "importing") or not resource.get("custom"):
        return None  # a component is nothing but its entry in the state
    if type_.startswith(_STATE_ONLY):
        return None
    provider = _provider_inputs(deployment, resource)
    if type_.startswith("kubernetes:"):
        return find_kubernetes(provider, type_, inputs, session.workspace.folder, session.cloud)
    if type_ in FINDERS:
        return find_aws(_aws_session(session, provider), type_, urn, inputs)
    raise Refused(
        f"{urn}: its create was interrupted and this type cannot be looked up: check the cloud by hand, then "
        "import the object or clear the operation with pulumi refresh"
    )


def _aws_session(session: Session, provider: Mapping[str, Any]) -> boto3.Session:
    environment = session.stack.workspace.env_vars
    if session.cloud is None:
        return boto3.Session(region_name=provider.get("region"), profile_name=provider.get("profile"))
    return _Endpoint(
        session.cloud.url,
        region_name=provider.get("region"),
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


class _Endpoint(boto3.Session):
    """A session whose clients go to the embedded cloud, without touching this process's environment."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(**options)
        self._url = url

    def client(self, service_name: str, **options: Any) -> Any:  # type: ignore[override]
        return super().client(service_name, endpoint_url=self._url, **options)  # type: ignore[call-overload]


def _provider_inputs(deployment: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs of the provider resource that a resource names as `urn::id`."""
    urn = str(resource.get("provider", "")).rpartition("::")[0]
    for candidate in deployment.get("resources") or []:
        if candidate["urn"] == urn:
            return {key: _plain(value) for key, value in (candidate.get("inputs") or {}).items()}
    return {}


def _plain(value: Any) -> Any:
    """A state value with its secret wrappers, which hold JSON text, taken off."""
    if isinstance(value, dict):
        if "plaintext" in value and len(value) <= 3:
            return json.loads(value["plaintext"])
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _clear_locks(session: Session) -> int:
    folder = session.workspace.folder
    return 0 if folder is None else clear_dead_locks(session.workspace.stack, folder)
