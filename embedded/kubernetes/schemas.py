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
from typing import Any, Literal, Protocol

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource

from embedded.kubernetes.errors import Problem, join
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.schema_errors import found_by
from embedded.provider import Values

_VERSION = re.compile(r"^v?(\d+)\.(\d+)")
_FOLDER = re.compile(r"^v(\d+)\.(\d+)\.\d+-local-strict$")
_UNSTABLE = re.compile("alpha|beta")  # an API server does not serve these unless it is told to; EKS is not

_PREFIXES = (
    "io.k8s.api.",
    "io.k8s.apimachinery.pkg.apis.",
    "io.k8s.apimachinery.pkg.api.resource.",
    "io.k8s.apimachinery.pkg.util.intstr.",
)
_METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_NOT_RESOURCES = frozenset({"APIGroup"})  # has a List type, yet is discovery's own


# A place where anything may stand (x-kubernetes-preserve-unknown-fields).
ANYTHING: dict[str, Any] = {"x-kubernetes-preserve-unknown-fields": True}


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
        if "additionalProperties" in self._schema or self._free:
            return "map"
        if self.keys:
            return "keyed"
        return "set" if self._schema.get("x-kubernetes-list-type") == "set" else "atomic"

    @property
    def _free(self) -> bool:
        return self._schema.get("x-kubernetes-preserve-unknown-fields") is True

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
            inner = ANYTHING if self._free else self._schema.get("additionalProperties")
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


def walk(value: Any, shape: Shape, path: str = "") -> Iterator[Field]:
    """Every value in `value`, itself first."""
    yield Field(path, shape, value)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, shape.field(key), join(path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, shape.item, f"{path}[{index}]")


class Schemas(Protocol):
    """The kinds of an API server, and what their objects may hold."""

    @property
    def version(self) -> str:
        """Kubernetes minor version, `1.35`."""

    def kinds(self) -> list[Kind]:
        """Every kind served, by group and name."""

    def kind(self, api_version: str, name: str) -> Kind:
        """The served kind. UnknownKind if there is none."""

    def shape(self, kind: Kind) -> Shape:
        """The top of an object of this kind."""

    def problems(self, kind: Kind, value: Values) -> list[Problem]:
        """What the schema refuses. Values not yet known (UNKNOWN) fit everywhere."""


class BuiltinSchemas:
    """The kinds of one Kubernetes version itself. Make it with `schemas_of`."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._validators: dict[str, Draft202012Validator] = {}

    @cached_property
    def _document(self) -> dict[str, Any]:
        place = resources.files("kubernetes_validate") / "kubernetes-json-schema" / self._folder / "_definitions.json"
        document: dict[str, Any] = json.loads(place.read_text())
        return document

    @property
    def definitions(self) -> dict[str, Any]:
        """Schemas of Kubernetes' own types, by their full names."""
        definitions: dict[str, Any] = self._document["$defs"]
        return definitions

    @cached_property
    def _registry(self) -> Registry[Any]:
        return Resource.from_contents(self._document) @ Registry()

    @cached_property
    def _kinds(self) -> dict[Kind, str]:
        """Served kinds and their definitions: those that have a List type; of several versions the newest."""
        found: dict[Kind, str] = {}
        for definition, schema in self.definitions.items():
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

    @cached_property
    def groups(self) -> frozenset[str]:
        """Every API group of this Kubernetes, those that are not served among them."""
        entries = (schema.get("x-kubernetes-group-version-kind", ()) for schema in self.definitions.values())
        return frozenset(entry["group"] for found in entries for entry in found)

    @property
    def metadata(self) -> dict[str, Any]:
        """A schema for the metadata of any object."""
        return {"$ref": f"{self._document['$id']}#/$defs/{_METADATA}"}

    def validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        """A validator of a schema that may refer to Kubernetes' own types."""
        return Draft202012Validator(schema, registry=self._registry)

    def shape(self, kind: Kind) -> Shape:
        """The top of an object of this kind."""
        return Shape(self.definitions, {"$ref": f"#/$defs/{self._kinds[kind]}"})

    def problems(self, kind: Kind, value: Values) -> list[Problem]:
        """What the schema refuses. Values not yet known (UNKNOWN) fit everywhere."""
        return found_by(self._validator(self._kinds[kind]), value)

    def _validator(self, definition: str) -> Draft202012Validator:
        if definition not in self._validators:
            schema = {"$ref": f"{self._document['$id']}#/$defs/{definition}"}
            self._validators[definition] = self.validator(schema)
        return self._validators[definition]


@lru_cache(maxsize=8)
def _load(folder: str) -> BuiltinSchemas:
    return BuiltinSchemas(folder)


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


def schemas_of(version: str) -> BuiltinSchemas:
    """Schemas of a cluster's version (`1.35`, `v1.35.3`). UnknownKind if this version has none."""
    match = _VERSION.match(version)
    key = (int(match[1]), int(match[2])) if match else (0, 0)
    if key not in _folders():
        low, high = (".".join(map(str, edge)) for edge in (min(_folders()), max(_folders())))
        raise UnknownKind(f"Kubernetes {version}: there are schemas for {low} to {high} only; choose one of these")
    return _load(_folders()[key])
