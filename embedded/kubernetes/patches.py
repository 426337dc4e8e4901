"""Merge patches: RFC 7396, and Kubernetes' strategic merge without directives."""

from __future__ import annotations

from typing import Any

from embedded.kubernetes.errors import bad_request
from embedded.kubernetes.ownership import items_of_list
from embedded.kubernetes.schemas import Shape


def merge(live: Any, patch: Any) -> Any:
    """RFC 7396: null removes, objects merge, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(live) if isinstance(live, dict) else {}
    for key, item in patch.items():
        if item is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), item)
    return result


def strategic(live: Any, patch: Any, shape: Shape) -> Any:
    """As `merge`, but lists whose items have keys merge item by item. 400 for $-directives."""
    if isinstance(patch, list) and isinstance(live, list) and shape.merge == "keyed":
        there = dict(items_of_list(live, shape))
        for key, item in items_of_list(patch, shape):
            there[key] = strategic(there.get(key), item, shape.item)
        return list(there.values())
    if not isinstance(patch, dict):
        return patch
    result = dict(live) if isinstance(live, dict) else {}
    for key, item in patch.items():
        if key.startswith("$setElementOrder/"):
            continue  # kubectl sends it beside every list; the order of merged items means nothing here
        if key.startswith("$"):
            raise bad_request(f"{key}: directives of strategic merge patches are not served; send a merge patch")
        if item is None:
            result.pop(key, None)
        else:
            result[key] = strategic(result.get(key), item, shape.field(key))
    return result
