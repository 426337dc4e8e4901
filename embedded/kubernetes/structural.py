"""Schemas of CustomResourceDefinitions (structural schemas, openAPIV3Schema): as JSON schemas, and their defaults.

Published schemas are read from `shared/crds` beside the project, where that folder is; each file when it is first
wanted. CEL rules (x-kubernetes-validations) are not evaluated.
"""

from __future__ import annotations

import copy
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from embedded.provider import UNKNOWN

Schema = dict[str, Any]

FOLDER: Final = Path(__file__).resolve().parents[3] / "shared" / "crds"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is
_DOCUMENT: Final = re.compile(r"^---.*$", re.MULTILINE)
_FREE: Final = "x-kubernetes-preserve-unknown-fields"
_LISTS_OF_SCHEMAS: Final = ("allOf", "anyOf", "oneOf")
# Said to people, to clients or to the API server, not about values.
_SILENT: Final = ("default", "description", "example", "externalDocs", "format", "nullable", "title")
_BOUNDS: Final = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


@lru_cache(maxsize=1)
def _files() -> dict[tuple[str, str], Path]:
    index = FOLDER / "index.json"
    if not index.is_file():
        return {}
    rows = json.loads(index.read_text())
    return {
        (kind["group"], kind["kind"]): FOLDER / row["project"] / row["file"] for row in rows for kind in row["kinds"]
    }


@lru_cache(maxsize=256)
def published(group: str, kind: str, version: str) -> Schema | None:
    """The schema that a kind's project publishes; None where it is not stored. Must not be changed."""
    definition = published_definition(group, kind)
    for served in definition["spec"]["versions"] if definition else ():
        if served["name"] == version:
            found: Schema = served["schema"]["openAPIV3Schema"]
            return found
    return None


@lru_cache(maxsize=256)
def published_definition(group: str, kind: str) -> Schema | None:
    """The whole definition that a kind's project publishes; None where it is not stored. Must not be changed."""
    path = _files().get((group, kind))
    if path is None or not path.is_file():
        return None
    for text in _DOCUMENT.split(path.read_text()):
        if not re.search(rf"^ +kind: {re.escape(kind)}$", text, re.MULTILINE):
            continue  # files of several definitions are long: only the one wanted is parsed
        found: Schema = yaml.load(text, _LOADER) or {}
        spec = found.get("spec", {})
        if (spec.get("group"), spec.get("names", {}).get("kind")) == (group, kind):
            return found
    return None


def strict(schema: Schema, *, closed: bool = True) -> Schema:
    """A JSON schema that takes what the API server takes, and no unknown field: the server would drop it silently.

    `closed` False: a part of anyOf and its like, which only narrows.
    """
    result = {key: _inner(key, item, closed) for key, item in schema.items() if _says_something(key, item)}
    for exclusive, bound in _BOUNDS.items():
        if result.get(exclusive) is True:  # OpenAPI 3.0 writes a flag beside the bound
            result[exclusive] = result.pop(bound)
        elif result.get(exclusive) is False:
            del result[exclusive]
    if schema.get("x-kubernetes-int-or-string"):
        result["type"] = ["integer", "string"]
    if schema.get("nullable") and isinstance(result.get("type"), str):
        result["type"] = [result["type"], "null"]
    if schema.get("x-kubernetes-embedded-resource"):
        result["properties"] = {"apiVersion": {}, "kind": {}, "metadata": {}} | result.get("properties", {})
    is_object = schema.get("type") == "object" or "properties" in schema
    if closed and is_object and not schema.get(_FREE) and "additionalProperties" not in schema:
        result["additionalProperties"] = False
    return result


def _says_something(key: str, item: Any) -> bool:
    if key.startswith("x-") or key in _SILENT:
        return False
    return key != "pattern" or _readable(item)


def _readable(pattern: str) -> bool:
    """False for what Go's expressions can say and Python's cannot."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _inner(key: str, item: Any, closed: bool) -> Any:
    if key == "properties":
        return {name: strict(inner, closed=closed) for name, inner in item.items()}
    if key in _LISTS_OF_SCHEMAS:
        return [strict(inner, closed=False) for inner in item]
    if key in ("items", "additionalProperties", "not") and isinstance(item, dict):
        return strict(item, closed=closed and key != "not")
    return item


def complete(value: Any, schema: Schema) -> None:
    """Fill in the defaults of a schema, in place, in every object that is there."""
    if isinstance(value, list):
        for item in value:
            complete(item, schema.get("items", {}))
    if not isinstance(value, dict):
        return
    fields = schema.get("properties", {})
    for name, field in fields.items():
        if name not in value and "default" in field:
            value[name] = copy.deepcopy(field["default"])
    rest = schema.get("additionalProperties")
    for name, item in value.items():
        inner = fields.get(name, rest)
        if isinstance(inner, dict) and item is not UNKNOWN:
            complete(item, inner)
