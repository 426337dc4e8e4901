"""Server-side apply: which fields a manager owns (FieldsV1), what an apply changes, what is its own.

Source: sigs.k8s.io/structured-merge-diff (prune in merge/update.go).
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


def united(one: Fields, other: Fields) -> Fields:
    """Fields that one or the other holds."""
    both = {key: united(one[key], other[key]) for key in one.keys() & other.keys()}
    return one | other | both


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


def applied(live: Any, before: Fields, new: Any, shape: Shape, others: Fields | None = None) -> Any:
    """`live` after its manager, which owned `before`, applies `new`. `others` is what other managers own, if anything.

    What the manager no longer states goes, and with it what nobody owns in it; what another one owns stays.
    """
    if isinstance(new, dict) and isinstance(live, dict) and shape.merge in ("struct", "map"):
        result = {}
        for key, inner in live.items():
            field, theirs = f"f:{key}", (others or {}).get(f"f:{key}")
            if key in new:
                result[key] = applied(inner, before.get(field, {}), new[key], shape.field(key), theirs)
            elif field in before:
                rest = _left(inner, before[field], theirs, shape.field(key))
                result.update({key: rest} if rest or theirs is not None else {})
            else:
                result[key] = inner
        return result | {key: copy.deepcopy(inner) for key, inner in new.items() if key not in live}
    if isinstance(new, list) and isinstance(live, list) and shape.merge in ("keyed", "set"):
        there = dict(items_of_list(live, shape))
        wanted = dict(items_of_list(new, shape))
        mine = [
            applied(there[key], before.get(key, {}), item, shape.item, (others or {}).get(key))
            if key in there
            else copy.deepcopy(item)
            for key, item in wanted.items()
        ]
        unsaid = {key: item for key, item in there.items() if key not in wanted}
        return mine + _left_items(unsaid, before, others or {}, shape)
    return copy.deepcopy(new)


def _left(value: Any, fields: Fields, others: Fields | None, shape: Shape) -> Any:
    """What is left of a value that its manager, which owned `fields`, no longer states."""
    if others is None:
        return _without(value, fields, shape)
    if others and isinstance(value, dict) and shape.merge in ("struct", "map"):
        result = {}
        for key, inner in value.items():
            field = f"f:{key}"
            if field not in fields:
                result[key] = inner
            elif field in others:
                result[key] = _left(inner, fields[field], others[field], shape.field(key))
        return result
    if others and isinstance(value, list) and shape.merge in ("keyed", "set"):
        return _left_items(dict(items_of_list(value, shape)), fields, others, shape)
    return value


def _left_items(there: dict[str, Any], fields: Fields, others: Fields, shape: Shape) -> list[Any]:
    return [
        _left(item, fields[key], others[key], shape.item) if key in fields else item
        for key, item in there.items()
        if key not in fields or key in others
    ]


def _without(value: Any, fields: Fields, shape: Shape) -> Any:
    """What is left of a value whose manager no longer states it: in maps and merged lists what others put there."""
    if isinstance(value, dict) and shape.merge == "map":
        return {key: inner for key, inner in value.items() if f"f:{key}" not in fields}
    if isinstance(value, list) and shape.merge in ("keyed", "set"):
        return [item for key, item in items_of_list(value, shape) if key not in fields]
    return None
