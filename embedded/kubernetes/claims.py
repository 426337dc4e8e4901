"""The volume claims of StatefulSets: made with the set by its controller, grown by whoever changes them, never smaller.

pkg/controller/statefulset/stateful_set_utils.go of Kubernetes (names, labels), pkg/apis/core/validation (sizes).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Final

from embedded.kubernetes.checks.basics import known_map, map_of
from embedded.kubernetes.errors import Problem
from embedded.kubernetes.quantities import quantity
from embedded.provider import Values

SET: Final = "StatefulSet.apps"
CLAIM: Final = "PersistentVolumeClaim"
_SIZE: Final = "spec.resources.requests.storage"


def claims_of(stateful_set: Values) -> Iterator[Values]:
    """The claims of a set's pods, without what the API adds."""
    metadata, spec = stateful_set["metadata"], stateful_set["spec"]
    labels = map_of(map_of(spec, "selector"), "matchLabels")
    for ordinal in range(spec["replicas"]):
        for template in spec.get("volumeClaimTemplates") or []:
            claim = copy.deepcopy(template)
            claim.pop("status", None)
            name = f"{template['metadata']['name']}-{metadata['name']}-{ordinal}"
            own = {**known_map(template["metadata"], "labels"), **labels}
            claim["metadata"] = {"name": name, "namespace": metadata["namespace"], "labels": own}
            yield {**claim, "apiVersion": "v1", "kind": CLAIM}


def shrunk(old: Values, new: Values) -> list[Problem]:
    """A claim that asks for less than it did: no volume gets smaller."""
    before, after = (_size(value) for value in (old, new))
    if before is None or after is None or quantity(after) >= quantity(before):
        return []
    return [Problem(_SIZE, f"field can not be less than status.capacity, which is {before}; a volume never shrinks")]


def _size(claim: Values) -> str | None:
    found = map_of(map_of(map_of(claim, "spec"), "resources"), "requests").get("storage")
    return None if found is None else str(found)
