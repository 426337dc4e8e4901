"""Fields that cannot change in place: what Pulumi's provider replaces for, and what the API itself refuses.

The two differ. The provider replaces for its own list (provider/pkg/provider/diff.go of pulumi-kubernetes: forceNew);
the API refuses by kind (pkg/apis/*/validation and pkg/registry/*/strategy.go of Kubernetes). A StorageClass's
reclaimPolicy is on the second list only: such an update fails, here as on a real cluster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from embedded.kubernetes.checks.basics import map_of
from embedded.kubernetes.claims import CLAIM, shrunk
from embedded.kubernetes.errors import Problem
from embedded.kubernetes.kinds import Kind
from embedded.provider import Values

_POD_FIELDS: Final = (
    "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork "
    "hostPID hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName "
    "readinessGates restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName "
    "shareProcessNamespace subdomain terminationGracePeriodSeconds volumes"
)
_CONTAINER_FIELDS: Final = (
    "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext "
    "stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir"
)
_VOLUME_SOURCES: Final = (
    "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs "
    "hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume"
)

_REPLACES: Final[dict[str, tuple[str, ...]]] = {
    "StatefulSet.apps": (
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    "Deployment.apps": ("spec.selector",),
    "DaemonSet.apps": ("spec.selector",),
    "Job.batch": ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    "RoleBinding.rbac.authorization.k8s.io": ("roleRef",),
    "ClusterRoleBinding.rbac.authorization.k8s.io": ("roleRef",),
    "StorageClass.storage.k8s.io": ("parameters", "provisioner"),
    "PersistentVolumeClaim": ("spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"),
    "PersistentVolume": tuple(f"spec.{source}" for source in _VOLUME_SOURCES.split()),
    "ResourceQuota": ("spec.scopes",),
    "Secret": ("type",),
    "Service": ("spec.clusterIP",),
    "Pod": (
        *(f"spec.{field}" for field in _POD_FIELDS.split()),
        *(
            f"spec.{part}[*].{field}"
            for part in ("containers", "initContainers")
            for field in _CONTAINER_FIELDS.split()
        ),
    ),
}
_CONTENTS: Final = {"ConfigMap": ("data", "binaryData"), "Secret": ("type", "data", "stringData")}

_REFUSED: Final[dict[str, tuple[str, ...]]] = {
    "Deployment.apps": ("spec.selector",),
    "DaemonSet.apps": ("spec.selector",),
    "ReplicaSet.apps": ("spec.selector",),
    "Job.batch": ("spec.selector", "spec.template", "spec.completionMode"),
    "RoleBinding.rbac.authorization.k8s.io": ("roleRef",),
    "ClusterRoleBinding.rbac.authorization.k8s.io": ("roleRef",),
    "StorageClass.storage.k8s.io": ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"),
    "PriorityClass.scheduling.k8s.io": ("value", "preemptionPolicy"),
    "ResourceQuota": ("spec.scopes", "spec.scopeSelector"),
    "Secret": ("type",),
    "IngressClass.networking.k8s.io": ("spec.controller",),
}
# Kinds whose spec is closed but for these fields.
_OPEN: Final[dict[str, frozenset[str]]] = {
    # ValidateStatefulSetUpdate; older versions close revisionHistoryLimit too
    "StatefulSet.apps": frozenset(
        {"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "minReadySeconds"}
        | {"persistentVolumeClaimRetentionPolicy"}
    ),
    "PersistentVolumeClaim": frozenset({"resources", "volumeAttributesClassName"}),
}


def replacing(kind: Kind, changed: Sequence[str], mutable_contents: bool) -> tuple[str, ...]:
    """Which changed property paths make Pulumi's provider replace the object.

    `mutable_contents`: the provider is set to change this ConfigMap or Secret in place (it is not when immutable).
    """
    rules = ("metadata.name", "metadata.namespace", *_REPLACES.get(kind.qualified, ()))
    if kind.group == "" and not mutable_contents:
        rules += _CONTENTS.get(kind.name, ())
    return tuple(path for path in changed if any(_touches(path, rule) for rule in rules))


def _touches(path: str, rule: str) -> bool:
    """True if the path lies in the rule's field, or holds it."""
    steps, field = _steps(path), _steps(rule)
    return all(step == wanted for step, wanted in zip(steps, field, strict=False))


def _steps(path: str) -> list[str]:
    found = re.findall(r'\["((?:[^"\\]|\\.)*)"\]|\[(?:\d+|\*)\]|([^.\[\]]+)', path)
    return [quoted or plain or "[*]" for quoted, plain in found]


def refused_changes(kind: Kind, old: Values, new: Values) -> list[Problem]:
    """What the API refuses to change from `old` to `new`, both with defaults."""
    problems = [
        Problem(path, "field is immutable")
        for path in _REFUSED.get(kind.qualified, ())
        if _at(old, path) != _at(new, path)
    ]
    if kind.qualified in _OPEN:
        problems += _closed_spec(kind, old, new)
    if kind.qualified == "Service":
        problems += _cluster_ip(map_of(old, "spec"), map_of(new, "spec"))
    if kind.qualified == CLAIM:
        problems += shrunk(old, new)
    if kind.qualified in _CONTENTS and old.get("immutable") is True:
        problems += [
            Problem(field, "field is immutable when `immutable` is set")
            for field in (*_CONTENTS[kind.name], "immutable")
            if old.get(field) != new.get(field)
        ]
    return problems


def _closed_spec(kind: Kind, old: Values, new: Values) -> Iterator[Problem]:
    before, after = map_of(old, "spec"), map_of(new, "spec")
    allowed = _OPEN[kind.qualified]
    for field in sorted(before.keys() | after.keys()):
        if field not in allowed and before.get(field) != after.get(field):
            yield Problem(f"spec.{field}", f"updates to fields other than {', '.join(sorted(allowed))} are forbidden")


def _cluster_ip(before: Values, after: Values) -> Iterator[Problem]:
    """ValidateServiceClusterIPsRelatedFields: an address stays while the type does not become ExternalName."""
    if "ExternalName" in (before.get("type"), after.get("type")):
        return
    if before.get("clusterIP") and before.get("clusterIP") != after.get("clusterIP"):
        yield Problem("spec.clusterIP", "field is immutable")


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value
