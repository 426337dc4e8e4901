"""Server-side apply for one field manager: which fields it owns (FieldsV1), what an apply changes, what is its own.

Source: sigs.k8s.io/structured-merge-diff. Reduced to one manager: nothing conflicts, and what others wrote stays
unless the manager names it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, Final

from embedded.kubernetes.schemas import Shape
from embedded.provider import Values

Fields = dict[str, Any]

# Identity and bookkeeping belong to nobody (stripSet in fieldmanager/internal/stripmeta.go).
_IDENTITY: Final = frozenset({"apiVersion", "kind", "status"})
_BOOKKEEPING: Final = frozenset(
    {"name", "namespace", "generateName", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp"}
    | {"generation", "managedFields", "selfLink"}
)
# The API fills these in before it compares items of a list.
_KEY_DEFAULTS: Final = {"protocol": "TCP"}


def owned_fields(value: Values, shape: Shape) -> Fields:
    """FieldsV1 of an object as its manager sent it."""
    stated = {key: inner for key, inner in value.items() if key not in _IDENTITY}
    metadata = stated.pop("metadata", {})
    stated["metadata"] = {key: inner for key, inner in metadata.items() if key not in _BOOKKEEPING}
    return {key: fields for key, fields in _fields(stated, shape).items() if key != "f:metadata" or fields}


def _fields(value: Any, shape: Shape) -> Fields:
    if isinstance(value, dict):
        return {f"f:{key}": _fields(inner, shape.field(key)) for key, inner in value.items()}
    if not isinstance(value, list):
        return {}
    match shape.merge:
        case "keyed":
            return {key: {".": {}, **_fields(item, shape.item)} for key, item in items_of_list(value, shape)}
        case "set":
            return {key: {} for key, _ in items_of_list(value, shape)}
        case _:
            # A real server stops at a list it does not merge. Its items are kept apart here by their index, so that an
            # import can tell what the manager stated in them from the defaults the server added.
            return {
                f"i:{index}": _fields(item, shape.item) for index, item in enumerate(value) if isinstance(item, dict)
            }


def items_of_list(value: list[Any], shape: Shape) -> Iterator[tuple[str, Any]]:
    """The items of a merged list by what tells them apart."""
    for item in value:
        if shape.merge == "set":
            yield f"v:{_compact(item)}", item
        else:
            identity = {key: item.get(key, _KEY_DEFAULTS.get(key)) for key in shape.keys}
            yield f"k:{_compact(identity)}", item


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def own_part(value: Any, fields: Fields, shape: Shape) -> Any:
    """The part of a live value that these fields own."""
    if isinstance(value, dict) and (fields or shape.merge in ("struct", "map")):
        return {
            key: own_part(inner, fields[f"f:{key}"], shape.field(key))
            for key, inner in value.items()
            if f"f:{key}" in fields
        }
    if isinstance(value, list) and shape.merge in ("keyed", "set"):
        return [own_part(item, fields[key], shape.item) for key, item in items_of_list(value, shape) if key in fields]
    if isinstance(value, list):
        return [
            own_part(item, fields[f"i:{index}"], shape.item) if f"i:{index}" in fields else copy.deepcopy(item)
            for index, item in enumerate(value)
        ]
    return copy.deepcopy(value)


def applied(live: Any, before: Fields, new: Any, shape: Shape) -> Any:
    """`live` after its manager, which owned `before`, applies `new`."""
    if isinstance(new, dict) and isinstance(live, dict) and shape.merge in ("struct", "map"):
        result = {}
        for key, inner in live.items():
            if key in new:
                result[key] = applied(inner, before.get(f"f:{key}", {}), new[key], shape.field(key))
            elif f"f:{key}" in before:
                rest = _without(inner, before[f"f:{key}"], shape.field(key))
                result.update({key: rest} if rest else {})
            else:
                result[key] = inner
        return result | {key: copy.deepcopy(inner) for key, inner in new.items() if key not in live}
    if isinstance(new, list) and isinstance(live, list) and shape.merge in ("keyed", "set"):
        there = dict(items_of_list(live, shape))
        wanted = dict(items_of_list(new, shape))
        kept = [item for key, item in there.items() if key not in wanted and key not in before]
        mine = [
            applied(there[key], before.get(key, {}), item, shape.item) if key in there else copy.deepcopy(item)
            for key, item in wanted.items()
        ]
        return mine + kept
    return copy.deepcopy(new)


def _without(value: Any, fields: Fields, shape: Shape) -> Any:
    """What is left of a value whose manager no longer states it: in maps and merged lists what others put there."""
    if isinstance(value, dict) and shape.merge == "map":
        return {key: inner for key, inner in value.items() if f"f:{key}" not in fields}
    if isinstance(value, list) and shape.merge in ("keyed", "set"):
        return [item for key, item in items_of_list(value, shape) if key not in fields]
    return None
