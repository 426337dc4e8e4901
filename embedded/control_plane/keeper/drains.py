"""Nodes that have to go: cordoned, emptied by evictions that budgets may refuse, and then deleted."""

from __future__ import annotations

import contextlib
import time
from typing import Final

from embedded.kubernetes.errors import NOT_FOUND, ApiError
from embedded.kubernetes.live.server import Server
from embedded.provider import Values

LEAVING: Final = "game-regions/leaving-since"
# How long a node may take to empty, as EKS has it. In an update (docs.aws.amazon.com/eks/latest/userguide/
# managed-node-update-behavior.html) and where a group shrinks (managed-node-groups.html); the first then fails, the
# other goes on. And where the whole group is deleted (delete-managed-node-group.html), which then goes on.
EKS_SECONDS: Final = 900.0
DELETION_SECONDS: Final = 300.0
NODES: Final = "/api/v1/nodes"
MERGE: Final = "application/merge-patch+json"
_FINISHED: Final = ("Succeeded", "Failed")
_REFUSED_FOR_NOW: Final = 429


class Drains:
    """Ends nodes. `pace` is how much of EKS's time they are given: at 0.1, a tenth."""

    def __init__(self, server: Server, pace: float) -> None:
        self._server = server
        self._pace = pace

    def begin(self, node: Values) -> None:
        """Cordon a node and write down since when it leaves."""
        change = {"metadata": {"annotations": {LEAVING: str(time.time())}}, "spec": {"unschedulable": True}}
        self._server.ask("PATCH", f"{NODES}/{node['metadata']['name']}", body=change, content_type=MERGE)

    def give_up(self, node: Values) -> None:
        """Take a node back into service."""
        change = {"metadata": {"annotations": {LEAVING: None}}, "spec": {"unschedulable": None}}
        self._server.ask("PATCH", f"{NODES}/{node['metadata']['name']}", body=change, content_type=MERGE)

    def is_late(self, node: Values, seconds: float) -> bool:
        """Whether a leaving node has had its time, so many seconds on EKS."""
        return time.time() - float(node["metadata"]["annotations"][LEAVING]) > seconds * self._pace

    def step(self, node: Values) -> bool:
        """Ask every pod of a leaving node to go; True once none is left that should."""
        left = [pod for pod in self.pods(node) if not _stays(pod)]
        for pod in left:
            self._evict(pod)
        return not left

    def end(self, node: Values) -> None:
        """Delete a node, and with it what still stands on it: its kubelet is gone and cannot say so."""
        pods = self.pods(node)
        with contextlib.suppress(ApiError):
            self._server.ask("DELETE", f"{NODES}/{node['metadata']['name']}")
        for pod in pods:
            with contextlib.suppress(ApiError):
                self._server.ask("DELETE", _path(pod), {"gracePeriodSeconds": "0"})

    def pods(self, node: Values) -> list[Values]:
        """The pods on a node."""
        query = {"fieldSelector": f"spec.nodeName={node['metadata']['name']}"}
        items: list[Values] = self._server.ask("GET", "/api/v1/pods", query)["items"]
        return items

    def _evict(self, pod: Values) -> None:
        metadata = pod["metadata"]
        if metadata.get("deletionTimestamp"):
            return
        named = {"name": metadata["name"], "namespace": metadata["namespace"]}
        try:
            self._server.ask("POST", f"{_path(pod)}/eviction", body={**_EVICTION, "metadata": named})
        except ApiError as refusal:
            if refusal.code not in (_REFUSED_FOR_NOW, NOT_FOUND):
                raise


_EVICTION: Final[Values] = {"apiVersion": "policy/v1", "kind": "Eviction"}


def is_leaving(node: Values) -> bool:
    """Whether somebody drains a node so that it goes."""
    return LEAVING in node["metadata"].get("annotations", {})


def _path(pod: Values) -> str:
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"


def _stays(pod: Values) -> bool:
    """Pods of a DaemonSet and finished ones stand in nobody's way."""
    owners = pod["metadata"].get("ownerReferences", [])
    return any(each["kind"] == "DaemonSet" for each in owners) or pod["status"].get("phase") in _FINISHED
