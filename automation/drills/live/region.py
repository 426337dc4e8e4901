"""One region of a rehearsal: its API server, what the plan estimates of it, and what is done to it in drills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from automation.drills.live.pods import name_of, owner_of, pending, pool_names, running, use
from automation.drills.live.waits import until
from components.promises import Promise
from embedded.control_plane.keeper.drains import MERGE, NODES
from embedded.control_plane.keeper.nodes import is_ready
from embedded.kubernetes.errors import NOT_FOUND, ApiError
from embedded.kubernetes.live.server import Server
from embedded.provider import Values
from plan.placement.region import PoolUse
from plan.placement.report import RegionEstimate
from stacks.settings import RegionSettings

PODS: Final = "/api/v1/pods"
VOLUMES: Final = "/api/v1/persistentvolumes"
# Karpenter thinks for up to 10 s about what it makes nodes for; a first volume, node and pod take a few each.
SETTLE_SECONDS: Final = 240.0


@dataclass(frozen=True)
class LiveRegion:
    """`estimate` is the plan's; `charts` are the workloads that its tables know of charts, add-ons and operators."""

    name: str
    settings: RegionSettings
    server: Server
    estimate: RegionEstimate
    charts: Sequence[dict[str, Any]]

    @property
    def namespace(self) -> str:
        """The game's."""
        return self.settings.namespace.name

    def items(self, path: str, **query: str) -> list[Values]:
        """What a list holds."""
        found: list[Values] = self.server.ask("GET", path, query)["items"]
        return found

    def nodes(self) -> list[Values]:
        """All nodes."""
        return self.items(NODES)

    def pods(self) -> list[Values]:
        """All pods."""
        return self.items(PODS)

    def pods_of(self, owner: str) -> list[Values]:
        """The pods of a workload (`Kind namespace/name`), by name."""
        return sorted((pod for pod in self.pods() if owner_of(pod) == owner), key=name_of)

    def merge(self, path: str, change: Mapping[str, Any], manager: str = "kubectl-edit") -> Values:
        """Change some fields of an object, as a person does."""
        return self.server.ask("PATCH", path, {"fieldManager": manager}, dict(change), MERGE)

    def delete(self, path: str, **query: str) -> None:
        """Delete an object, which may be gone already."""
        try:
            self.server.ask("DELETE", path, query)
        except ApiError as refusal:
            if refusal.code != NOT_FOUND:
                raise

    def forget(self, pods: Sequence[Values]) -> None:
        """Delete pods whose kubelet is gone and cannot say that they ended."""
        for pod in pods:
            self.delete(pod_path(pod), gracePeriodSeconds="0")

    def evict(self, pod: Values) -> ApiError | None:
        """Ask a pod to go, as every drain does; the refusal, if there is one."""
        metadata = pod["metadata"]
        named = {"name": metadata["name"], "namespace": metadata["namespace"]}
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": named}
        try:
            self.server.ask("POST", f"{pod_path(pod)}/eviction", body=body)
        except ApiError as refusal:
            return None if refusal.code == NOT_FOUND else refusal
        return None

    def cordon(self, node: str, *, closed: bool = True) -> None:
        """Let no more pods onto a node, or let them again."""
        self.merge(f"{NODES}/{node}", {"spec": {"unschedulable": True if closed else None}})

    def running(self) -> dict[str, Counter[str]]:
        """Ready pods by workload and zone."""
        return running(self.pods(), self.nodes())

    def use(self) -> list[PoolUse]:
        """Each pool's figures."""
        return use(self.nodes(), self.pods(), pool_names(self.estimate.placement.pools))

    def short(self, promises: Sequence[Promise] | None = None) -> list[str]:
        """A sentence for each workload, of all that have promised something, with fewer ready pods than it has."""
        standing = self.running()
        counts = (
            (one, sum(standing.get(one.owner, {}).values()))
            for one in (self.estimate.promises if promises is None else promises)
        )
        return [f"{one.owner} has {count} of {one.replicas} pods" for one, count in counts if count < one.replicas]

    def settle(self, promises: Sequence[Promise] | None = None) -> float:
        """Wait until every node is ready and each workload has its pods; seconds it took. AssertionError if not."""

        def missing() -> list[str]:
            unready = [f"node {name_of(node)} is not ready" for node in self.nodes() if not is_ready(node)]
            return [*unready, *self.short(promises)]

        return until(f"{self.name} did not settle", SETTLE_SECONDS, missing)

    def glance(self) -> object:
        """What changes as long as anything moves: nodes, and where each pod is."""
        nodes = [(name_of(node), is_ready(node)) for node in self.nodes()]
        pods = [(name_of(pod), pod["spec"].get("nodeName"), pod["status"].get("phase")) for pod in self.pods()]
        return nodes, pods

    def waiting(self) -> list[Values]:
        """Pods without a node."""
        return pending(self.pods())

    def worlds(self) -> Promise | None:
        """What the region's worlds have promised; None if it has none."""
        return next((one for one in self.estimate.promises if one.seats_each and one.replicas), None)


def pod_path(pod: Values) -> str:
    """Where the API has a pod."""
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
