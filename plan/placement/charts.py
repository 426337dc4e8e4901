"""The workloads of charts and EKS add-ons as manifests: the figures are those of the recorded values."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from components.kube.placement import HOST
from plan.objects import RELEASE
from plan.placement.chart_table import ADDON_WORKLOADS, CHART_WORKLOADS
from plan.placement.chart_workload import ChartWorkload
from plan.registration import RecordedResource
from plan.values import lookup

ADDON = "aws:eks/addon:Addon"
_NAMESPACE_OF_ADDONS = "kube-system"


def chart_name(release: RecordedResource) -> str:
    """The chart's own name; an OCI address ends with it."""
    return str(release.resolved["chart"]).rpartition("/")[2]


def manifests(resource: RecordedResource) -> list[dict[str, Any]]:
    """What the table says that a release or an EKS add-on runs, as Deployments, StatefulSets and DaemonSets.

    Images are placeholders that name the container's place in the table; empty for every other resource.
    """
    return list(_manifests(resource))


def _manifests(resource: RecordedResource) -> Iterator[dict[str, Any]]:
    inputs = resource.resolved
    if resource.type == RELEASE:
        release, namespace = str(inputs.get("name", resource.name)), str(inputs.get("namespace", "default"))
        for workload in CHART_WORKLOADS.get(chart_name(resource), ()):
            yield manifest(workload, release, namespace, inputs.get("values") or {})
    elif resource.type == ADDON:
        addon = str(inputs["addonName"])
        values = json.loads(inputs.get("configurationValues") or "{}")
        for workload in ADDON_WORKLOADS.get(addon, ()):
            yield manifest(workload, addon, _NAMESPACE_OF_ADDONS, values)


def manifest(workload: ChartWorkload, release: str, namespace: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """One workload of a chart as these values make it."""
    name = workload.name.format(release=release)
    place = (_value(values, workload.namespace) if workload.namespace else None) or namespace
    spec: dict[str, Any] = {
        "selector": {"matchLabels": dict(workload.labels)},
        "template": {"metadata": {"labels": dict(workload.labels)}, "spec": _pod(workload, name, values)},
    }
    if workload.kind != "DaemonSet":
        spec["replicas"] = _or(_value(values, workload.replicas[0]), workload.replicas[1])
    if workload.kind == "StatefulSet":
        spec["serviceName"] = name
        claim = _value(values, workload.claim) if workload.claim else None
        if claim:
            spec["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
    metadata = {"name": name, "namespace": place, "labels": dict(workload.labels)}
    return {"apiVersion": "apps/v1", "kind": workload.kind, "metadata": metadata, "spec": spec}


def _pod(workload: ChartWorkload, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    containers = []
    for index, (path, own) in enumerate(workload.containers):
        requests = (_value(values, path) or {}).get("requests") or own
        container = {"name": f"c{index}", "image": f"{name}:chart", "resources": {"requests": dict(requests)}}
        containers.append(container)
    pod: dict[str, Any] = {"containers": containers, **workload.pod}
    priority = _or(_value(values, workload.priority[0]), workload.priority[1])
    if priority:
        pod["priorityClassName"] = priority
    spread = _value(values, workload.spread)
    if spread:
        pod["topologySpreadConstraints"] = spread
    if workload.apart:
        pod["affinity"] = _apart(workload.labels, str(_or(_value(values, workload.apart), HOST)))
    return pod


def _apart(labels: Mapping[str, str], key: str) -> dict[str, Any]:
    term = {"labelSelector": {"matchLabels": dict(labels)}, "topologyKey": key}
    preferred = [{"weight": 100, "podAffinityTerm": term}]
    return {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _value(values: Mapping[str, Any], path: str) -> Any:
    return lookup(values, *path.split("."))
