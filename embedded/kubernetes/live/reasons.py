"""Why the pods of a workload do not run, from their own conditions and those of their containers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from embedded.kubernetes.checks.basics import known_map
from embedded.kubernetes.live.readiness import condition
from embedded.provider import Values

MOST: Final = 5  # pods of one set mostly wait for the same
_SELECTING: Final = ("DaemonSet", "Deployment", "Job", "StatefulSet")


def selector_of(live: Values) -> str | None:
    """The label selector of an object's pods; None for kinds without any."""
    if live["kind"] not in _SELECTING:
        return None
    labels = known_map(known_map(live["spec"], "selector"), "matchLabels")
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def reasons_of(pods: Iterable[Values]) -> list[str]:
    """A sentence for each of the first pods that are not ready."""
    found = [reason for pod in pods if condition(pod, "Ready") != "True" for reason in _of_pod(pod)]
    return found[:MOST]


def _of_pod(pod: Values) -> Iterator[str]:
    name, status = pod["metadata"]["name"], known_map(pod, "status")
    for item in status.get("conditions") or []:
        if item.get("type") == "PodScheduled" and item.get("status") == "False":
            yield f"pod {name} is not scheduled ({item.get('reason', '')}): {item.get('message', '')}"
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        waiting = known_map(known_map(container, "state"), "waiting")
        if waiting:
            yield f"container {container['name']} of pod {name} waits ({waiting.get('reason', '')})"
