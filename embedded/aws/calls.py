"""The API calls that a resource's inputs ask for, without making them: the same rows as those that are executed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from embedded.aws.rows import Call, Row, Scope, render
from embedded.aws.types.registry import row_of


def calls(
    resource_type: str, inputs: Mapping[str, Any], default_tags: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The calls that create a resource of a plan: [{"service", "operation", "parameters"}], in order.

    Inputs may hold {"$ref": urn, "property": name} or "[secret]" anywhere; they are passed on as they are. What an
    earlier call answers is {"$result": path in the answers}; a name Pulumi would make up is {"$autoname": property}.
    `default_tags` are those of the resource's provider. ProviderError for a type that has no row.
    """
    row = row_of(resource_type)
    wanted = dict(inputs)
    if row.autoname is not None:
        wanted.setdefault(row.autoname.property, {"$autoname": row.autoname.property})
    if row.tagging is not None and default_tags:
        wanted["tagsAll"] = {**default_tags, **(wanted.get("tags") or {})}
    scope = Scope(row, new=wanted, planned=True)
    return [_as_json(row, call, scope) for call in row.create if call.when is None or call.when(scope)]


def _as_json(row: Row, call: Call, scope: Scope) -> dict[str, Any]:
    return {
        "service": row.service,
        "operation": call.operation,
        "parameters": render(call.parameters, scope) or {},
    }
