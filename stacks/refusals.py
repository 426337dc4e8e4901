"""The rules over single resources at work: a transform that refuses a registration before the engine acts on it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import grpc
import pulumi
from google.protobuf import struct_pb2
from pulumi.runtime import rpc, settings
from pulumi.runtime.proto import resource_pb2

from stacks.rules import Finding, ResourceFacts, check_resource
from stacks.tags import urn_of


class RefusedResource(pulumi.RunError):
    """A resource that breaks rules; the message holds one sentence for each of its findings."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__("\n".join(finding.message for finding in findings))


def refuse_broken_rules(regions: Iterable[str]) -> None:
    """Have every resource registered from now on checked.

    `regions` are the names that logical names may begin with. A broken rule fails the registration, and the run, with
    RefusedResource.
    """
    gate = _Gate(settings.get_monitor(), tuple(regions))
    pulumi.runtime.register_resource_transform(gate.transform)
    settings.SETTINGS.monitor = gate


class _Gate:
    """The transform, and the engine's monitor as far as the transform needs help from it.

    Two things that a transform alone cannot do. It gets secrecy by whole properties, so a plain value beside a secret
    one in the same Secret would pass: the places are read from the request instead. And its exception comes back from
    the engine as an RPC error around the sentence, an id and a traceback, all of which the SDK would print: the
    exception itself is raised instead, of which the SDK prints nothing but the message.
    """

    def __init__(self, monitor: Any, regions: tuple[str, ...]) -> None:
        self._monitor = monitor
        self._regions = regions
        self._requests: dict[tuple[str, str, str], struct_pb2.Struct] = {}
        self._refused: dict[tuple[str, str, str], RefusedResource] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: N802
        """Register as the monitor does; RefusedResource where the transform refused."""
        key = request.parent, request.type, request.name
        self._requests[key] = request.object
        try:
            return self._monitor.RegisterResource(request)
        except grpc.RpcError:
            if key in self._refused:
                raise self._refused[key] from None
            raise

    async def transform(self, args: pulumi.ResourceTransformArgs) -> None:
        """Refuse the resource or leave it as it is."""
        parent = await args.opts.parent.urn.future() if args.opts.parent else None
        key = parent or "", args.type_, args.name
        provider = args.opts.provider
        provider_urn = await provider.urn.future() if isinstance(provider, pulumi.ProviderResource) else None
        facts = ResourceFacts(
            urn=urn_of(parent, args.type_, args.name),
            type=args.type_,
            name=args.name,
            provider_name=provider_urn.split("::")[-1] if provider_urn else None,
            region=region_of(args.name, self._regions),
            inputs=_plain(args.props),
            secrets=frozenset(_secret_pointers(self._requests.pop(key, struct_pb2.Struct()), "")),
        )
        errors = [finding for finding in check_resource(facts) if finding.severity == "error"]
        if errors:
            self._refused[key] = RefusedResource(errors)
            raise self._refused[key]


def region_of(name: str, regions: Iterable[str]) -> str | None:
    """The region (or "edge") that a logical name begins with; settings see to it that there is only one."""
    return next((region for region in regions if name == region or name.startswith(f"{region}-")), None)


def _plain(value: Any) -> Any:
    """A value without the SDK's marks of secrecy."""
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _secret_pointers(struct: struct_pb2.Struct, pointer: str) -> Iterator[str]:
    """JSON pointers to the values marked secret in what is sent to the engine."""
    if rpc._special_sig_key in struct.fields:
        if struct.fields[rpc._special_sig_key].string_value == rpc._special_secret_sig:
            yield pointer
        return
    for key, value in struct.fields.items():
        step = key.replace("~", "~0").replace("/", "~1")
        yield from _secrets_in(value, f"{pointer}/{step}")


def _secrets_in(value: struct_pb2.Value, pointer: str) -> Iterator[str]:
    if value.HasField("struct_value"):
        yield from _secret_pointers(value.struct_value, pointer)
    elif value.HasField("list_value"):
        for index, item in enumerate(value.list_value.values):
            yield from _secrets_in(item, f"{pointer}/{index}")
