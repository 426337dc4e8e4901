"""What a new EKS cluster holds before anybody made anything.

Namespaces and priority classes: pkg/controlplane and pkg/apis/scheduling of Kubernetes. StorageClass: EKS brings gp2 of
the in-tree provisioner and, since 1.30, does not mark it default ("Review release notes for Kubernetes versions",
docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions-extended.html). Add-ons' own objects are not here: nothing
runs in this cluster.
"""

from __future__ import annotations

import re
from typing import Any, Final

from embedded.provider import Values

# The field manager of what a cluster brings: who patches such a field takes it from somebody.
FURNISHER: Final = "eks"
NAMESPACES: Final = ("default", "kube-node-lease", "kube-public", "kube-system")
_LAST_DEFAULT_STORAGE: Final = (1, 29)
_PRIORITIES: Final = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}


def furniture(version: str) -> list[Values]:
    """The objects of a fresh cluster of this Kubernetes version, without what the API adds."""
    return [
        *(_object("v1", "Namespace", name) for name in NAMESPACES),
        *(item for name in NAMESPACES for item in of_namespace(name)),
        *(_priority(name, value) for name, value in _PRIORITIES.items()),
        storage_class(version),
        _api_service(),
    ]


def of_namespace(name: str) -> list[Values]:
    """What the service account controller puts into every namespace."""
    return [_object("v1", "ServiceAccount", "default", name)]


def _object(api_version: str, kind: str, name: str, namespace: str = "") -> Values:
    metadata: dict[str, Any] = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def _priority(name: str, value: int) -> Values:
    described = _object("scheduling.k8s.io/v1", "PriorityClass", name)
    return described | {"value": value, "preemptionPolicy": "PreemptLowerPriority"}


def storage_class(version: str) -> Values:
    """The StorageClass that EKS brings."""
    described = _object("storage.k8s.io/v1", "StorageClass", "gp2")
    major, minor = (int(part) for part in re.findall(r"\d+", version)[:2])
    if (major, minor) <= _LAST_DEFAULT_STORAGE:
        described["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    return described | {
        "provisioner": "kubernetes.io/aws-ebs",
        "parameters": {"type": "gp2", "fsType": "ext4"},
        "volumeBindingMode": "WaitForFirstConsumer",
    }


def _api_service() -> Values:
    described = _object("v1", "Service", "kubernetes", "default")
    described["metadata"]["labels"] = {"component": "apiserver", "provider": "kubernetes"}
    ports = [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 443}]
    return described | {"spec": {"clusterIP": "172.20.0.1", "ports": ports, "type": "ClusterIP"}}
