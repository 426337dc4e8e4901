"""The workloads of a recorded region: the program's own, and those of its charts, EKS add-ons and operators by tables.

Not told: CronJobs, whose pods come and go.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plan.objects import objects_of
from plan.placement import operators
from plan.placement.charts import manifests
from plan.recorder import Recording
from plan.registration import RecordedResource
from plan.values import lookup

_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Job")


@dataclass(frozen=True)
class Workload:
    """One workload as its manifest; `replicas` is the number of pods wanted at first, 0 for a DaemonSet."""

    manifest: Mapping[str, Any]
    urn: str
    replicas: int

    @property
    def kind(self) -> str:
        """Deployment, StatefulSet, DaemonSet or Job."""
        return str(self.manifest["kind"])

    @property
    def namespace(self) -> str:
        """Its pods' namespace."""
        return str(self.manifest["metadata"].get("namespace", "default"))

    @property
    def name(self) -> str:
        """Its own name, with which those of its pods begin."""
        return str(self.manifest["metadata"]["name"])

    @property
    def owner(self) -> str:
        """`Kind namespace/name`."""
        return f"{self.kind} {self.namespace}/{self.name}"


def workloads(recording: Recording, region: str) -> list[Workload]:
    """Every workload of a region whose pods are known."""
    resources = [resource for resource in recording.resources if resource.region == region]
    return [*_own(recording, region), *_of_charts(resources)]


def _own(recording: Recording, region: str) -> Iterator[Workload]:
    objects = [item for item in objects_of(recording) if item.resource.region == region and not item.is_patch]
    bodies = [(item.kind, item.namespace, item.body) for item in objects]
    for item in objects:
        if item.kind in _KINDS:
            metadata = {**(item.body.get("metadata") or {}), "name": item.name, "namespace": item.namespace}
            manifest = {**item.body, "kind": item.kind, "metadata": metadata}
            yield Workload(manifest, item.resource.urn, _replicas(manifest, bodies))
        made = operators.manifest(item.group, item.kind, item.body, item.namespace, item.name)
        if made is not None:
            yield Workload(made, item.resource.urn, _replicas(made, bodies))


def _of_charts(resources: Iterable[RecordedResource]) -> Iterator[Workload]:
    for resource in resources:
        for manifest in manifests(resource):
            yield Workload(manifest, resource.urn, _replicas(manifest, []))


_Bodies = list[tuple[str, str, dict[str, Any]]]


def _replicas(manifest: Mapping[str, Any], bodies: _Bodies) -> int:
    spec = manifest["spec"]
    if manifest["kind"] == "DaemonSet":
        return 0
    if manifest["kind"] == "Job":
        return int(spec.get("parallelism", 1))
    given = spec.get("replicas")
    return _scaled(manifest, bodies) if given is None else int(given)


def _scaled(manifest: Mapping[str, Any], bodies: _Bodies) -> int:
    """The fewest pods that an autoscaler keeps; 1 without one. KEDA's own default is 0, the autoscaler's 1."""
    named = manifest["kind"], manifest["metadata"]["name"]
    for kind, namespace, body in bodies:
        if namespace != manifest["metadata"]["namespace"]:
            continue
        target = lookup(body, "spec", "scaleTargetRef") or {}
        if (target.get("kind", "Deployment"), target.get("name")) != named:
            continue
        if kind == "HorizontalPodAutoscaler":
            return int(lookup(body, "spec", "minReplicas") or 1)
        if kind == "ScaledObject":
            return int(lookup(body, "spec", "minReplicaCount") or 0)
    return 1
