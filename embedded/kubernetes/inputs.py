"""From a live object back to the inputs of a program, for refresh and import."""

from __future__ import annotations

import base64
import copy
from functools import reduce
from typing import Any, Final

from embedded.kubernetes import ownership
from embedded.kubernetes.ownership import Fields
from embedded.kubernetes.schemas import Shape
from embedded.provider import Values

_SERVER_SET: Final = (
    *("creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields"),
    *("resourceVersion", "selfLink", "uid"),
)


def refreshed(live: Values, old: Values, shape: Shape) -> Values:
    """The fields that the old inputs name, as they are now: drift shows, what the server added does not."""
    now = _named(live, old, shape)
    kept = {key: old[key] for key in ("apiVersion", "kind") if key in old}
    text = _decoded(live, old.get("stringData"))
    result: Values = now | kept | ({"stringData": text} if text else {})
    return result


def _named(live: Any, old: Any, shape: Shape) -> Any:
    if isinstance(live, dict) and isinstance(old, dict):
        now = {key: _named(live[key], inner, shape.field(key)) for key, inner in old.items() if key in live}
        return now | {key: inner for key, inner in old.items() if key not in live and _is_left_out(inner)}
    if not isinstance(live, list) or not isinstance(old, list):
        return copy.deepcopy(live)
    if shape.merge in ("keyed", "set"):
        there = dict(ownership.items_of_list(live, shape))
        wanted = ownership.items_of_list(old, shape)
        return [_named(there[key], item, shape.item) for key, item in wanted if key in there]
    # The list has one owner: an item more or less is drift.
    pairs = zip(live, old, strict=False)
    return [*(_named(item, before, shape.item) for item, before in pairs), *copy.deepcopy(live[len(old) :])]


def _is_left_out(value: Any) -> bool:
    """Whether the API server answers with nothing where this was sent (omitempty): globalDefault: false."""
    return not isinstance(value, str) and value is not None and not value


def imported(live: Values, shape: Shape) -> Values:
    """The object as its managers stated it (metadata.managedFields); without one, all that the server did not set."""
    metadata = live["metadata"]
    owned: Fields = reduce(ownership.united, (entry["fieldsV1"] for entry in metadata.get("managedFields", [])), {})
    result = ownership.own_part(live, owned, shape) if owned else _unset(live)
    identity = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
    result["metadata"] = {**identity, **result.get("metadata", {})}
    text = _decoded(live, owned.get("f:stringData", {}), prefix="f:")
    if text:
        result["stringData"] = text
    return {"apiVersion": live["apiVersion"], "kind": live["kind"], **result}


def _unset(live: Values) -> Values:
    kept = {key: copy.deepcopy(item) for key, item in live.items() if key not in ("metadata", "status")}
    metadata = {key: copy.deepcopy(item) for key, item in live["metadata"].items() if key not in _SERVER_SET}
    return kept | {"metadata": metadata}


def _decoded(live: Values, wanted: Values | None, prefix: str = "") -> dict[str, str]:
    """A Secret's stringData, which the API keeps only as data. Bytes that are no text stay in data."""
    text = {}
    for key in wanted or {}:
        encoded = live.get("data", {}).get(key.removeprefix(prefix))
        if encoded is not None:
            text[key.removeprefix(prefix)] = base64.b64decode(encoded).decode(errors="replace")
    return text
