"""The workloads of charts, EKS add-ons and operators, as the plan's tables know them, put into a cluster for a drill.

Releases are recorded and not run, so that a cluster would lack most of its pods. These are the very manifests that the
plan's estimate is made from: what both hold is the same, and no more is known of a chart than the table tells.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from automation.drills.live.region import LiveRegion
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.live.server import APPLY, path_of

MANAGER: Final = "game-regions-drill"
SENTENCE: Final = (
    "the workloads of charts and operators are those of the plan's tables, those of several pods with a budget that "
    "lets one go, as our values have it; without autoscalers and probes"
)
# What Pod Security "restricted" asks for and the charts' own pods have; the table does not tell it.
_POD_SECURITY: Final = {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}}
_BUDGETS: Final = "/apis/policy/v1/poddisruptionbudgets"
_CLAIM: Final = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
_CONTAINER_SECURITY: Final = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def conforming(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with the security context that the strictest of our namespaces wants.

    Pods that stand apart by rule have no node to surge to: Karpenter's chart lets one go first.
    """
    made: dict[str, Any] = copy.deepcopy(dict(manifest))
    pod = made["spec"]["template"]["spec"]
    apart = pod.get("affinity", {}).get("podAntiAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution")
    if apart and made["kind"] == "Deployment":
        made["spec"]["strategy"] = {"rollingUpdate": {"maxUnavailable": 1}}
    pod["securityContext"] = _POD_SECURITY
    for container in pod["containers"]:
        container["securityContext"] = _CONTAINER_SECURITY
    for claim in made["spec"].get("volumeClaimTemplates") or []:
        claim["spec"] = _CLAIM | claim["spec"]
    return made


def apply_charts(region: LiveRegion) -> int:
    """Have the region's charts and add-ons run; the number of their workloads."""
    guarded = [each["spec"].get("selector") for each in region.items(_BUDGETS)]
    for manifest in region.charts:
        apply(region, conforming(manifest))
        # A pod that two budgets match cannot be evicted at all.
        if manifest["spec"].get("replicas", 1) > 1 and manifest["spec"]["selector"] not in guarded:
            apply(region, budget(manifest))
    return len(region.charts)


def budget(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A PodDisruptionBudget that lets one pod of a workload go at a time."""
    spec = {"maxUnavailable": 1, "selector": manifest["spec"]["selector"]}
    metadata = {field: manifest["metadata"][field] for field in ("name", "namespace")}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}


def apply(region: LiveRegion, manifest: dict[str, Any]) -> None:
    """Make or change an object of a named group."""
    metadata, (group, version) = manifest["metadata"], manifest["apiVersion"].split("/")
    path = path_of(Kind(group, version, manifest["kind"]), metadata["namespace"], metadata["name"])
    query = {"fieldManager": MANAGER, "force": "true", "fieldValidation": "Strict"}
    region.server.ask("PATCH", path, query, manifest, APPLY)
