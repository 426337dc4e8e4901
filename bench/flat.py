"""A flat program: the very resources of a recording, each by its SDK class, without any component of ours.

It is what somebody would write who lists the resources one after the other; the SDK's own share of the time is in it.
"""

import importlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi

from plan.recorder import Recording
from plan.registration import PROVIDER_PREFIX, RecordedResource
from plan.values import SECRET, references

_STEP = re.compile(r'([A-Za-z0-9_-]+)|\["([^"]+)"\]|\[(\d+)\]')


@dataclass(frozen=True)
class _Secret:
    """A value to be marked secret when the program runs: outputs belong to one run."""

    masked: Any


@dataclass(frozen=True)
class _Row:
    """One line of the flat program; `late` are the arguments that hold references or secrets."""

    resource: RecordedResource
    kind: Callable[..., pulumi.Resource]
    arguments: dict[str, Any]
    late: frozenset[str]
    after: tuple[str, ...]


def flat_program(recording: Recording) -> Callable[[], None]:
    """A program that registers the recording's custom resources region by region, each after what it needs."""
    leaves = {resource.urn: resource for resource in recording.resources if resource.custom}
    rows = [_row(resource, leaves) for resource in _in_order(leaves)]

    def program() -> None:
        made: dict[str, pulumi.Resource] = {}
        for row in rows:
            made[row.resource.urn] = _make(row, made)

    return program


def _in_order(leaves: dict[str, RecordedResource]) -> list[RecordedResource]:
    ordered: dict[str, RecordedResource] = {}

    def add(resource: RecordedResource) -> None:
        for urn in (resource.provider, *resource.depends_on):
            if urn in leaves and urn not in ordered:
                add(leaves[urn])
        ordered[resource.urn] = resource

    for resource in sorted(leaves.values(), key=lambda found: (found.region or "", found.urn)):
        if resource.urn not in ordered:
            add(resource)
    return list(ordered.values())


def _row(resource: RecordedResource, leaves: dict[str, RecordedResource]) -> _Row:
    made_by = class_of(resource.type)
    name_of = _snake if isinstance(made_by, type) else str
    arguments = {name_of(key): _input(resource, key, value) for key, value in resource.inputs.items()}
    late = frozenset(key for key, value in arguments.items() if _is_late(value))
    # Only what no input refers to is said by depends_on, as one would write it.
    implied = {urn for value in arguments.values() for urn in _referred(value)}
    after = tuple(urn for urn in resource.depends_on if urn in leaves and urn not in implied)
    return _Row(resource, made_by, arguments, late, after)


def class_of(type_: str) -> Callable[..., pulumi.Resource]:
    """The SDK's class of a type token, such as pulumi_aws.ec2.Vpc for aws:ec2/vpc:Vpc.

    For a custom resource, of which the SDK has no class, a function that takes its fields as they stand.
    """
    package, module, name = type_.split(":")
    if type_.startswith(PROVIDER_PREFIX):
        return _attribute(f"pulumi_{name}", "Provider")
    if package == "kubernetes":
        group, _, version = module.partition("/")
        try:
            return _attribute(f"pulumi_kubernetes.{group.split('.')[0]}.{version}", name)
        except ModuleNotFoundError:
            return lambda logical_name, opts, **fields: pulumi.CustomResource(type_, logical_name, fields, opts)
    folder = module.partition("/")[0]
    return _attribute(f"pulumi_{package}" + ("" if folder == "index" else f".{folder}"), name)


def _attribute(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _input(resource: RecordedResource, key: str, value: Any) -> Any:
    if value == SECRET:
        return resource.resolved[key] if key in _SECRET_BY_SDK else _Secret(resource.resolved[key])
    if resource.type.startswith(PROVIDER_PREFIX) and isinstance(value, str):
        # The SDK sends a provider's nested inputs as JSON text, so the class must get the values again.
        try:
            return json.loads(value)
        except ValueError:
            return value
    return _marked(value, resource.resolved.get(key))


def _marked(value: Any, resolved: Any) -> Any:
    """The value with its secrets to be marked again, however deep they stand."""
    if value == SECRET:
        return _Secret(resolved)
    if isinstance(value, dict) and isinstance(resolved, dict):
        return {key: _marked(item, resolved.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(resolved, list):
        return [_marked(item, found) for item, found in zip(value, resolved, strict=True)]
    return value


# pulumi_kubernetes marks these secret by itself.
_SECRET_BY_SDK = frozenset({"data", "stringData"})


def _is_late(value: Any) -> bool:
    if isinstance(value, _Secret):
        return True
    if isinstance(value, dict):
        return "$ref" in value or any(_is_late(item) for item in value.values())
    if isinstance(value, list):
        return any(_is_late(item) for item in value)
    return isinstance(value, str) and bool(references(value))


def _referred(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {value["$ref"]} if "$ref" in value else {urn for item in value.values() for urn in _referred(item)}
    if isinstance(value, list):
        return {urn for item in value for urn in _referred(item)}
    return {urn for urn, _ in references(value)} if isinstance(value, str) else set()


def _make(row: _Row, made: dict[str, pulumi.Resource]) -> pulumi.Resource:
    arguments = {key: _late(value, made) if key in row.late else value for key, value in row.arguments.items()}
    resource = row.resource
    opts = pulumi.ResourceOptions(
        provider=made[resource.provider] if resource.provider else None,  # type: ignore[arg-type]
        protect=resource.protect,
        depends_on=[made[urn] for urn in row.after] or None,
        ignore_changes=list(resource.options["ignoreChanges"]) or None,
    )
    return row.kind(resource.name, **arguments, opts=opts)


def _late(value: Any, made: dict[str, pulumi.Resource]) -> Any:
    if isinstance(value, _Secret):
        return pulumi.Output.secret(value.masked)
    if isinstance(value, dict):
        if "$ref" in value:
            return _property(made[value["$ref"]], value["property"])
        return {key: _late(item, made) for key, item in value.items()}
    if isinstance(value, list):
        return [_late(item, made) for item in value]
    if isinstance(value, str) and references(value):
        parts = re.split(r"\$\{(urn:pulumi:[^#{}]+)#([^{}]+)\}", value)
        texts = [
            _property(made[parts[i]], parts[i + 1]) if i % 3 == 1 else parts[i] for i in range(len(parts)) if i % 3 != 2
        ]
        return pulumi.Output.concat(*texts)
    return value


def _property(resource: pulumi.Resource, path: str) -> Any:
    steps = [(name or quoted, index) for name, quoted, index in _STEP.findall(path)]
    found: Any = getattr(resource, _snake(steps[0][0]))
    for name, index in steps[1:]:
        found = found[int(index)] if index else found[_snake(name)]
    return found
