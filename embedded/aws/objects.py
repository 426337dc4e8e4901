"""One AWS object in the eyes of its row: the calls on it, and inputs and outputs from what AWS answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

from embedded.aws.rows import Call, Read, Row, Scope, render
from embedded.aws.tags import unshaped
from embedded.provider import ProviderError, Values

# The embedded AWS finishes at once; this only bounds the wait should an operation ever answer "still working".
WAIT_SECONDS = 5.0
_POLL_SECONDS = 0.05
# How long the real provider tries to make a queue whose name AWS has not freed yet: sqs/queue.go, queueCreatedTimeout.
RETRY_SECONDS = 70.0
_RETRY_POLL_SECONDS = 1.0
# How often a passing trouble of an unsteady cloud is looked at again: each passes within a few looks.
PATIENCE = 12


class Clients(Protocol):
    """Where boto3 clients come from (`embedded.aws.endpoint.AwsEndpoint`)."""

    @property
    def unsteady(self) -> bool: ...

    def client(self, service: str, region: str) -> Any: ...


class Refused(ProviderError):
    """AWS refused a call; `code` is AWS's own."""

    def __init__(self, operation: str, code: str, message: str) -> None:
        super().__init__(f"AWS refuses {operation}: {code}: {message}")
        self.code = code


_GONE = ("NotFound", "NotFoundError", "NotFoundException", "NonExistentQueue")


def is_gone(code: str) -> bool:
    """True for the error codes by which AWS services say that the object, or what it lives in, does not exist."""
    # S3 answers a HEAD request without a body, so that only the status tells.
    return code == "404" or code.startswith("NoSuch") or code.endswith(_GONE)


class AwsObject:
    """A (future) object of a type: `row` says how, `scope` what is known of it."""

    def __init__(self, clients: Clients, row: Row, scope: Scope, default_tags: Values) -> None:
        self.row = row
        self.scope = scope
        self._client = clients.client(row.service, scope.region)
        self._patience = PATIENCE if clients.unsteady else 0
        self._default_tags = default_tags

    @property
    def id(self) -> Any:
        return self.row.identity.of(self.scope)

    def run(self, calls: Iterable[Call], after: Callable[[], None] | None = None) -> None:
        """Make the calls in order; each one's answer is there for the next. `after` runs when one has changed AWS."""
        for call in calls:
            if call.when is not None and not call.when(self.scope):
                continue
            for item in (self.scope.search(call.each) or []) if call.each else [None]:
                self.scope.item = item
                answer = self._patiently(call)
                if answer is None:
                    continue
                self.scope.answers |= {key: value for key, value in answer.items() if key != "ResponseMetadata"}
                if after is not None and not call.looks_up:
                    after()

    def _patiently(self, call: Call) -> Values | None:
        """The call's answer, tried again while AWS refuses it for a while only; None for a tolerated refusal."""
        deadline = time.monotonic() + RETRY_SECONDS
        patience = self._patience
        while True:
            try:
                return self._ask(call.operation, render(call.parameters, self.scope) or {})
            except Refused as refusal:
                if refusal.code in call.tolerate:
                    return None
                if refusal.code in call.lingering and patience:
                    patience -= 1
                    pause = _POLL_SECONDS
                elif refusal.code in call.retry and time.monotonic() <= deadline:
                    pause = _RETRY_POLL_SECONDS
                else:
                    raise
            time.sleep(pause)

    def read(self) -> bool:
        """Ask AWS for the object as it is now, waiting while AWS still works on it; False if it does not exist."""
        deadline = time.monotonic() + WAIT_SECONDS
        while self._read():
            if not self.row.pending or not self.scope.search(self.row.pending):
                return True
            if time.monotonic() > deadline:
                raise ProviderError(f"{self.row.type} {self.id} was not ready after {WAIT_SECONDS:g} s; run up again")
            time.sleep(_POLL_SECONDS)
        return False

    def settle(self) -> bool:
        """`read` what was just made or changed; in an unsteady cloud, until it is well or nothing more can be hoped."""
        patience = self._patience
        while self.read():
            if not patience or not self.row.settling or not self.scope.search(self.row.settling):
                return True
            patience -= 1
            time.sleep(_POLL_SECONDS)
        return False

    def _read(self) -> bool:
        self.scope.answers = {}
        for read in self.row.read:
            found = self._found(read)
            if found is None:
                return False
            self.scope.answers[read.into] = found
        return True

    def _found(self, read: Read) -> Any:
        if not read.each:
            return self._take(read)
        found = []
        for item in self.scope.search(read.each) or []:
            self.scope.item = item
            found.append(self._take(read))
        return [item for item in found if item is not None]

    def _take(self, read: Read) -> Any:
        parameters = render(read.parameters, self.scope) or {}
        try:
            answer = self._ask(read.operation, parameters, whole=True)
        except Refused as refusal:
            if is_gone(refusal.code):
                return None
            raise
        if callable(read.take):
            return read.take(self.scope, answer)
        return Scope(self.row, answers=answer).search(read.take)

    def _ask(self, operation: str, parameters: Values, whole: bool = False) -> Values:
        """The operation's answer; all pages of it if `whole`."""
        method = xform_name(operation)
        try:
            if whole and self._client.can_paginate(method):
                pages: Values = self._client.get_paginator(method).paginate(**parameters).build_full_result()
                return pages
            answer: Values = getattr(self._client, method)(**parameters)
            return answer
        except ClientError as error:
            said = error.response["Error"]
            raise Refused(operation, said.get("Code", "Unknown"), said.get("Message", "")) from error
        except ParamValidationError as error:
            reasons = "; ".join(str(error.kwargs["report"]).splitlines())
            raise Refused(operation, "ParamValidation", reasons) from error

    def found(self, said: Values) -> Values:
        """All properties, outputs among them, as AWS tells them; what AWS never tells, as `said` in the state."""
        values = {}
        for prop in self.row.inputs.properties:
            if prop.found:
                raw = prop.found(self.scope) if callable(prop.found) else self.scope.search(prop.found)
                value = None if raw is None else prop.kind.from_api(raw)
            else:
                value = said.get(prop.name)
            if value is not None:
                values[prop.name] = value
        return values | self._tags(said)

    def _tags(self, said: Values) -> Values:
        if self.row.tagging is None:
            return {}
        every = unshaped(self.scope.search(self.row.tagging.found), self.row.tagging.shape)
        mine = said.get("tags") or {}
        own = {key: value for key, value in every.items() if key in mine or self._default_tags.get(key) != value}
        return {"tags": own, "tagsAll": every}

    def inputs(self, said: Values | None) -> Values:
        """The inputs that would make this object: in the words of those `said` before, or, None, as few as possible."""
        found = self.found(said or {})
        needed = self.row.inputs.strip(found, said)
        if said is None:
            return needed
        # What AWS chose may be left unsaid, but what was said and AWS no longer tells is gone.
        gone = {prop.name for prop in self.row.inputs.inputs() if prop.computed and prop.found} - found.keys()
        return self.row.inputs.reword({name: value for name, value in said.items() if name not in gone}, needed)

    def outputs(self, said: Values) -> Values:
        """What the state shall hold: every property AWS tells, defaults for those it does not."""
        defaults = {prop.name: prop.default for prop in self.row.inputs.inputs() if prop.default is not None}
        return defaults | self.row.inputs.merge(self.found(said), said)

    def complaints(self) -> list[str]:
        """What is wrong with the object although it exists."""
        return [] if self.row.ill is None else self.row.ill(self.scope)
