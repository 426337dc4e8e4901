"""What users made in a real cluster: all it holds but what a fresh one has, and what controllers made of something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from embedded.kubernetes.bootstrap import FURNISHER, NAMESPACES
from embedded.kubernetes.errors import NOT_FOUND, ApiError
from embedded.kubernetes.live.server import JSON, Server
from embedded.provider import Values

_NAMES_ONLY: Final = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
# What the API server, its controllers and the stand-ins for a cloud keep for themselves, by resource and group.
_OWN: Final = frozenset(
    {
        ("apiservices", "apiregistration.k8s.io"),
        ("componentstatuses", ""),
        ("csinodes", "storage.k8s.io"),
        ("endpoints", ""),
        ("events", ""),
        ("events", "events.k8s.io"),
        ("flowschemas", "flowcontrol.apiserver.k8s.io"),
        ("ipaddresses", "networking.k8s.io"),
        ("leases", "coordination.k8s.io"),
        ("nodes", ""),
        ("prioritylevelconfigurations", "flowcontrol.apiserver.k8s.io"),
        ("servicecidrs", "networking.k8s.io"),
    }
)
_IN_EVERY_NAMESPACE: Final = {("configmaps", ""): "kube-root-ca.crt", ("serviceaccounts", ""): "default"}
# pkg/controlplane/controller/legacytokentracking, kubernetesservice; apis/scheduling; pkg/registry/rbac
_FRESH: Final = frozenset(
    {
        *(("namespaces", "", name) for name in NAMESPACES),
        ("priorityclasses", "scheduling.k8s.io", "system-cluster-critical"),
        ("priorityclasses", "scheduling.k8s.io", "system-node-critical"),
        ("services", "", "kubernetes"),
        ("endpointslices", "discovery.k8s.io", "kubernetes"),
        ("configmaps", "", "extension-apiserver-authentication"),
        ("configmaps", "", "kube-apiserver-legacy-service-account-token-tracking"),
    }
)
# A volume made for a claim; where it is kept when that goes, it is AWS's volume that is left.
_PROVISIONED: Final = "pv.kubernetes.io/provisioned-by"
_BOOTSTRAPPED: Final = "kubernetes.io/bootstrapping"


def made_by_users(server: Server) -> list[dict[str, str]]:
    """Group, kind, namespace and name of each object that somebody made."""
    found = []
    for group, resource in _resources(server):
        if (resource["name"], group.rpartition("/")[0]) in _OWN:
            continue
        for item in _names(server, group, resource["name"]):
            metadata = item["metadata"]
            if not _by_itself(resource["name"], group.rpartition("/")[0], metadata):
                place = {"namespace": metadata.get("namespace", ""), "name": metadata["name"]}
                found.append({"group": group.rpartition("/")[0], "kind": resource["kind"], **place})
    return sorted(found, key=lambda item: tuple(item.values()))


def _resources(server: Server) -> Iterator[tuple[str, Values]]:
    """API version and resource, each group once in the version it prefers."""
    groups = [item["preferredVersion"]["groupVersion"] for item in server.ask("GET", "/apis")["groups"]]
    for version in ["v1", *groups]:
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        for resource in _listed(server, path, "resources"):
            if {"list", "delete"} <= set(resource["verbs"]):
                yield version, resource


def _names(server: Server, version: str, plural: str) -> list[Values]:
    path = f"/apis/{version}/{plural}" if "/" in version else f"/api/{version}/{plural}"
    return _listed(server, path, "items", _NAMES_ONLY)


def _listed(server: Server, path: str, field: str, accept: str = JSON) -> list[Values]:
    """What a list holds; nothing where its definition went a moment ago."""
    try:
        found: list[Values] | None = server.ask("GET", path, accept=accept)[field]
    except ApiError as refusal:
        if refusal.code == NOT_FOUND:
            return []
        raise
    return found or []  # none is null in lists of names


def _by_itself(plural: str, group: str, metadata: dict[str, Any]) -> bool:
    name = metadata["name"]
    return (
        (plural, group, name) in _FRESH
        or _IN_EVERY_NAMESPACE.get((plural, group)) == name
        or bool(metadata.get("ownerReferences"))
        or _BOOTSTRAPPED in metadata.get("labels", {})
        or _PROVISIONED in metadata.get("annotations", {})
        or any(entry["manager"] == FURNISHER for entry in metadata.get("managedFields", []))
        # Each controller has an account of its own.
        or (plural, group, metadata.get("namespace")) == ("serviceaccounts", "", "kube-system")
    )
