"""Whether a change asks for less storage than a volume has: Kubernetes refuses it, hours into an `up` or never seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plan.values import lookup
from stacks.quantities import kibibytes

STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
CLAIM_PATCH = f"{CLAIM}Patch"
# Where objects whose operator makes the claims state their sizes, and what those are called.
_BY_OPERATOR: dict[str, dict[str, tuple[str, str]]] = {
    "kubernetes:postgresql.cnpg.io/v1:Cluster": {
        "each data volume": ("storage", "size"),
        "each WAL volume": ("walStorage", "size"),
    },
    "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster": {"each volume": ("persistence", "storage")},
}


def shrinks(type_: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str | None:
    """The end of a sentence about a resource whose `new` inputs ask for less than its `old` ones; None if none do."""
    before = dict(_sizes(type_, old or {}))
    for claim, wanted in _sizes(type_, new or {}):
        had = before.get(claim)
        if had is not None and _less(wanted, had):
            return (
                f"would ask for {wanted} of storage where {claim} has {had}, and a volume never shrinks; keep {had}, "
                "or restore a backup into a smaller one of another name"
            )
    return None


def _sizes(type_: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and size of every claim that a resource states."""
    if type_ in (CLAIM, CLAIM_PATCH):
        yield from _size("the claim", inputs)
    elif type_ == STATEFUL_SET:
        for template in lookup(inputs, "spec", "volumeClaimTemplates") or []:
            yield from _size(f"the claim of {lookup(template, 'metadata', 'name')}", template)
    for name, (part, field) in _BY_OPERATOR.get(type_, {}).items():
        size = lookup(inputs, "spec", part, field)
        if isinstance(size, str):
            yield name, size


def _size(name: str, claim: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    size = lookup(claim, "spec", "resources", "requests", "storage")
    if isinstance(size, str):
        yield name, size


def _less(wanted: str, had: str) -> bool:
    try:
        return kibibytes(wanted) < kibibytes(had)
    except ValueError:
        return False  # a value that is not known yet, or a form that the stack files do not take
