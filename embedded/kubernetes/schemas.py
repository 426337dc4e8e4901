"""Kubernetes' own schemas: which kinds a version serves, what an object of a kind may hold, how its lists merge.

The schemas are those that kubernetes_validate ships (strict: no unknown fields). Its own `validate` reads 1.5 MB of
definitions on every call (8 ms); here they are read once per version (30 ms), and a validator is kept per kind (0.3 ms
a call).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any, Literal

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]
from referencing import Registry, Resource

from embedded.kubernetes.errors import Problem
from embedded.kubernetes.kinds import Kind
from embedded.provider import UNKNOWN, Values

_VERSION = re.compile(r"^v?(\d+)\.(\d+)")
_FOLDER = re.compile(r"^v(\d+)\.(\d+)\.\d+-local-strict$")
_UNSTABLE = re.compile("alpha|beta")  # an API server does not serve these unless it is told to; EKS is not

_PREFIXES = (
    "io.k8s.api.",
    "io.k8s.apimachinery.pkg.apis.",
    "io.k8s.apimachinery.pkg.api.resource.",
    "io.k8s.apimachinery.pkg.util.intstr.",
)
_NOT_RESOURCES = frozenset({"APIGroup"})  # has a List type, yet is discovery's own


class UnknownKind(Exception):
    """A kind for which there is no schema: one sentence."""


class Shape:
    """A place in a schema: what may stand there and who may own its parts."""

    def __init__(self, definitions: dict[str, Any], schema: dict[str, Any]) -> None:
        self._definitions = definitions
        self.definition = str(schema.get("$ref", "")).rpartition("/")[2]
        self._schema = {**definitions.get(self.definition, {}), **schema}

    @property
    def type(self) -> str:
        """Short name of the definition: `core.v1.Container`, `Quantity`; empty for plain values."""
        name: str = self.definition
        for prefix in _PREFIXES:
            name = name.removeprefix(prefix)
        return name

    @property
    def format(self) -> str:
        return str(self._schema.get("format", ""))

    @property
    def merge(self) -> Literal["map", "struct", "keyed", "set", "atomic"]:
        """How server-side apply treats the value here (x-kubernetes-list-type, -map-type)."""
        if self._schema.get("x-kubernetes-map-type") == "atomic":
            return "atomic"
        if "properties" in self._schema:
            return "struct"
        if "additionalProperties" in self._schema:
            return "map"
        if self.keys:
            return "keyed"
        return "set" if self._schema.get("x-kubernetes-list-type") == "set" else "atomic"

    @property
    def keys(self) -> tuple[str, ...]:
        """Fields that tell the items of a merged list apart."""
        if self._schema.get("x-kubernetes-list-type") != "map":
            return ()
        return tuple(self._schema.get("x-kubernetes-list-map-keys", ()))

    def field(self, name: str) -> Shape:
        """The place of a field of an object, or of a value of a map."""
        inner = self._schema.get("properties", {}).get(name)
        if inner is None:
            inner = self._schema.get("additionalProperties")
        return Shape(self._definitions, inner if isinstance(inner, dict) else {})

    @property
    def item(self) -> Shape:
        """The place of a list's items."""
        return Shape(self._definitions, self._schema.get("items", {}))


@dataclass(frozen=True)
class Field:
    """One value inside an object, where it stands and what it is."""

    path: str
    shape: Shape
    value: Any


def join(path: str, key: str) -> str:
    """Path of a field in Pulumi's notation: `spec.replicas`, `metadata.labels["a/b"]`."""
    if not re.fullmatch(r"[A-Za-z_$][\w$-]*", key):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def walk(value: Any, shape: Shape, path: str = "") -> Iterator[Field]:
    """Every value in `value`, itself first."""
    yield Field(path, shape, value)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, shape.field(key), join(path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, shape.item, f"{path}[{index}]")


class Schemas:
    """The kinds of one Kubernetes version. Make it with `schemas_of`."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._validators: dict[str, Draft202012Validator] = {}

    @cached_property
    def _document(self) -> dict[str, Any]:
        place = resources.files("kubernetes_validate") / "kubernetes-json-schema" / self._folder / "_definitions.json"
        document: dict[str, Any] = json.loads(place.read_text())
        return document

    @property
    def _definitions(self) -> dict[str, Any]:
        definitions: dict[str, Any] = self._document["$defs"]
        return definitions

    @cached_property
    def _registry(self) -> Registry[Any]:
        return Resource.from_contents(self._document) @ Registry()

    @cached_property
    def _kinds(self) -> dict[Kind, str]:
        """Served kinds and their definitions: those that have a List type; of several versions the newest."""
        found: dict[Kind, str] = {}
        for definition, schema in self._definitions.items():
            for entry in schema.get("x-kubernetes-group-version-kind", ()):
                found[Kind(entry["group"], entry["version"], entry["kind"])] = definition
        served: dict[Kind, str] = {}
        for kind in sorted(found, key=lambda kind: (kind.group, kind.name, kind.version), reverse=True):
            newer = any(other.group == kind.group and other.name == kind.name for other in served)
            listed = Kind(kind.group, kind.version, f"{kind.name}List") in found
            if listed and not newer and not _UNSTABLE.search(kind.version) and kind.name not in _NOT_RESOURCES:
                served[kind] = found[kind]
        return served

    def kinds(self) -> list[Kind]:
        """Every kind served, by group and name."""
        return sorted(self._kinds, key=lambda kind: (kind.group, kind.name))

    def kind(self, api_version: str, name: str) -> Kind:
        """The served kind. UnknownKind if there is no schema for it."""
        group, _, version = api_version.rpartition("/")
        kind = Kind(group, version, name)
        if kind in self._kinds:
            return kind
        other = next((k for k in self._kinds if k.group == group and k.name == name), None)
        remedy = f"; use {other.api_version}" if other else ""
        raise UnknownKind(
            f"{api_version} {name}: the embedded cluster has no schema for this kind at Kubernetes"
            f" {self.version} and does not serve it{remedy}"
        )

    @property
    def version(self) -> str:
        """Kubernetes minor version of these schemas, `1.35`."""
        return ".".join(self._folder.removeprefix("v").split(".")[:2])

    def shape(self, kind: Kind) -> Shape:
        """The top of an object of this kind."""
        return Shape(self._definitions, {"$ref": f"#/$defs/{self._kinds[kind]}"})

    def problems(self, kind: Kind, value: Values) -> list[Problem]:
        """What the schema refuses. Values not yet known (UNKNOWN) fit everywhere."""
        validator = self._validator(self._kinds[kind])
        errors = sorted(validator.iter_errors(value), key=lambda error: [str(step) for step in error.absolute_path])
        return [problem for error in errors if error.instance is not UNKNOWN for problem in _problems(error)]

    def _validator(self, definition: str) -> Draft202012Validator:
        if definition not in self._validators:
            schema = {"$ref": f"{self._document['$id']}#/$defs/{definition}"}
            self._validators[definition] = Draft202012Validator(schema, registry=self._registry)
        return self._validators[definition]


def _problems(error: ValidationError) -> Iterator[Problem]:
    """One schema error in Kubernetes' words. Never quotes the value: it may be a secret."""
    path = ""
    for step in error.absolute_path:
        path = f"{path}[{step}]" if isinstance(step, int) else join(path, step)
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for name in sorted(error.instance.keys() - known.keys()):
                yield Problem(join(path, name), "unknown field")
        case "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            # jsonschema reports each missing name on its own; the message begins with it
            named = [name for name in missing if error.message.startswith(repr(name))]
            yield from (Problem(join(path, name), "required value") for name in named)
        case "type":
            yield Problem(path, f"must be {_types(error.validator_value)}, not {_type_of(error.instance)}")
        case "oneOf":
            allowed = " or ".join(_types(one.get("type", "")) for one in error.validator_value)
            yield Problem(path, f"must be {allowed}, not {_type_of(error.instance)}")
        case _:
            yield Problem(path, f"does not fit {error.validator} {error.validator_value}")


def _types(expected: object) -> str:
    names = expected if isinstance(expected, list) else [expected]
    return " or ".join(str(name) for name in names if name != "null")


_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def _type_of(value: object) -> str:
    return _JSON_TYPES.get(type(value), "null")


@lru_cache(maxsize=8)
def _load(folder: str) -> Schemas:
    return Schemas(folder)


@lru_cache(maxsize=1)
def _folders() -> dict[tuple[int, int], str]:
    place = resources.files("kubernetes_validate") / "kubernetes-json-schema"
    found = {}
    for folder in place.iterdir():
        match = _FOLDER.match(folder.name)
        if match:
            found[int(match[1]), int(match[2])] = folder.name
    return found


def newest_version() -> str:
    """The newest Kubernetes version with schemas, `1.37`."""
    return ".".join(map(str, max(_folders())))


def schemas_of(version: str) -> Schemas:
    """Schemas of a cluster's version (`1.35`, `v1.35.3`). UnknownKind if this version has none."""
    match = _VERSION.match(version)
    key = (int(match[1]), int(match[2])) if match else (0, 0)
    if key not in _folders():
        low, high = (".".join(map(str, edge)) for edge in (min(_folders()), max(_folders())))
        raise UnknownKind(f"Kubernetes {version}: there are schemas for {low} to {high} only; choose one of these")
    return _load(_folders()[key])
