"""The mock monitor behind the recorder: answers as an engine whose providers create everything at once."""

import asyncio
import hashlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from google.protobuf import empty_pb2, struct_pb2
from pulumi import ResourceTransform
from pulumi.runtime import mocks
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto import callback_pb2, resource_pb2

from plan.computed import computed
from plan.registration import (
    PROVIDER_PREFIX,
    STACK_TYPE,
    RecordedResource,
    make_urn,
    recorded,
    transform_options,
)
from plan.values import Inputs, Names, RecorderError, mark_secret, read_inputs, read_outputs, reference, set_output
from stacks import refusals
from stacks.rules import Finding, ResourceFacts, check_resource


class LocalCallbacks(_CallbackServicer):
    """The SDK's transforms and hooks without the socket that the engine would call them through."""

    def __init__(self, monitor: "Recorder") -> None:
        # The parent would open a gRPC server here; in this process the recorder calls the functions itself.
        self._callbacks = {}
        self._transforms = {}
        self._state_migrations = {}
        self._monitor = monitor  # type: ignore[assignment]
        self._target = ""
        monitor.callbacks = self._callbacks

    def register_stack_transform(self, transform: ResourceTransform) -> None:
        """Register a transform for all resources, except the one that refuses by the rules.

        It would end the run at the first broken rule; the recorder asks the same rules itself and lists all.
        """
        if getattr(transform, "__module__", None) != refusals.__name__:
            super().register_stack_transform(transform)


class OneThreadLoop(asyncio.SelectorEventLoop):
    """An event loop whose executor is itself.

    The SDK sends each request to the monitor from a thread, as it may wait for the engine. Here nothing waits, so the
    calls stay in the loop: no locks, no order that depends on threads, and a transform can simply be awaited.
    """

    def run_in_executor(self, _executor: object, call: Callable[..., Any], *args: Any) -> asyncio.Task[Any]:  # type: ignore[override]
        """Call as a task of this loop; what the call returns is awaited if it can be."""
        return self.create_task(_awaited(call, *args))


async def _awaited(call: Callable[..., Any], *args: Any) -> Any:
    result = call(*args)
    return await result if inspect.isawaitable(result) else result


class _NoMocks(mocks.Mocks):
    """Nothing is answered here: the recorder overrides every call that would ask."""

    def new_resource(self, args: mocks.MockResourceArgs) -> NoReturn:
        raise AssertionError(args.name)

    def call(self, args: mocks.MockCallArgs) -> NoReturn:
        raise AssertionError(args.token)


class Recorder(mocks.MockMonitor):
    """Keeps each registration, refuses what the engine would refuse, collects what the rules find."""

    def __init__(self, project: str, stack: str, regions: list[str]) -> None:
        super().__init__(_NoMocks())
        self.project = project
        self.stack = stack
        self.regions = regions
        self.names = Names()
        self.recorded: dict[str, RecordedResource] = {}
        self.findings: list[Finding] = []
        self.outputs: dict[str, Any] = {}
        self.callbacks: Mapping[str, Any] = {}
        self._stack_callbacks: list[callback_pb2.Callback] = []

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The engine's URN for a registration."""
        return make_urn(self.stack, self.project, parent, type_, name)

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> NoReturn:  # noqa: N802
        """No provider answers in a plan: refused."""
        raise RecorderError(f"invoke {request.tok} has no answer in a plan; take the value from settings")

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> NoReturn:  # noqa: N802
        """No cloud is there to read from: refused."""
        raise RecorderError(f"{request.name}: a plan cannot read an existing {request.type}; take its id from settings")

    def RegisterStackTransform(self, request: callback_pb2.Callback) -> empty_pb2.Empty:  # noqa: N802
        """Remember a transform for every later registration."""
        self._stack_callbacks.append(request)
        return empty_pb2.Empty()

    def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Keep the stack's outputs; those of components repeat their children's."""
        if request.urn.split("::")[2] == STACK_TYPE:
            self.outputs = read_outputs(request.urn, request.outputs, self.names)
        return empty_pb2.Empty()

    async def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Record one resource and answer with its id and outputs; OneThreadLoop awaits it."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        properties, options = await self._transformed(request)
        if urn in self.recorded:
            raise RecorderError(f"{urn} is registered twice; give one of the two another logical name")
        sources = {name: found.urns for name, found in request.propertyDependencies.items()}
        inputs = read_inputs(urn, properties, self.names, sources)
        kept = recorded(urn, request, options, inputs, self.regions)
        self.recorded[urn] = kept
        self.findings += check_resource(_facts(kept, inputs))
        for path in computed(request.type):
            set_output(inputs.state, urn, path)
        for name in options.additional_secret_outputs:
            if name in inputs.state.fields:
                mark_secret(inputs.state.fields[name])
        return resource_pb2.RegisterResourceResponse(
            urn=urn,
            id=_id(urn, request) if request.custom else "",
            object=inputs.state,
            # Outputs that are not in the answer become unknown instead of None: their use is then refused.
            unknown=request.custom,
        )

    async def _transformed(
        self, request: resource_pb2.RegisterResourceRequest
    ) -> tuple[struct_pb2.Struct, resource_pb2.TransformResourceOptions]:
        """Inputs and options after the resource's own transforms and the stack's, in the engine's order."""
        properties, options = request.object, transform_options(request)
        for callback in [*request.transforms, *self._stack_callbacks]:
            change = resource_pb2.TransformRequest(
                type=request.type,
                name=request.name,
                custom=request.custom,
                parent=request.parent,
                properties=properties,
                options=options,
            )
            response = await self.callbacks[callback.token](change.SerializeToString())
            properties = response.properties
            if response.HasField("options"):
                options = response.options
        return properties, options


def _facts(resource: RecordedResource, inputs: Inputs) -> ResourceFacts:
    return ResourceFacts(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        provider_name=resource.provider.rpartition("::")[2] if resource.provider else None,
        region=resource.region,
        inputs=inputs.plain,
        secrets=frozenset(inputs.secrets),
    )


def _id(urn: str, request: resource_pb2.RegisterResourceRequest) -> str:
    # A provider reference is "URN::id", so a provider's id must not hold a URN itself.
    if request.type.startswith(PROVIDER_PREFIX):
        return hashlib.sha256(urn.encode()).hexdigest()[:16]
    return reference(urn, "id")
