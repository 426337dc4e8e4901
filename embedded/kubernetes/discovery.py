"""What an API server says of itself: version, groups, resources."""

from __future__ import annotations

import re
from typing import Any, Final

from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.schemas import Schemas

_VERBS: Final = ["create", "delete", "deletecollection", "get", "list", "patch", "update"]
# kubectl's short names; others are written in full.
_SHORT: Final = {
    "ConfigMap": ["cm"],
    "Deployment": ["deploy"],
    "LimitRange": ["limits"],
    "Namespace": ["ns"],
    "NetworkPolicy": ["netpol"],
    "PersistentVolumeClaim": ["pvc"],
    "Pod": ["po"],
    "PodDisruptionBudget": ["pdb"],
    "PriorityClass": ["pc"],
    "ResourceQuota": ["quota"],
    "Service": ["svc"],
    "ServiceAccount": ["sa"],
    "StatefulSet": ["sts"],
    "StorageClass": ["sc"],
}


def version(schemas: Schemas) -> dict[str, str]:
    """The answer to /version. The patch version is that of the schemas."""
    major, minor = schemas.version.split(".")
    return {
        "major": major,
        "minor": minor,
        "gitVersion": f"v{major}.{minor}.0-embedded",
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "",
        "platform": "",
    }


def core_versions(host: str) -> dict[str, Any]:
    """The answer to /api."""
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": host}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def groups(schemas: Schemas) -> dict[str, Any]:
    """The answer to /apis."""
    names = sorted({kind.group for kind in schemas.kinds() if kind.group})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(schemas, name) for name in names]}


def group(schemas: Schemas, name: str) -> dict[str, Any] | None:
    """The answer to /apis/<group>; None if there is no such group."""
    if not any(kind.group == name for kind in schemas.kinds()):
        return None
    return {"kind": "APIGroup", "apiVersion": "v1"} | _group(schemas, name)


def _group(schemas: Schemas, name: str) -> dict[str, Any]:
    found = sorted({kind.version for kind in schemas.kinds() if kind.group == name}, key=_stability)
    versions = [{"groupVersion": f"{name}/{version}", "version": version} for version in found]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _stability(version: str) -> tuple[bool, bool, list[int]]:
    """The API server's order: v2, v1, v1beta1, v1alpha1 (k8s.io/apimachinery/pkg/version)."""
    numbers = [-int(number) for number in re.findall(r"\d+", version)]
    return "alpha" in version, "beta" in version, numbers


def resources(schemas: Schemas, api_version: str) -> dict[str, Any] | None:
    """The answer to /api/v1 and /apis/<group>/<version>; None if there is no such version."""
    served = [kind for kind in schemas.kinds() if kind.api_version == api_version]
    if not served:
        return None
    listed = [_resource(kind) for kind in served]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": listed}


def _resource(kind: Kind) -> dict[str, Any]:
    described = {"name": kind.plural, "singularName": kind.name.lower(), "namespaced": kind.namespaced}
    short = {"shortNames": _SHORT[kind.name]} if kind.name in _SHORT else {}
    return described | {"kind": kind.name, "verbs": _VERBS} | short
