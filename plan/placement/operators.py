"""Pods that a custom resource makes an operator run, as the workload that comes nearest: the figures are the object's.

Sources: rabbitmq/cluster-operator internal/resource/statefulset.go, which makes a StatefulSet; cloudnative-pg, which
makes bare pods, one after the other, each with volumes of its own: a StatefulSet in all that placement looks at.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from components.data.postgres.names import SIDECAR
from plan.objects import objects_of
from plan.operator_pods import operator_pods
from plan.recorder import Recording
from plan.values import lookup

_Body = Mapping[str, Any]


def manifests(recording: Recording, region: str) -> list[dict[str, Any]]:
    """The workloads that a region's custom resources stand for."""
    objects = [item for item in objects_of(recording) if item.resource.region == region]
    found = (manifest(item.group, item.kind, item.body, item.namespace, item.name) for item in objects)
    return [one for one in found if one is not None]


def manifest(group: str, kind: str, body: _Body, namespace: str, name: str) -> dict[str, Any] | None:
    """The workload that an object stands for; None where it makes no pods."""
    made_by = CUSTOM_WORKLOADS.get((group, kind))
    if made_by is None:
        return None
    return made_by(body.get("spec") or {}, namespace, name, operator_pods(group, kind, name))


def _postgres(spec: _Body, namespace: str, name: str, labels: dict[str, str]) -> dict[str, Any]:
    kept = spec.get("affinity") or {}
    term = {"labelSelector": {"matchLabels": labels}, "topologyKey": kept.get("topologyKey")}
    required = kept.get("podAntiAffinityType") == "required"
    apart = (
        {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
        if required
        else {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": term}]}
    )
    containers = [_container("postgres", spec)]
    if spec.get("plugins"):
        containers.append(
            {"name": "plugin", "image": "plugin:operator", "resources": {"requests": SIDECAR.quantities()}}
        )
    pod = {
        "containers": containers,
        "affinity": {"podAntiAffinity": apart},
        "nodeSelector": kept.get("nodeSelector") or {},
        "tolerations": kept.get("tolerations") or [],
        "priorityClassName": spec.get("priorityClassName"),
    }
    claims = [
        _claim(volume, lookup(spec, volume, "storageClass")) for volume in ("storage", "walStorage") if volume in spec
    ]
    return _stateful_set(name, namespace, labels, int(spec["instances"]), pod, claims)


def _rabbitmq(spec: _Body, namespace: str, name: str, labels: dict[str, str]) -> dict[str, Any]:
    over = lookup(spec, "override", "statefulSet", "spec", "template", "spec") or {}
    pod = {
        "containers": [_container("rabbitmq", spec)],
        "affinity": spec.get("affinity") or {},
        "tolerations": spec.get("tolerations") or [],
        **{key: over[key] for key in ("nodeSelector", "priorityClassName", "topologySpreadConstraints") if key in over},
    }
    claims = [_claim("persistence", lookup(spec, "persistence", "storageClassName"))]
    return _stateful_set(f"{name}-server", namespace, labels, int(spec["replicas"]), pod, claims)


def _container(name: str, spec: _Body) -> dict[str, Any]:
    return {"name": name, "image": f"{name}:operator", "resources": spec.get("resources") or {}}


def _claim(name: str, storage_class: Any) -> dict[str, Any]:
    return {"metadata": {"name": name.lower()}, "spec": {"storageClassName": storage_class}}


def _stateful_set(
    name: str, namespace: str, labels: dict[str, str], replicas: int, pod: dict[str, Any], claims: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "replicas": replicas,
            "serviceName": name,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
            "volumeClaimTemplates": claims,
        },
    }


_Made = Callable[[_Body, str, str, dict[str, str]], dict[str, Any]]
CUSTOM_WORKLOADS: Mapping[tuple[str, str], _Made] = MappingProxyType(
    {
        ("postgresql.cnpg.io", "Cluster"): _postgres,
        ("rabbitmq.com", "RabbitmqCluster"): _rabbitmq,
    }
)
