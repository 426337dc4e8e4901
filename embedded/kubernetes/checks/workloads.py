"""What a whole workload must satisfy: selector and template, restart policy, mounts, claims, strategies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from embedded.kubernetes.checks.basics import Check, items_of, map_of, unique
from embedded.kubernetes.checks.metadata import selects
from embedded.kubernetes.checks.pods import mounts_of
from embedded.kubernetes.errors import Problem, join
from embedded.provider import Values, contains_unknown

KindCheck = Callable[[Values], Iterator[Problem]]


def pod_spec(workload: Values) -> tuple[str, Values] | None:
    """Where the pod spec of a workload stands, and the spec; None if the object runs no pods."""
    spec = map_of(workload, "spec")
    match workload.get("kind"):
        case "Pod":
            return "spec", spec
        case "CronJob":
            template = map_of(map_of(map_of(spec, "jobTemplate"), "spec"), "template")
            return "spec.jobTemplate.spec.template.spec", map_of(template, "spec")
        case "DaemonSet" | "Deployment" | "Job" | "ReplicaSet" | "ReplicationController" | "StatefulSet":
            return "spec.template.spec", map_of(map_of(spec, "template"), "spec")
        case _:
            return None


def mounted_volumes(workload: Values) -> Iterator[Problem]:
    """Mounts name volumes of the template, or claims of the StatefulSet."""
    found = pod_spec(workload)
    if found is not None:
        claims = items_of(map_of(workload, "spec"), "volumeClaimTemplates")
        names = {map_of(claim, "metadata").get("name", "") for claim in claims}
        if not contains_unknown(list(names)):
            yield from mounts_of(found[1], found[0], names)


def _selected_template(spec: Values) -> Iterator[Problem]:
    """The template's labels are what the selector selects; otherwise the controller would make pods for ever."""
    chosen, template = map_of(spec, "selector"), map_of(spec, "template")
    labels = map_of(map_of(template, "metadata"), "labels")
    if contains_unknown(chosen) or contains_unknown(labels):
        return
    if not map_of(chosen, "matchLabels") and not items_of(chosen, "matchExpressions"):
        yield Problem("spec.selector", "an empty selector would select every pod; name labels of the template")
    elif not selects(chosen, labels):
        yield Problem("spec.template.metadata.labels", "spec.selector does not match the labels of the pod template")


def _restart(spec: Values, allowed: tuple[str, ...], default: str | None, path: str) -> Iterator[Problem]:
    given = map_of(map_of(spec, "template"), "spec").get("restartPolicy", default)
    if given is None or (isinstance(given, str) and given not in allowed):
        yield Problem(f"{path}template.spec.restartPolicy", f'must be {" or ".join(allowed)}, not "{given or ""}"')


def stateful_set(workload: Values) -> Iterator[Problem]:
    """Selector, restart policy, a Service for the pods' names, claims with names of their own."""
    spec = map_of(workload, "spec")
    yield from _selected_template(spec)
    yield from _restart(spec, ("Always",), "Always", "spec.")
    if not spec.get("serviceName"):
        yield Problem("spec.serviceName", "required value: without a headless Service the pods have no stable names")
    claims = items_of(spec, "volumeClaimTemplates")
    yield from unique([map_of(claim, "metadata") for claim in claims], "spec.volumeClaimTemplates", "name")
    for index, claim in enumerate(claims):
        if not map_of(claim, "metadata").get("name"):
            yield Problem(f"spec.volumeClaimTemplates[{index}].metadata.name", "required value")


def deployment(workload: Values) -> Iterator[Problem]:
    """Selector, restart policy and a strategy that can make progress."""
    spec = map_of(workload, "spec")
    yield from _selected_template(spec)
    yield from _restart(spec, ("Always",), "Always", "spec.")
    strategy = map_of(spec, "strategy")
    rolling = map_of(strategy, "rollingUpdate")
    if strategy.get("type") == "Recreate" and rolling:
        yield Problem("spec.strategy.rollingUpdate", "may not be set when the type is Recreate")
    if _is_none(rolling.get("maxSurge")) and _is_none(rolling.get("maxUnavailable")):
        yield Problem("spec.strategy.rollingUpdate.maxUnavailable", "may not be 0 when maxSurge is 0")


def _is_none(count: Any) -> bool:
    return count in (0, "0%")


def daemon_set(workload: Values) -> Iterator[Problem]:
    """Selector and restart policy."""
    spec = map_of(workload, "spec")
    yield from _selected_template(spec)
    yield from _restart(spec, ("Always",), "Always", "spec.")


def job(workload: Values) -> Iterator[Problem]:
    """A Job's pods end; its selector is the system's."""
    spec = map_of(workload, "spec")
    yield from _job(spec, "spec.")
    if "selector" in spec and spec.get("manualSelector") is not True:
        yield Problem("spec.selector", "is made by the API; leave it out")


def cron_job(workload: Values) -> Iterator[Problem]:
    """A schedule of five fields, a time zone beside it and not in it, and a Job that can run."""
    spec = map_of(workload, "spec")
    schedule = str(spec.get("schedule", ""))
    if "TZ=" in schedule:
        yield Problem("spec.schedule", "must not hold a time zone; use spec.timeZone")
    elif not schedule.startswith("@") and len(schedule.split()) != 5:
        yield Problem("spec.schedule", f'"{schedule}" is not a schedule of five fields')
    yield from _job(map_of(map_of(spec, "jobTemplate"), "spec"), "spec.jobTemplate.spec.")


def _job(spec: Values, path: str) -> Iterator[Problem]:
    yield from _restart(spec, ("OnFailure", "Never"), None, path)
    if spec.get("completionMode") == "Indexed" and "completions" not in spec:
        yield Problem(join(path.rstrip("."), "completions"), "required value when completionMode is Indexed")


def autoscaler(value: Values, path: str) -> Iterator[Problem]:
    """Least is at most most."""
    low, high = value.get("minReplicas", 1), value.get("maxReplicas")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield Problem(join(path, "maxReplicas"), f"{high} must be at least minReplicas {low}")


RULES: Final[dict[str, Check]] = {"autoscaling.v2.HorizontalPodAutoscalerSpec": autoscaler}
KIND_RULES: Final[dict[str, KindCheck]] = {
    "StatefulSet": stateful_set,
    "Deployment": deployment,
    "ReplicaSet": daemon_set,
    "DaemonSet": daemon_set,
    "Job": job,
    "CronJob": cron_job,
}
