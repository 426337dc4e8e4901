"""Pure: what the pods and nodes that an API server lists say of workloads, pools and volumes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from embedded.control_plane.keeper.nodes import GROUP, ZONE
from embedded.control_plane.keeper.pod_needs import may_stand_on, requests, room_of
from embedded.kubernetes.live.readiness import condition
from embedded.provider import Values
from plan.placement.region import PoolUse
from plan.placement.shapes import Pool

KARPENTER_POOL: Final = "karpenter.sh/nodepool"
ON_EVERY_NODE: Final = "DaemonSet "
_HASH: Final = "pod-template-hash"


def owner_of(pod: Values) -> str:
    """`Kind namespace/name` of the workload that wants the pod; the Deployment, not its ReplicaSet."""
    metadata = pod["metadata"]
    owner = next(iter(metadata.get("ownerReferences", [])), {"kind": "Pod", "name": metadata["name"]})
    kind, name = owner["kind"], owner["name"]
    if kind == "ReplicaSet":
        kind, name = "Deployment", name.removesuffix(f"-{metadata.get('labels', {}).get(_HASH, '')}")
    return f"{kind} {metadata['namespace']}/{name}"


def name_of(item: Values) -> str:
    """`namespace/name`, or the name of what has no namespace."""
    metadata = item["metadata"]
    return "/".join(part for part in (metadata.get("namespace"), metadata["name"]) if part)


def uid_of(item: Values) -> str:
    """What tells an object from a later one of the same name: nodes are named by addresses, which come again."""
    return str(item["metadata"]["uid"])


def zone_of(node: Values) -> str:
    """The zone in which a node stands."""
    return str(node["metadata"]["labels"].get(ZONE, ""))


def is_running(pod: Values) -> bool:
    """Whether a pod is ready and stays."""
    return not pod["metadata"].get("deletionTimestamp") and condition(pod, "Ready") == "True"


def running(pods: Iterable[Values], nodes: Iterable[Values]) -> dict[str, Counter[str]]:
    """Ready pods by workload and zone; one whose node is gone no longer counts, whatever the API still says of it."""
    zones = {node["metadata"]["name"]: zone_of(node) for node in nodes if not node["metadata"].get("deletionTimestamp")}
    found: dict[str, Counter[str]] = {}
    for pod in pods:
        if is_running(pod) and pod["spec"].get("nodeName") in zones:
            found.setdefault(owner_of(pod), Counter())[zones[pod["spec"]["nodeName"]]] += 1
    return found


def pending(pods: Iterable[Values]) -> list[Values]:
    """Pods without a node."""
    return [pod for pod in pods if not pod["spec"].get("nodeName") and not pod["metadata"].get("deletionTimestamp")]


def misplaced(pods: Iterable[Values], nodes: Iterable[Values]) -> list[str]:
    """Names of pods on nodes whose labels or taints do not let them there; a DaemonSet names the node itself."""
    by_name = {node["metadata"]["name"]: node for node in nodes}
    chosen = [pod for pod in pods if not owner_of(pod).startswith(ON_EVERY_NODE)]
    placed = ((pod, by_name.get(pod["spec"].get("nodeName", ""))) for pod in chosen)
    return [name_of(pod) for pod, node in placed if node is not None and not may_stand_on(pod, node)]


def zones_of_volumes(pod: Values, volumes: Iterable[Values]) -> set[str]:
    """Zones to which the volumes of a pod's claims are tied."""
    named = (volume.get("persistentVolumeClaim") for volume in pod["spec"].get("volumes", []))
    claims = {(pod["metadata"]["namespace"], claim["claimName"]) for claim in named if claim}
    return {
        zone
        for volume in volumes
        if _claim_of(volume) in claims
        for term in volume["spec"].get("nodeAffinity", {}).get("required", {}).get("nodeSelectorTerms", [])
        for each in term.get("matchExpressions", [])
        if each["key"] == ZONE
        for zone in each["values"]
    }


def _claim_of(volume: Values) -> tuple[str, str] | None:
    claim = volume["spec"].get("claimRef")
    return (claim["namespace"], claim["name"]) if claim else None


def pool_names(pools: Iterable[Pool]) -> dict[str, str]:
    """The pool of the stack file by what its nodes are labelled with: the managed group's name, or the NodePool's."""
    return {pool.labels.get(GROUP) or pool.labels[KARPENTER_POOL]: pool.of for pool in pools}


def pool_of(node: Values, names: Mapping[str, str]) -> str:
    """The pool of the stack file that a node belongs to; its label's value where the file has no such pool."""
    labels = node["metadata"]["labels"]
    label = str(labels.get(GROUP) or labels.get(KARPENTER_POOL) or "none")
    return names.get(label, label)


def use(nodes: Iterable[Values], pods: Iterable[Values], names: Mapping[str, str]) -> list[PoolUse]:
    """Each pool's figures, as the plan has them: of pods that have a node, by what they ask for."""
    by_pool: dict[str, list[Values]] = {pool: [] for pool in dict.fromkeys(names.values())}
    for node in nodes:
        by_pool.setdefault(pool_of(node, names), []).append(node)
    placed = [pod for pod in pods if pod["spec"].get("nodeName") and pod["status"].get("phase") == "Running"]
    return [_use(pool, members, placed) for pool, members in by_pool.items()]


def _use(pool: str, nodes: list[Values], placed: list[Values]) -> PoolUse:
    here = {node["metadata"]["name"] for node in nodes}
    pods = [pod for pod in placed if pod["spec"]["nodeName"] in here]
    own = [pod for pod in pods if not owner_of(pod).startswith(ON_EVERY_NODE)]
    room, used = Counter[str](), Counter[str]()
    for node in nodes:
        room.update(room_of(node))
    for pod in pods:
        used.update(requests(pod))
    types = Counter(node["metadata"]["labels"].get("node.kubernetes.io/instance-type", "") for node in nodes)
    return PoolUse(
        name=pool,
        nodes=len(nodes),
        instance_types=dict(sorted(types.items())),
        pods=len(pods),
        pods_per_node=round(len(own) / len(nodes), 1) if nodes else 0.0,
        cpu_percent=_percent(used["cpu"], room["cpu"]),
        memory_percent=_percent(used["memory"], room["memory"]),
    )


def _percent(used: int, room: int) -> float:
    return round(100 * used / room, 1) if room else 0.0
