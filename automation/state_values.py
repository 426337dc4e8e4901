"""Values in an exported state: secrets unwrapped, and what a resource's provider was given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def provider_inputs(deployment: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs of the provider resource that a resource names as `urn::id`."""
    urn = str(resource.get("provider", "")).rpartition("::")[0]
    for candidate in deployment.get("resources") or []:
        if candidate["urn"] == urn:
            return {key: plain(value) for key, value in (candidate.get("inputs") or {}).items()}
    return {}


def plain(value: Any) -> Any:
    """A state value with its secret wrappers, which hold JSON text, taken off."""
    if isinstance(value, dict):
        if "plaintext" in value and len(value) <= 3:
            return json.loads(value["plaintext"])
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def nested(value: Any) -> Any:
    """A nested input of a provider, which the engine keeps as JSON text; any other value as it is."""
    return json.loads(value) if isinstance(value, str) else value
