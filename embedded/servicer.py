"""The engine's gRPC protocol on one side, a `Handler` on the other.

Built on the provider SDK's own servicer for what it does well (plugin info, cancellation). The resource calls are
answered from the protocol's messages themselves, because the SDK's request types drop the old inputs, send a wrong
enum for a changed provider configuration, and turn every refusal into a Python traceback.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from pulumi.provider.experimental.provider import Provider
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2, status_pb2

from embedded.differences import Change, differences, top_level
from embedded.provider import Handler, PartialFailure, ProviderError, Replacement, Target, Values
from embedded.values import Path, decode, encode

_Result = TypeVar("_Result")
_Diff = provider_pb2.PropertyDiff
_KINDS: dict[tuple[Change, bool], Any] = {
    ("add", False): _Diff.ADD,
    ("add", True): _Diff.ADD_REPLACE,
    ("delete", False): _Diff.DELETE,
    ("delete", True): _Diff.DELETE_REPLACE,
    ("update", False): _Diff.UPDATE,
    ("update", True): _Diff.UPDATE_REPLACE,
}


class Steps(Protocol):
    """Told when a create begins and ends, so that drills can stop the world between two steps."""

    def before_create(self, target: Target) -> None: ...
    def after_create(self, target: Target) -> None: ...


class EmbeddedServicer(ProviderServicer):
    """Serves one provider resource. Handler calls run in a worker thread so that a slow one blocks no other.

    `before_change` is called before each create, update and delete, and stops it by raising OSError.
    """

    def __init__(self, handler: Handler, version: str, steps: Steps, before_change: Callable[[], None]) -> None:
        super().__init__([], version, Provider(), engine_address="")
        self._handler = handler
        self._steps = steps
        self._before_change = before_change

    async def CheckConfig(self, request: Any, context: Any) -> Any:
        del context
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(self, request: Any, context: Any) -> Any:
        old, _ = decode(request.olds)
        new, _ = decode(request.news)
        replacement = await _run(context, lambda: self._handler.provider_replacement(_nested(old), _nested(new)))
        return _diff_response(differences(old, new), replacement)

    async def Configure(self, request: Any, context: Any) -> Any:
        settings, _ = decode(request.args)
        await _run(context, lambda: self._handler.configure(_nested(settings)))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    async def Check(self, request: Any, context: Any) -> Any:
        target = Target.of(request.urn, request.randomSeed)
        old, _ = decode(request.olds)
        new, secrets = decode(request.news)
        inputs, failures = await _run(context, lambda: self._handler.check(target, old or None, new))
        return provider_pb2.CheckResponse(
            inputs=encode(inputs, secrets),
            failures=[provider_pb2.CheckFailure(property=f.property, reason=f.reason) for f in failures],
        )

    async def Diff(self, request: Any, context: Any) -> Any:
        target = Target.of(request.urn)
        old, _ = decode(request.old_inputs)
        new, _ = decode(request.news)
        changes = differences(old, new)
        changed = list(changes)
        replacement = Replacement()
        if changed:
            replacement = await _run(context, lambda: self._handler.replacement(target, request.id, old, new, changed))
        return _diff_response(changes, replacement)

    async def Create(self, request: Any, context: Any) -> Any:
        target = Target.of(request.urn, seconds=request.timeout)
        inputs, secrets = decode(request.properties)
        if request.preview:
            outputs = await _run(context, lambda: self._handler.preview(target, inputs))
            return provider_pb2.CreateResponse(properties=encode(outputs, secrets))
        resource_id, outputs = await _run(context, lambda: self._create(target, inputs), request.properties, secrets)
        return provider_pb2.CreateResponse(id=resource_id, properties=encode(outputs, secrets))

    def _create(self, target: Target, inputs: Values) -> tuple[str, Values]:
        self._before_change()
        self._steps.before_create(target)
        made = self._handler.create(target, inputs)
        self._steps.after_create(target)
        return made

    def _changed(self, change: Callable[[], _Result]) -> _Result:
        self._before_change()
        return change()

    async def Update(self, request: Any, context: Any) -> Any:
        target = Target.of(request.urn, seconds=request.timeout)
        old_outputs, _ = decode(request.olds)
        old_inputs, _ = decode(request.old_inputs)
        new, secrets = decode(request.news)
        if request.preview:
            outputs = await _run(context, lambda: self._handler.preview_update(target, old_outputs, new))
        else:
            outputs = await _run(
                context,
                lambda: self._changed(lambda: self._handler.update(target, request.id, old_inputs, old_outputs, new)),
                request.news,
                secrets,
            )
        return provider_pb2.UpdateResponse(properties=encode(outputs, secrets))

    async def Read(self, request: Any, context: Any) -> Any:
        target = Target.of(request.urn)
        inputs, secrets = decode(request.inputs)
        outputs, output_secrets = decode(request.properties)
        found = await _run(context, lambda: self._handler.read(target, request.id, inputs or None, outputs or None))
        if found is None:
            return provider_pb2.ReadResponse()
        resource_id, new_inputs, new_outputs = found
        known: set[Path] = {(name,) for name in self._handler.secret_properties(target)}
        return provider_pb2.ReadResponse(
            id=resource_id,
            inputs=encode(new_inputs, secrets | known),
            properties=encode(new_outputs, secrets | output_secrets | known),
        )

    async def Delete(self, request: Any, context: Any) -> Any:
        target = Target.of(request.urn, seconds=request.timeout)
        inputs, _ = decode(request.old_inputs)
        outputs, _ = decode(request.properties)
        await _run(context, lambda: self._changed(lambda: self._handler.delete(target, request.id, inputs, outputs)))
        return empty_pb2.Empty()

    async def Invoke(self, request: Any, context: Any) -> Any:
        await context.abort(
            grpc.StatusCode.UNKNOWN,
            f"{request.tok}: the embedded cloud answers no look-ups; take the value from the stack's settings",
        )


async def _run(
    context: Any,
    call: Callable[[], _Result],
    inputs: struct_pb2.Struct | None = None,
    secrets: set[Path] = frozenset(),  # type: ignore[assignment]
) -> _Result:
    """The call's result; a refusal ends the request with just its sentence."""
    try:
        return await asyncio.to_thread(call)
    except PartialFailure as failure:
        await context.abort_with_status(_init_failed(failure, inputs, secrets))
        raise
    except ProviderError as refusal:
        await context.abort(grpc.StatusCode.UNKNOWN, str(refusal))
        raise
    except OSError as error:
        await context.abort(
            grpc.StatusCode.UNKNOWN,
            f"the embedded cloud cannot write down what it would do, and so does nothing ({error.strerror}): "
            "free some space and run this again",
        )
        raise


class _Status:
    """A gRPC status with details, as `abort_with_status` wants it."""

    def __init__(self, code: grpc.StatusCode, details: str, trailing: bytes) -> None:
        self.code = code
        self.details = details
        self.trailing_metadata = (("grpc-status-details-bin", trailing),)


def _init_failed(failure: PartialFailure, inputs: struct_pb2.Struct | None, secrets: set[Path]) -> _Status:
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=failure.resource_id,
            properties=encode(failure.outputs, secrets),
            reasons=failure.reasons,
            inputs=inputs,
        )
    )
    code = grpc.StatusCode.UNKNOWN
    status = status_pb2.Status(code=code.value[0], message=str(failure), details=[detail])
    return _Status(code, str(failure), status.SerializeToString())


def _diff_response(changes: dict[str, Change], replacement: Replacement) -> Any:
    replaces = set(replacement.paths)
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=sorted(replaces),
        deleteBeforeReplace=replacement.delete_first,
        diffs=sorted({top_level(path) for path in changes}),
        detailedDiff={
            path: _Diff(kind=_KINDS[change, path in replaces], inputDiff=True) for path, change in changes.items()
        },
        hasDetailedDiff=True,
    )


def _nested(settings: Values) -> Values:
    """Provider inputs with their nested values, which the SDKs send as JSON texts, decoded."""
    return {key: _json_or_text(value) for key, value in settings.items()}


def _json_or_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        decoded = json.loads(value)
    except ValueError:
        return value
    # A kubeconfig may be JSON text and an account id a number: only nested objects, lists and switches are encoded.
    return decoded if isinstance(decoded, list | dict | bool) else value
