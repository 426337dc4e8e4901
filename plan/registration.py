"""One registration: the SDK's request as a plain record."""

from dataclasses import dataclass
from typing import Any

from pulumi.runtime.proto import alias_pb2, resource_pb2

from plan.values import Inputs
from stacks.refusals import region_of

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"

_HOOKS = {
    "before_create": "beforeCreate",
    "after_create": "afterCreate",
    "before_update": "beforeUpdate",
    "after_update": "afterUpdate",
    "before_delete": "beforeDelete",
    "after_delete": "afterDelete",
    "on_error": "onError",
}


@dataclass(frozen=True, kw_only=True)
class RecordedResource:
    """A registered resource; `inputs` and `resolved` are two views of the same values.

    `inputs` is as the plan shows it: a value from another resource is {"$ref": URN, "property": name}, a secret is
    "[secret]", and `secrets` are the JSON pointers to those. `resolved` is for checks and manifests: names that the
    program gave are filled in, what only a cloud knows is `${URN#property}`, a secret keeps its keys with
    "[secret]" for each value. Both are camelCase with whole numbers as int.

    `parent` is None directly under the stack; `provider` is None for components and provider resources; `region` is
    the name of the region (or "edge") that the logical name begins with.
    """

    urn: str
    type: str
    name: str
    parent: str | None
    provider: str | None
    region: str | None
    custom: bool
    inputs: dict[str, Any]
    resolved: dict[str, Any]
    secrets: list[str]
    depends_on: list[str]
    protect: bool
    options: dict[str, Any]

    @property
    def is_leaf(self) -> bool:
        """True if a provider makes it: no component, and no provider itself."""
        return self.custom and not self.type.startswith(PROVIDER_PREFIX)

    def document(self) -> dict[str, Any]:
        """The record as `plan --json` prints it."""
        return {
            "urn": self.urn,
            "type": self.type,
            "name": self.name,
            "parent": self.parent,
            "provider": self.provider,
            "region": self.region,
            "inputs": self.inputs,
            "secrets": self.secrets,
            "dependsOn": self.depends_on,
            "protect": self.protect,
            "options": self.options,
        }


def make_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN the engine gives: the parents' whole type chain, without the stack's own type."""
    chain = parent.split("::")[2] if parent else STACK_TYPE
    qualified = type_ if chain == STACK_TYPE else f"{chain}${type_}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def urn_of_provider(reference: str) -> str | None:
    """The URN in a provider reference "URN::id", None for the empty reference to a default provider."""
    return reference.rpartition("::")[0] or None


def transform_options(request: resource_pb2.RegisterResourceRequest) -> resource_pb2.TransformResourceOptions:
    """The options of a request in the form that resource transforms get and change."""
    options = resource_pb2.TransformResourceOptions(
        depends_on=sorted(request.dependencies),
        ignore_changes=request.ignoreChanges,
        replace_on_changes=request.replaceOnChanges,
        aliases=[*request.aliases, *(alias_pb2.Alias(urn=urn) for urn in request.aliasURNs)],
        provider=request.provider,
        providers=dict(request.providers),
        deleted_with=request.deletedWith,
        additional_secret_outputs=request.additionalSecretOutputs,
        version=request.version,
        hooks=request.hooks,
        replace_with=request.replace_with,
    )
    if request.HasField("protect"):
        options.protect = request.protect
    if request.HasField("retainOnDelete"):
        options.retain_on_delete = request.retainOnDelete
    if request.HasField("customTimeouts"):
        options.custom_timeouts.CopyFrom(request.customTimeouts)
    if request.deleteBeforeReplaceDefined:
        options.delete_before_replace = request.deleteBeforeReplace
    setattr(options, "import", request.importId)
    return options


def recorded(
    urn: str,
    request: resource_pb2.RegisterResourceRequest,
    options: resource_pb2.TransformResourceOptions,
    inputs: Inputs,
    regions: list[str],
) -> RecordedResource:
    """The record of a request after its transforms."""
    top = request.parent.split("::")[2:3] in ([], [STACK_TYPE])
    leaf = request.custom and not request.type.startswith(PROVIDER_PREFIX)
    by_property = {urn for dependencies in request.propertyDependencies.values() for urn in dependencies.urns}
    return RecordedResource(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=None if top else request.parent,
        provider=urn_of_provider(options.provider) if leaf else None,
        region=region_of(request.name, regions),
        custom=request.custom,
        inputs=inputs.shown,
        resolved=inputs.resolved,
        secrets=inputs.secrets,
        depends_on=sorted(by_property.union(options.depends_on)),
        protect=options.protect,
        options=_options(options),
    )


def _options(options: resource_pb2.TransformResourceOptions) -> dict[str, Any]:
    before_replace = options.HasField("delete_before_replace")
    return {
        "aliases": [_alias(alias) for alias in options.aliases],
        "ignoreChanges": list(options.ignore_changes),
        "replaceOnChanges": list(options.replace_on_changes),
        "deleteBeforeReplace": options.delete_before_replace if before_replace else None,
        "deletedWith": options.deleted_with or None,
        "retainOnDelete": options.retain_on_delete,
        "customTimeouts": _set_fields(options.custom_timeouts, ("create", "update", "delete", "read")),
        "hooks": {wire: list(names) for field, wire in _HOOKS.items() if (names := getattr(options.hooks, field))},
    }


def _alias(alias: alias_pb2.Alias) -> str | dict[str, Any]:
    if alias.urn:
        return alias.urn
    spec = alias.spec
    return _set_fields(spec, ("name", "type", "stack", "project", "parentUrn", "noParent"))


def _set_fields(message: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(message, name))}
