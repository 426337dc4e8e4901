"""Kubernetes objects of a recording, with what they say about each other. Pure reading, no rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plan.recorder import Recording
from plan.registration import RecordedResource
from plan.values import lookup

RELEASE = "kubernetes:helm.sh/v3:Release"
CLUSTER_SCOPED = frozenset(
    {
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        # of the charts that the program installs
        "ClusterCloudEventSource",
        "ClusterExternalSecret",
        "ClusterImageCatalog",
        "ClusterIssuer",
        "ClusterPushSecret",
        "ClusterSecretStore",
        "ClusterTriggerAuthentication",
        "EC2NodeClass",
        "IngressClassParams",
        "NodeClaim",
        "NodeOverlay",
        "NodePool",
        "VolumeSnapshotClass",
        "VolumeSnapshotContent",
    }
)
# Where a workload keeps its pod template.
_TEMPLATES = {
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "DaemonSet": ("spec", "template"),
    "Deployment": ("spec", "template"),
    "Job": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
}


@dataclass(frozen=True)
class KubernetesObject:
    """One object of one cluster; `cluster` is the URN of the provider, namespace "" where the kind has none."""

    resource: RecordedResource
    cluster: str
    group: str
    kind: str
    namespace: str
    name: str

    @property
    def body(self) -> dict[str, Any]:
        """The manifest, names filled in."""
        return self.resource.resolved

    @property
    def is_patch(self) -> bool:
        """Whether this is no object but what the program changes of one that somebody else makes."""
        return self.resource.type.endswith("Patch")

    @property
    def template(self) -> dict[str, Any] | None:
        """The pod template as {"metadata", "spec"}; a Pod is its own; None for kinds without pods."""
        if self.kind == "Pod":
            return {"metadata": self.body.get("metadata", {}), "spec": self.body.get("spec", {})}
        path = _TEMPLATES.get(self.kind)
        found = lookup(self.body, *path) if path else None
        return found if isinstance(found, dict) else None

    @property
    def pod_labels(self) -> dict[str, str]:
        """Labels of the object's pods."""
        return lookup(self.template or {}, "metadata", "labels") or {}


def objects_of(recording: Recording) -> list[KubernetesObject]:
    """Every Kubernetes object that the program itself makes, in the order of URNs; charts' objects are not known."""
    return [
        _object(resource)
        for resource in recording.resources
        if resource.type.startswith("kubernetes:") and resource.type != RELEASE
    ]


def _object(resource: RecordedResource) -> KubernetesObject:
    kind = str(resource.resolved.get("kind", resource.type.rpartition(":")[2]))
    group = str(resource.resolved.get("apiVersion", "v1")).rpartition("/")[0]
    metadata = resource.resolved.get("metadata") or {}
    scoped = kind not in CLUSTER_SCOPED
    return KubernetesObject(
        resource=resource,
        cluster=resource.provider or "",
        group=group,
        kind=kind,
        namespace=str(metadata.get("namespace", "default")) if scoped else "",
        name=str(metadata.get("name", resource.name)),
    )


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector ({"matchLabels", "matchExpressions"}) selects these labels; empty selects all.

    An operator the API does not know selects nothing.
    """
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_holds(expression, labels) for expression in selector.get("matchExpressions") or [])


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, operator, values = expression["key"], expression["operator"], expression.get("values") or []
    checks = {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }
    return checks.get(operator, False)


@dataclass(frozen=True)
class Reference:
    """A name that an object gives to another: kind and name, in the object's own namespace."""

    kind: str
    name: str


def references_of(item: KubernetesObject) -> list[Reference]:
    """The objects that this one needs by name, optional ones left out, each once and sorted."""
    found = {*_claim_references(item)}
    if item.kind == "StatefulSet" and lookup(item.body, "spec", "serviceName"):
        found.add(Reference("Service", str(item.body["spec"]["serviceName"])))
    pod = (item.template or {}).get("spec")
    if isinstance(pod, dict):
        found.update(_pod_references(pod))
    return sorted(found, key=lambda reference: (reference.kind, reference.name))


def _claim_references(item: KubernetesObject) -> Iterator[Reference]:
    claims = lookup(item.body, "spec", "volumeClaimTemplates") or []
    if item.kind == "PersistentVolumeClaim":
        claims = [item.body]
    for claim in claims:
        name = lookup(claim, "spec", "storageClassName")
        if name:
            yield Reference("StorageClass", str(name))


def _pod_references(pod: Mapping[str, Any]) -> Iterator[Reference]:
    for field, kind in (("serviceAccountName", "ServiceAccount"), ("priorityClassName", "PriorityClass")):
        if pod.get(field):
            yield Reference(kind, str(pod[field]))
    for secret in pod.get("imagePullSecrets") or []:
        yield Reference("Secret", str(secret["name"]))
    for volume in pod.get("volumes") or []:
        yield from _volume_references(volume)
    for container in [*(pod.get("initContainers") or []), *(pod.get("containers") or [])]:
        for source in container.get("envFrom") or []:
            yield from _named(source, (("configMapRef", "ConfigMap"), ("secretRef", "Secret")))
        for variable in container.get("env") or []:
            source = variable.get("valueFrom") or {}
            yield from _named(source, (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")))


def _volume_references(volume: Mapping[str, Any]) -> Iterator[Reference]:
    yield from _named(volume, (("configMap", "ConfigMap"),))
    secret = volume.get("secret")
    if secret and not secret.get("optional"):
        yield Reference("Secret", str(secret["secretName"]))
    if volume.get("persistentVolumeClaim"):
        yield Reference("PersistentVolumeClaim", str(volume["persistentVolumeClaim"]["claimName"]))
    for source in lookup(volume, "projected", "sources") or []:
        yield from _named(source, (("configMap", "ConfigMap"), ("secret", "Secret")))


def _named(source: Mapping[str, Any], kinds: tuple[tuple[str, str], ...]) -> Iterator[Reference]:
    for field, kind in kinds:
        named = source.get(field)
        if named and not named.get("optional"):
            yield Reference(kind, str(named["name"]))
