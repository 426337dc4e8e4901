"""Custom resources against their CRDs: the API server's own schema, with unknown fields refused as strictly as it can.

Facts: ../shared/crds beside the project (index.json and the upstream YAML). CEL rules of a CRD are not evaluated.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

SHARED = Path(__file__).resolve().parents[2] / "shared"
CRDS = SHARED / "crds"
needs_crds = pytest.mark.skipif(not CRDS.is_dir(), reason="no CRDs beside the project (../shared/crds)")

# ObjectMeta as a program may write it; the rest is the API server's.
METADATA = {"name", "generateName", "namespace", "labels", "annotations", "finalizers", "ownerReferences"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What is only known once the cloud has made it stands as ${URN#property}; its text cannot be judged before.
_UNKNOWN = "${urn:"
_OF_TEXT = {"pattern", "enum", "maxLength", "minLength"}


def check_custom_resource(obj: Mapping[str, Any]) -> list[str]:
    """What the API server would say against a manifest ({"apiVersion", "kind", "metadata", ...}); empty if nothing.

    A group and kind without a saved CRD is a problem too, as is a version that is not served.
    """
    group, _, version = str(obj.get("apiVersion", "")).rpartition("/")
    kind = str(obj.get("kind", ""))
    name = (obj.get("metadata") or {}).get("name", "(no name)")
    place = f"{kind} {name}"
    crd = _crd(group, kind)
    if crd is None:
        return [f"{place}: no CRD of {group}/{kind} is saved"]
    schema = _schema(group, kind, version)
    if schema is None:
        served = [item["name"] for item in crd["spec"]["versions"] if item["served"]]
        return [f"{place}: version {version} of {group} is not served, only {', '.join(served)}"]
    problems = [*_metadata(obj, crd), *_errors(schema, obj)]
    return [f"{place}: {problem}" for problem in problems]


def is_custom(type_: str) -> bool:
    """Whether a CRD is saved for a resource type such as kubernetes:karpenter.sh/v1:NodePool."""
    _, _, rest = type_.partition(":")
    api_version, _, kind = rest.rpartition(":")
    return (api_version.rpartition("/")[0], kind) in _files()


@cache
def _files() -> dict[tuple[str, str], Path]:
    """Where each (group, kind) is."""
    rows = json.loads((CRDS / "index.json").read_text())
    return {(k["group"], k["kind"]): CRDS / row["project"] / row["file"] for row in rows for k in row["kinds"]}


@cache
def _documents(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    documents = yaml.load_all(path.read_text(), Loader=_LOADER)
    crds = [item for item in documents if item and item.get("kind") == "CustomResourceDefinition"]
    return {(crd["spec"]["group"], crd["spec"]["names"]["kind"]): crd for crd in crds}


def _crd(group: str, kind: str) -> dict[str, Any] | None:
    path = _files().get((group, kind))
    return None if path is None else _documents(path)[(group, kind)]


@cache
def _schema(group: str, kind: str, version: str) -> dict[str, Any] | None:
    crd = _crd(group, kind)
    for item in crd["spec"]["versions"] if crd else []:
        if item["name"] == version and item["served"]:
            schema = closed(item["schema"]["openAPIV3Schema"])
            known = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
            return {**schema, "properties": {**schema.get("properties", {}), **known}}
    return None


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A structural schema as JSON Schema draft 4, with every field refused that the API server would drop.

    kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions (field pruning,
    int-or-string, nullable). Value rules below anyOf, oneOf, allOf and not name no fields of their own, so they stay.
    """
    result = dict(schema)
    if "properties" in schema:
        result["properties"] = {name: closed(field) for name, field in schema["properties"].items()}
    if isinstance(schema.get("items"), Mapping):
        result["items"] = closed(schema["items"])
    if isinstance(schema.get("additionalProperties"), Mapping):
        result["additionalProperties"] = closed(schema["additionalProperties"])
    elif schema.get("type") == "object" and "additionalProperties" not in schema and not _open(schema):
        result["additionalProperties"] = False
    if "pattern" in schema and not _compiles(schema["pattern"]):
        del result["pattern"]
    if schema.get("x-kubernetes-int-or-string"):
        result["type"] = ["integer", "string"]
    if schema.get("nullable") and "type" in result:
        types = result["type"] if isinstance(result["type"], list) else [result["type"]]
        result["type"] = [*types, "null"]
    return result


def _compiles(pattern: str) -> bool:
    """Whether Python knows the pattern: it is Go's, which takes flags in the middle."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _open(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("x-kubernetes-preserve-unknown-fields") or schema.get("x-kubernetes-embedded-resource"))


def _metadata(obj: Mapping[str, Any], crd: Mapping[str, Any]) -> Iterator[str]:
    metadata = obj.get("metadata") or {}
    for key in sorted(metadata.keys() - METADATA):
        yield f"metadata.{key} is no field to write"
    if crd["spec"]["scope"] == "Cluster" and metadata.get("namespace"):
        yield "metadata.namespace is given, but the kind belongs to the whole cluster"


def _errors(schema: Mapping[str, Any], obj: Mapping[str, Any]) -> Iterator[str]:
    # Draft 4, as OpenAPI 3.0 is built on it: exclusiveMinimum is true or false there.
    for error in jsonschema.Draft4Validator(schema).iter_errors(obj):
        unknown = isinstance(error.instance, str) and _UNKNOWN in error.instance
        if not (unknown and error.validator in _OF_TEXT):
            yield f"{'.'.join(str(part) for part in error.absolute_path) or 'the object'}: {error.message}"
