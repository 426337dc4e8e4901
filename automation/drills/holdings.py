"""What a stack has when it is up: its resources in the state, and what the embedded cloud holds of each kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from automation.drills.rehearsal import Rehearsal
from embedded.client import Attachment, left
from embedded.stack_folder import StackFolder


@dataclass(frozen=True)
class Holdings:
    """The URNs in the state, and how many objects of each service, type and region the cloud holds."""

    urns: frozenset[str]
    objects: Counter[str]


def holdings(rehearsal: Rehearsal, stack: str, hold: Attachment) -> Holdings:
    """What a stack has now; objects that go away by themselves are not counted."""
    items = left(StackFolder(rehearsal.folder(stack)), hold)
    return Holdings(
        urns=frozenset(each["urn"] for each in rehearsal.state(stack).get("resources") or []),
        objects=Counter(_kind(one) for one in items if not one["note"]),
    )


def _kind(item: Mapping[str, str]) -> str:
    place = re.sub(r"^[0-9A-Fa-f]{32}\.", "", item["region"])  # a cluster's address begins with what EKS drew for it
    return f"{item['service']} {item['type']} {place}"


def assert_same(found: Holdings, wanted: Holdings) -> None:
    """AssertionError that says what there is too little or too much of."""
    differences = [
        *(f"{urn} is missing" for urn in sorted(wanted.urns - found.urns)),
        *(f"{urn} is too much" for urn in sorted(found.urns - wanted.urns)),
        *(
            f"{found.objects[kind]} instead of {wanted.objects[kind]} of {kind}"
            for kind in sorted({*found.objects, *wanted.objects})
            if found.objects[kind] != wanted.objects[kind]
        ),
    ]
    if differences:
        raise AssertionError(f"not what an up makes that nobody kills: {', '.join(differences)}")
