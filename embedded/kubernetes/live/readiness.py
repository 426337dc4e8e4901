"""When an object is what it says: as pulumi-kubernetes 4.34 judges it (provider/pkg/await of its repository).

Each judge sees the live object and answers with what is still missing, nothing if it is ready.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from embedded.kubernetes.checks.basics import known_map
from embedded.provider import Values

_AWAITED: Final = frozenset(
    {"CustomResourceDefinition", "DaemonSet", "Deployment", "Job", "PersistentVolumeClaim", "Service", "StatefulSet"}
)


class Failed(Exception):
    """It will never be ready; one sentence."""


def missing(live: Values, targets: Callable[[], bool], waits_for_consumer: Callable[[], bool]) -> list[str]:
    """What keeps an object from being ready. Failed if waiting is of no use.

    `targets`: whether a Service has endpoints. `waits_for_consumer`: whether a claim's volume comes with its first pod.
    """
    match live["kind"]:
        case "Deployment":
            return _deployment(live)
        case "StatefulSet":
            return _stateful_set(live)
        case "DaemonSet":
            return _daemon_set(live)
        case "Job":
            return _job(live)
        case "Service":
            return _service(live, targets)
        case "PersistentVolumeClaim":
            bound = known_map(live, "status").get("phase") == "Bound"
            return [] if bound or waits_for_consumer() else ["the claim is not bound to a volume"]
        case "CustomResourceDefinition":
            return [] if condition(live, "Established") == "True" else ["the definition is not established"]
        case _:
            return []


def is_awaited(live: Values) -> bool:
    """Whether this kind has to become what it says."""
    return live["kind"] in _AWAITED


def condition(live: Values, type_: str) -> str:
    """The status of a condition: True, False, Unknown, or empty if there is none."""
    return str(_condition(live, type_).get("status", ""))


def _condition(live: Values, type_: str) -> Values:
    found = known_map(live, "status").get("conditions") or []
    return next((item for item in found if item.get("type") == type_), {})


def _observed(live: Values) -> bool:
    """Whether the status speaks of the object as it is now."""
    return bool(known_map(live, "status").get("observedGeneration", 0) >= live["metadata"].get("generation", 0))


def _count(live: Values, field: str) -> int:
    return int(known_map(live, "status").get(field) or 0)


def _replicas(live: Values) -> int:
    wanted = live["spec"].get("replicas")
    return 1 if wanted is None else int(wanted)


def _short(done: int, wanted: int) -> list[str]:
    return [] if done == wanted else [f"{done} out of {wanted} replicas succeeded readiness checks"]


def _deployment(live: Values) -> list[str]:
    if not _observed(live):
        return ["the Deployment was not looked at by its controller yet"]
    wanted = _replicas(live)
    progress = _condition(live, "Progressing")
    if progress.get("reason") == "ProgressDeadlineExceeded":
        raise Failed(str(progress.get("message", "the Deployment makes no progress")))
    problems = _short(min(_count(live, "updatedReplicas"), _count(live, "availableReplicas")), wanted)
    if _count(live, "replicas") > wanted:
        problems.append(f"{_count(live, 'replicas') - wanted} old pods are still there")
    return problems


def _stateful_set(live: Values) -> list[str]:
    if not _observed(live):
        return ["the StatefulSet was not looked at by its controller yet"]
    wanted, status = _replicas(live), known_map(live, "status")
    problems = _short(min(_count(live, "replicas"), _count(live, "readyReplicas")), wanted)
    on_delete = known_map(live["spec"], "updateStrategy").get("type") == "OnDelete"
    if on_delete and live["metadata"].get("generation", 0) > 1:
        return problems  # pods change when somebody deletes them
    before, after = status.get("currentRevision", ""), status.get("updateRevision", "")
    if not before or before != after:
        problems.append(f'the StatefulSet has not advanced from revision "{before}" to revision "{after}"')
    return problems


def _daemon_set(live: Values) -> list[str]:
    if not _observed(live):
        return ["the DaemonSet was not looked at by its controller yet"]
    wanted = _count(live, "desiredNumberScheduled")
    return _short(min(_count(live, "updatedNumberScheduled"), _count(live, "numberAvailable")), wanted)


def _job(live: Values) -> list[str]:
    failed = _condition(live, "Failed")
    if failed.get("status") == "True":
        raise Failed(f"the Job failed: {failed.get('reason', '')}: {failed.get('message', '')}")
    return [] if condition(live, "Complete") == "True" else ["the Job has not finished"]


def _service(live: Values, targets: Callable[[], bool]) -> list[str]:
    spec: Any = live["spec"]
    problems = []
    if spec.get("type") == "LoadBalancer" and not known_map(known_map(live, "status"), "loadBalancer").get("ingress"):
        problems.append("the Service was not given an address; is there a controller for its load balancer?")
    headless = spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName"
    if not headless and not targets():
        problems.append("the Service does not target any pods: they may not be ready, or its selector fits none")
    return problems
