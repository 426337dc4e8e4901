"""The AWS API of the embedded cloud: every call, our own clients' or over HTTP, goes through `AwsEndpoint.handle`."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, Protocol, TypeVar, cast

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.retries import standard
from moto.core.botocore_stubber import MockRawResponse
from moto.core.utils import get_service_model
from moto.moto_api._internal import mock_random

from embedded.aws.account import Account
from embedded.aws.clock import moment
from embedded.aws.constraints import check_constraints
from embedded.aws.errors import AwsError, as_aws_error, error_answer
from embedded.aws.faults import Faults
from embedded.aws.inventory import Item, inventory, pending_deletion
from embedded.aws.models.registry import perform
from embedded.aws.protocol import SERVICES, Answer, Call, RawRequest, check_parameters, normalise, recognise, scope
from embedded.aws.refusals.registry import refuse

Stage = Literal["received", "recorded", "done"]
Observer = Callable[[Stage, Call], None]
_Result = TypeVar("_Result")
# terraform-provider-aws: max_retries of the provider's configuration, "defaults to 25", in the SDK's standard mode.
ATTEMPTS = 25
Fault = Callable[[str, str, Mapping[str, Any]], None]


class Journal(Protocol):
    """Where mutations are written down before they are made; see embedded.journal."""

    def record(self, kind: str, entry: Mapping[str, Any]) -> int: ...


class AwsEndpoint:
    """One embedded AWS account behind one door. `before` may raise AwsError; `on_call` watches every call's stages."""

    def __init__(self, journal: Journal, lock: threading.RLock, faults: Faults | None = None) -> None:
        self._journal = journal
        self._lock = lock
        self._faults = faults
        self.account = Account()
        self._clients: dict[tuple[str, str], Any] = {}
        self._session = _session(self.handle)
        self.before: Fault | None = None
        self.on_call: list[Observer] = []

    @property
    def unsteady(self) -> bool:
        """True where troubles come that pass by themselves (seeded faults)."""
        return self._faults is not None

    def client(self, service: str, region: str) -> Any:
        """A boto3 client of a service in a region; its requests never leave the process."""
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                client = self._session.client(service, region_name=region, config=_CLIENT_CONFIG)
                _set_retries(client, ATTEMPTS if self.unsteady else 1)
                self._clients[key] = client
            return self._clients[key]

    def handle(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Answer one AWS request, whatever its host: service and region are read from its credential scope."""
        with self._lock:
            status, headers, body = self._answer(request)
        return AWSResponse(request.url, status, cast("HTTPHeaders", headers), MockRawResponse(body))

    def _answer(self, request: AWSPreparedRequest) -> Answer:
        protocol, service = "json", ""
        try:
            signing_name, region = scope(request)
            if signing_name not in SERVICES:
                raise AwsError("InvalidAction", f"The embedded cloud does not serve {signing_name}.", 404)
            service = SERVICES[signing_name]
            protocol = _protocol(service)
            call = recognise(normalise(request, signing_name, region), service, region)
            protocol = call.protocol
            return self._execute(call)
        except AwsError as error:
            return error_answer(error, protocol, service)

    def _execute(self, call: Call) -> Answer:
        self._tell("received", call)
        if self.before is not None:
            self.before(call.service, call.operation, call.parameters)
        if self._faults is not None:
            self._faults.throttle(self.account, call)
        check_parameters(call)
        check_constraints(call)
        self.account.prepare(call.service, call.region)
        self._guarded(refuse, call)
        if not call.is_mutation:
            return self._guarded(perform, call)
        at = datetime.now(UTC)
        entry = {"service": call.service, "operation": call.operation, "region": call.region, "at": at.isoformat()}
        if self._faults is not None:
            self._faults.refuse(call)
            entry["faults"] = str(self._faults.seed)
        sequence = self._journal.record("aws", entry | call.request.to_json())
        self._tell("recorded", call)
        answer = self._mutate(call, sequence, at, self._faults)
        self._tell("done", call)
        return answer

    def _mutate(self, call: Call, sequence: int, at: datetime, faults: Faults | None) -> Answer:
        # Ids come from moto's random numbers and timestamps from its clock: both fixed, a replay makes the same things.
        mock_random.seed(sequence)
        with moment(at):
            return self._guarded(perform if faults is None else faults.perform, call)

    def _guarded(self, work: Callable[[Account, Call], _Result], call: Call) -> _Result:
        """Do `work`; whatever goes wrong in it is an AWS error to the caller."""
        try:
            return work(self.account, call)
        except AwsError:
            raise
        except Exception as error:
            raise as_aws_error(error) from error

    def _tell(self, stage: Stage, call: Call) -> None:
        for observer in self.on_call:
            observer(stage, call)

    def inventory(self) -> list[Item]:
        """What somebody made in the account and has not deleted."""
        with self._lock:
            return inventory(self.account)

    def is_empty(self) -> bool:
        """True if nobody has anything here; keys that wait for their deletion do not count."""
        return not self.inventory()

    def pending_deletion(self) -> list[Item]:
        """KMS keys that wait for their deletion."""
        with self._lock:
            return pending_deletion(self.account)

    def replay(self, entry: dict[str, Any], sequence: int) -> None:
        """Do again what the journal says was done as number `sequence`; an AWS error then is the same error now."""
        call = recognise(RawRequest.from_json(entry), entry["service"], entry["region"])
        self.account.prepare(call.service, call.region)
        # What a fault did to the account then, it does again, whether or not there are faults now.
        faults = Faults(int(entry["faults"])) if "faults" in entry else None
        try:
            self._mutate(call, sequence, datetime.fromisoformat(entry["at"]), faults)
        except AwsError:
            return

    def snapshot(self) -> bytes:
        """The whole account as bytes, for `restore` by the same versions of moto and of this code."""
        return self.account.snapshot()

    def restore(self, data: bytes) -> None:
        """Become what `snapshot` put away."""
        self.account.restore(data)


# The stubs of botocore do not know the last of these.
_OPTIONS: dict[str, Any] = {
    "retries": {"mode": "legacy"},
    "s3": {"addressing_style": "path"},
    "ignore_configured_endpoint_urls": True,
}
_CLIENT_CONFIG = Config(**_OPTIONS)


def _set_retries(client: Any, attempts: int) -> None:
    """Let botocore judge, as in its standard mode, what to send again, but never wait: nothing is far away here.

    With one attempt nothing is sent again, and errors do not say "reached max retries".
    """
    event = f"needs-retry.{client.meta.service_model.service_id.hyphenize()}"
    unique = f"retry-config-{event.removeprefix('needs-retry.')}"
    client.meta.events.unregister(event, unique_id=unique)
    if attempts == 1:
        return
    handler = standard.register_retry_handler(client, max_attempts=attempts)
    client.meta.events.unregister(event, unique_id=unique)
    client.meta.events.register(event, lambda **told: None if handler.needs_retry(**told) is None else 0.0)


def _session(send: Callable[..., Any]) -> Any:
    """A session that reads nobody's configuration and hands every request to `send`."""
    core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    core.set_config_variable("config_file", os.devnull)
    core.set_config_variable("credentials_file", os.devnull)
    core.set_credentials("AKIAEMBEDDEDCLOUD000", "none")
    core.register_component("data_loader", _loader())
    core.register("before-send", send)
    return boto3.session.Session(botocore_session=core)


@cache
def _loader() -> Any:
    """The service models, read once per process: EC2's alone take 0.1 s."""
    return botocore.session.Session().get_component("data_loader")


def _protocol(service: str) -> str:
    return str(get_service_model(service).protocol)
