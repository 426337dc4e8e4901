"""The kinds a cluster serves: Kubernetes' own, and those of its CustomResourceDefinitions.

A definition made by a user is judged by its own schema. One that a chart brought has none here, for charts are not
read: objects of it are judged by the schema that its project publishes, where that is stored, else by none.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from embedded.kubernetes import defaults, structural
from embedded.kubernetes.charts import Crd, known_crds
from embedded.kubernetes.errors import Problem
from embedded.kubernetes.kinds import CustomKind, Kind
from embedded.kubernetes.schema_errors import found_by
from embedded.kubernetes.schemas import ANYTHING, BuiltinSchemas, Shape, UnknownKind
from embedded.kubernetes.structural import Schema
from embedded.provider import Values

DEFINITION: Final = ("apiextensions.k8s.io", "CustomResourceDefinition")
_NO_SCHEMA: Final[Schema] = {"type": "object", **ANYTHING}


def definition(crd: Crd, labels: Mapping[str, str], annotations: Mapping[str, str]) -> Values:
    """The CustomResourceDefinition that a chart brings, without its schema."""
    names = {"kind": crd.kind, "listKind": f"{crd.kind}List", "plural": crd.plural, "singular": crd.kind.lower()}
    versions = [
        {"name": version, "served": True, "storage": version == crd.versions[0], "subresources": {"status": {}}}
        | {"schema": {"openAPIV3Schema": dict(_NO_SCHEMA)}}
        for version in crd.versions
    ]
    scope = "Namespaced" if crd.namespaced else "Cluster"
    return {
        "apiVersion": f"{DEFINITION[0]}/v1",
        "kind": DEFINITION[1],
        "metadata": {"name": crd.name, "labels": dict(labels), "annotations": dict(annotations)},
        "spec": {"group": crd.group, "names": names, "scope": scope, "versions": versions},
    }


def permissive(item: Values) -> bool:
    """Whether a CustomResourceDefinition takes any object of its kind."""
    return all(version.get("schema", {}).get("openAPIV3Schema") == _NO_SCHEMA for version in item["spec"]["versions"])


def without_published(item: Values) -> Values:
    """The definition without schemas that its project publishes: those are read, and kept ready, once for all."""
    spec = item["spec"]
    if structural.published_definition(spec["group"], spec["names"]["kind"]) is None:
        return item
    bare = [version | {"schema": {"openAPIV3Schema": dict(_NO_SCHEMA)}} for version in spec["versions"]]
    return item | {"spec": spec | {"versions": bare}}


def expected(api_version: str, name: str) -> CustomKind:
    """The kind as a chart will bring it; a kind of no known chart is taken to live in a namespace, as Pulumi does."""
    group, _, version = api_version.rpartition("/")
    crd = known_crds().get((group, name))
    plural = Kind(group, version, name).plural if crd is None else crd.plural
    return CustomKind(group, version, name, plural, crd is None or crd.namespaced)


class ClusterSchemas:
    """What one cluster serves at this moment. `definitions`: its CustomResourceDefinitions."""

    def __init__(self, builtin: BuiltinSchemas, definitions: Iterable[Values]) -> None:
        self._builtin = builtin
        self._custom = {kind: schema for item in definitions for kind, schema in _served(item)}

    @property
    def version(self) -> str:
        """Kubernetes minor version, `1.35`."""
        return self._builtin.version

    def kinds(self) -> list[Kind]:
        """Every kind served, by group and name."""
        return sorted([*self._builtin.kinds(), *self._custom], key=lambda kind: (kind.group, kind.name))

    def kind(self, api_version: str, name: str) -> Kind:
        """The served kind. UnknownKind if there is none: in the API server's words if its definition is missing."""
        group, _, version = api_version.rpartition("/")
        found = next((k for k in self._custom if (k.group, k.version, k.name) == (group, version, name)), None)
        if found is not None:
            return found
        if self.may_be_custom(api_version):
            raise UnknownKind(
                f'no matches for kind "{name}" in version "{api_version}"; ensure CRDs are installed first'
            )
        return self._builtin.kind(api_version, name)

    def may_be_custom(self, api_version: str) -> bool:
        """True if the group is none of Kubernetes' own."""
        group = api_version.rpartition("/")[0]
        return "." in group and group not in self._builtin.groups

    def shape(self, kind: Kind) -> Shape:
        """The top of an object of this kind, which may also be one whose definition is still to come."""
        if not kind.custom:
            return self._builtin.shape(kind)
        top = {"apiVersion": {}, "kind": {}, "metadata": self._builtin.metadata}
        schema = self._schema(kind)
        return Shape(self._builtin.definitions, {**schema, "properties": {**schema.get("properties", {}), **top}})

    def problems(self, kind: Kind, value: Values) -> list[Problem]:
        """What the schema refuses. Values not yet known (UNKNOWN) fit everywhere."""
        if not kind.custom:
            return self._builtin.problems(kind, value)
        whole = copy.deepcopy(value)
        self.complete(kind, whole)  # the API server fills in defaults before it judges
        own = self._custom.get(kind, _NO_SCHEMA)
        if own != _NO_SCHEMA:
            return found_by(_validator(self._builtin, own), whole)
        return found_by(_published_validator(self._builtin, kind), whole)

    def complete(self, kind: Kind, value: Values) -> None:
        """Add to an object, in place, what the API server would add."""
        if kind.custom:
            structural.complete(value, self._schema(kind))
        else:
            defaults.fill(kind.name, value)

    def _schema(self, kind: Kind) -> Schema:
        own = self._custom.get(kind, _NO_SCHEMA)
        return own if own != _NO_SCHEMA else structural.published(kind.group, kind.name, kind.version) or _NO_SCHEMA


def _served(item: Values) -> Iterable[tuple[Kind, Schema]]:
    spec = item["spec"]
    names, namespaced = spec["names"], spec["scope"] == "Namespaced"
    for version in spec["versions"]:
        if version["served"]:
            kind = CustomKind(spec["group"], version["name"], names["kind"], names["plural"], namespaced)
            yield kind, version.get("schema", {}).get("openAPIV3Schema", _NO_SCHEMA)


@lru_cache(maxsize=256)
def _published_validator(builtin: BuiltinSchemas, kind: Kind) -> Draft202012Validator:
    return _validator(builtin, structural.published(kind.group, kind.name, kind.version) or _NO_SCHEMA)


def _validator(builtin: BuiltinSchemas, schema: Schema) -> Draft202012Validator:
    whole: dict[str, Any] = structural.strict(schema)
    own = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": builtin.metadata}
    return builtin.validator({**whole, "properties": {**whole.get("properties", {}), **own}})
