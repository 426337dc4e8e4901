"""Something scales without end in the game's namespace: its quota stops it, and nothing else notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from automation.drills.live.charts import apply, conforming
from automation.drills.live.pods import pool_names, pool_of
from automation.drills.live.region import LiveRegion
from automation.drills.live.stack import LiveStack
from automation.drills.live.verdict import Verdict
from automation.drills.live.waits import quiet, until
from components.node_kinds import SPOT
from embedded.kubernetes.live.readiness import condition
from embedded.provider import Values
from plan.placement.quantities import millicores

_NAME: Final = "runaway"
_TIMES: Final = 2
_STOPPED_SECONDS: Final = 120.0
_QUIET_SECONDS: Final = 15.0
_WITHIN_SECONDS: Final = 180.0


def run(stack: LiveStack, verdict: Verdict) -> None:
    """In each region, twice as many pods as the quota has."""
    for region in stack.bring_up():
        region.settle([worlds] if (worlds := region.worlds()) else [])
        _run_away(region, verdict)


def _run_away(region: LiveRegion, verdict: Verdict) -> None:
    most = int(region.settings.namespace.quota.pods)
    wanted = most * _TIMES
    least = region.settings.namespace.limits.pod.min
    apply(region, conforming(runaway(region.namespace, wanted, {"cpu": least.cpu, "memory": least.memory})))
    path = f"/apis/apps/v1/namespaces/{region.namespace}/deployments/{_NAME}"

    def running_on() -> list[str]:
        live = region.server.ask("GET", path)
        return [] if condition(live, "ReplicaFailure") == "True" else ["nothing has stopped it"]

    seconds = until(f"{region.name}: {wanted} pods", _STOPPED_SECONDS, running_on)
    quiet(_QUIET_SECONDS, _WITHIN_SECONDS, region.glance)
    pods = [pod for pod in region.pods() if counts(pod, region.namespace)]
    said = reason_of(region.server.ask("GET", path))
    # The quota controller recounts from its own cache, and the API server goes on from that count: what was made in
    # between slips in. Controllers here make pods ten times as fast as on EKS.
    slipped = max(0, len(pods) - most)
    verdict.judge(
        f"{region.name}: of {wanted} pods the quota let {len(pods) - slipped} in, and {slipped} while it was "
        f"recounted, after {seconds} s: {said}",
        [] if len(pods) < wanted else [f"{region.name}: all {wanted} pods in a namespace that may have {most}"],
    )
    beyond = over_limits(region)
    verdict.judge(f"{region.name}: no pool has more nodes than its settings allow", beyond)
    worlds = region.worlds()
    verdict.judge(f"{region.name}: every world is still ready", region.short([worlds] if worlds else []))
    nodes = {use.name: use.nodes for use in region.use()}
    region.delete(path)
    verdict.measured(
        region.name, wanted=wanted, let_in=len(pods), slipped=slipped, stopped_seconds=seconds, nodes=nodes
    )


def counts(pod: Values, namespace: str) -> bool:
    """Whether the namespace's quota counts it: a Job's pod that has ended takes nothing any more."""
    return pod["metadata"]["namespace"] == namespace and pod["status"].get("phase") not in ("Succeeded", "Failed")


def runaway(namespace: str, replicas: int, each: Mapping[str, str]) -> dict[str, Any]:
    """A Deployment of so many pods, each of which asks for this much, and may stand where services do."""
    labels = {"app": _NAME}
    container = {"name": "c", "image": "runaway:drill", "resources": {"requests": dict(each), "limits": dict(each)}}
    pod = {"containers": [container], "tolerations": [{"key": SPOT, "operator": "Exists"}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": _NAME, "namespace": namespace, "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


def over_limits(region: LiveRegion) -> list[str]:
    """A sentence for each managed pool beyond its greatest size, and each of Karpenter's beyond its limits."""
    names = pool_names(region.estimate.placement.pools)
    found = []
    for pool in region.estimate.placement.pools:
        nodes = [node for node in region.nodes() if pool_of(node, names) == pool.of]
        if pool.limits is not None:
            cpu = sum(millicores(node["status"]["capacity"]["cpu"]) for node in nodes)
            if cpu > pool.limits.cpu:
                found.append(f"{region.name}: {pool.of} has {cpu}m CPU, its limit is {pool.limits.cpu}m")
        elif (most := region.settings.node_pools[pool.of].max_size) < len(nodes):
            found.append(f"{region.name}: {pool.of} has {len(nodes)} nodes, its greatest size is {most}")
    return found


def reason_of(deployment: Values) -> str:
    """What the controller says of pods that it could not make."""
    conditions = deployment["status"].get("conditions", [])
    return next((str(each.get("message", "")) for each in conditions if each["type"] == "ReplicaFailure"), "")
