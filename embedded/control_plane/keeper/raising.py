"""Pure: by how many nodes a group has to be larger, as Cluster Autoscaler finds out: by putting pods on empty ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from embedded.control_plane.keeper.pod_needs import fits, may_stand_on, one_per_host, requests, room_of, volume_allows
from embedded.provider import Values


@dataclass(frozen=True)
class Pending:
    """A pod that the scheduler found no node for, and the volumes that it is bound to."""

    pod: Values
    volumes: tuple[Values, ...] = ()


@dataclass
class _Node:
    room: Any
    kept: list[Values] = field(default_factory=list)  # labels of pods that let no likes of theirs beside them


def nodes_for(pending: Sequence[Pending], template: Values, most: int) -> tuple[int, list[Values]]:
    """How many nodes such as `template` (at most `most`) the pods take, and the pods that find room there.

    Largest first, each onto the first node that has room, as Cluster Autoscaler's binpacking estimator does.
    """
    able = [each for each in pending if _could(each, template)]
    nodes: list[_Node] = []
    placed: list[Values] = []
    for each in sorted(able, key=_size, reverse=True):
        needs = requests(each.pod)
        node = next((it for it in nodes if fits(needs, it.room) and not _avoids(each.pod, it)), None)
        if node is None and len(nodes) < most:
            node = _Node(room_of(template))
            nodes.append(node)
        if node is None:
            continue
        node.room.subtract(needs)
        placed.append(each.pod)
        if one_per_host(each.pod):
            node.kept.append(each.pod["metadata"].get("labels", {}))
    return len(nodes), placed


def is_unschedulable(pod: Values) -> bool:
    """Whether the scheduler has said that no node will do."""
    if pod["metadata"].get("deletionTimestamp") or pod["spec"].get("nodeName"):
        return False
    conditions = pod["status"].get("conditions", [])
    return any(each["type"] == "PodScheduled" and each.get("reason") == "Unschedulable" for each in conditions)


def _could(pending: Pending, template: Values) -> bool:
    alone = fits(requests(pending.pod), room_of(template)) and may_stand_on(pending.pod, template)
    return alone and all(volume_allows(volume, template) for volume in pending.volumes)


def _avoids(pod: Values, node: _Node) -> bool:
    return one_per_host(pod) and pod["metadata"].get("labels", {}) in node.kept


def _size(pending: Pending) -> tuple[int, int]:
    needs: Mapping[str, int] = requests(pending.pod)
    return needs["cpu"], needs["memory"]
