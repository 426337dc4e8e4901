"""Old settings against new: what an update would add, remove and change, without a cloud."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plan.document import record_stack
from plan.recorder import Recording
from stacks.settings import parse_settings, read_stack_file
from tests.shipped import ROOT, recording_of

Edit = Callable[[dict[str, Any]], object]


@dataclass(frozen=True)
class Changes:
    """An update; `changed` holds the input paths that differ by "type name", the type without its package."""

    added: list[str]
    removed: list[str]
    changed: dict[str, set[str]]


def update(stack: str, edit: Edit) -> Changes:
    """The shipped stack after `edit` of its settings, against the stack as shipped."""
    return compare(recording_of(stack), recorded(stack, edit))


def recorded(stack: str, edit: Edit) -> Recording:
    """The shipped stack after `edit` of its settings."""
    raw = copy.deepcopy(dict(read_stack_file(ROOT / f"Pulumi.{stack}.yaml")))
    edit(raw)
    return record_stack(stack, parse_settings(raw))


def compare(old: Recording, new: Recording) -> Changes:
    """What lies between two recordings; only inputs and providers count, as they do for the engine."""
    before, after = old.by_urn(), new.by_urn()
    changed = {}
    for urn in sorted(before.keys() & after.keys()):
        paths = set(_differences(before[urn].inputs, after[urn].inputs, ""))
        if before[urn].provider != after[urn].provider:
            paths.add("(provider)")
        if paths:
            changed[_label(urn)] = paths
    return Changes(
        added=sorted(_label(urn) for urn in after.keys() - before.keys()),
        removed=sorted(_label(urn) for urn in before.keys() - after.keys()),
        changed=changed,
    )


def _label(urn: str) -> str:
    return f"{urn.split('::')[2].rpartition(':')[2]} {urn.rpartition('::')[2]}"


def _differences(old: Any, new: Any, path: str) -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict) and "$ref" not in {*old, *new}:
        return [
            found
            for key in sorted({*old, *new})
            for found in _differences(old.get(key), new.get(key), f"{path}.{key}" if path else key)
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [found for at, (a, b) in pairs for found in _differences(a, b, f"{path}[{at}]")]
    return [] if old == new else [path]
