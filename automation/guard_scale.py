"""Whether a change takes members away that hold a share of the data or a vote: Kubernetes would do it at once."""

from collections.abc import Mapping
from typing import Any

from components.data.shrink import ANNOTATION
from plan.values import lookup

STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"


def loses_members(type_: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str | None:
    """The end of a sentence about a StatefulSet that would have fewer members than before; None for all else."""
    if type_ != STATEFUL_SET or old is None or new is None:
        return None
    if not (lookup(old, "metadata", "annotations") or {}).get(ANNOTATION):
        return None
    before, after = lookup(old, "spec", "replicas"), lookup(new, "spec", "replicas")
    if not isinstance(before, int | float) or not isinstance(after, int | float) or after >= before:
        return None
    return (
        f"would go from {before:.0f} to {after:.0f} members, each of which holds data or a vote; empty those that go "
        f"first, as its runbook says"
    )
