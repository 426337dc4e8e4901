"""What a preview may not make smaller: members that hold a share of the data or a vote, and volumes.

Kubernetes itself would refuse a smaller volume in the middle of the up. It would take the members at once.
"""

from collections.abc import Mapping
from typing import Any

from components.data.shrink import ANNOTATION
from stacks.quantities import kibibytes

STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
CLAIM_PATCH = "kubernetes:core/v1:PersistentVolumeClaimPatch"


def shrinks(type_: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str | None:
    """Why an update from inputs `old` to `new` takes something away, as the end of a sentence; None if it does not.

    Naming the resource lifts it, but for a volume: that cannot be done at all, see `liftable`.
    """
    if old is None or new is None:
        return None
    if type_ == STATEFUL_SET:
        return _fewer_members(old, new)
    return _smaller_volume(old, new) if type_ == CLAIM_PATCH else None


def liftable(type_: str) -> bool:
    """Whether naming the resource may let it through."""
    return type_ != CLAIM_PATCH


def _fewer_members(old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    if not (_at(old, "metadata", "annotations") or {}).get(ANNOTATION):
        return None
    before, after = _at(old, "spec", "replicas"), _at(new, "spec", "replicas")
    if not isinstance(before, int | float) or not isinstance(after, int | float) or after >= before:
        return None
    return (
        f"would go from {before:.0f} to {after:.0f} members, each of which holds data or a vote; empty those that go "
        f"first, as its runbook says"
    )


def _smaller_volume(old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    before, after = (_at(inputs, "spec", "resources", "requests", "storage") for inputs in (old, new))
    if not isinstance(before, str) or not isinstance(after, str) or kibibytes(after) >= kibibytes(before):
        return None
    return f"would go from {before} to {after}, and no volume shrinks; keep {before} in the stack file"


def _at(inputs: Mapping[str, Any], *path: str) -> Any:
    value: Any = inputs
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
