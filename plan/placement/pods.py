"""The pods of a region's workloads, with all that decides on which node each may stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from plan.objects import objects_of
from plan.placement.quantities import kibibytes, millicores
from plan.placement.shapes import Pod, Room, Spread, Term
from plan.placement.workloads import Workload
from plan.recorder import Recording
from plan.values import lookup

# kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods
_BUILT_IN = MappingProxyType({"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000})
# Drivers of volumes that exist in one zone only.
_ZONAL = frozenset({"ebs.csi.aws.com"})
_REQUIRED, _PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """What a region's cluster adds to pods: priorities by class, requests by namespace, classes of zonal volumes."""

    priorities: Mapping[str, int]
    requests: Mapping[str, Mapping[str, str]]
    zonal_classes: frozenset[str]


def defaults(recording: Recording, region: str) -> Defaults:
    """As the region's PriorityClasses, LimitRanges and StorageClasses say."""
    priorities, requests, zonal = dict(_BUILT_IN), {}, set()
    for item in objects_of(recording):
        if item.resource.region != region or item.is_patch:
            continue
        if item.kind == "PriorityClass":
            priorities[item.name] = int(item.body["value"])
        elif item.kind == "LimitRange":
            for rule in lookup(item.body, "spec", "limits") or []:
                if rule.get("type") == "Container":
                    requests[item.namespace] = rule.get("defaultRequest") or {}
        elif item.kind == "StorageClass" and item.body.get("provisioner") in _ZONAL:
            zonal.add(item.name)
    return Defaults(priorities=priorities, requests=requests, zonal_classes=frozenset(zonal))


def pods_of(workload: Workload, known: Defaults) -> list[Pod]:
    """Its pods by name: as many as it wants, of a DaemonSet one, which stands for that of every node."""
    everywhere = workload.kind == "DaemonSet"
    template = lookup(workload.manifest, "spec", "template") or {}
    spec = template.get("spec") or {}
    labels = lookup(template, "metadata", "labels") or {}
    namespace = workload.namespace
    affinity = spec.get("affinity") or {}
    anti = affinity.get("podAntiAffinity") or {}
    names = [workload.name] if everywhere else [f"{workload.name}-{index}" for index in range(workload.replicas)]
    shared = [_claim_key(namespace, claim) for claim in _claims_of(spec)]
    own = [_name(claim) for claim in _templates(workload.manifest, known)]
    return [
        Pod(
            name=name,
            namespace=namespace,
            owner=workload.owner,
            urn=workload.urn,
            labels=labels,
            asks=asked(spec, known.requests.get(namespace, {})),
            priority=known.priorities.get(str(spec.get("priorityClassName")), 0),
            node_selector=spec.get("nodeSelector") or {},
            requirements=tuple(lookup(affinity, "nodeAffinity", _REQUIRED, "nodeSelectorTerms") or ()),
            tolerations=tuple(spec.get("tolerations") or ()),
            apart=_terms(anti.get(_REQUIRED), namespace),
            together=_terms(lookup(affinity, "podAffinity", _REQUIRED), namespace),
            apart_if_possible=_terms([one["podAffinityTerm"] for one in anti.get(_PREFERRED) or []], namespace),
            spreads=tuple(_spread(rule) for rule in spec.get("topologySpreadConstraints") or []),
            volumes=(*shared, *(_claim_key(namespace, f"{claim}-{name}") for claim in own)),
            everywhere=everywhere,
        )
        for name in names
    ]


def asked(spec: Mapping[str, Any], unsaid: Mapping[str, str]) -> Room:
    """What the scheduler counts for a pod; `unsaid` holds for containers that name neither request nor limit.

    kubernetes.io/docs/concepts/workloads/pods/init-containers, "Resource sharing within containers": all containers
    together, with the sidecars; or the greatest init container beside the sidecars that start before it, if more.
    """
    return Room(_sum(spec, "cpu", millicores, unsaid), _sum(spec, "memory", kibibytes, unsaid), 1)


def _sum(spec: Mapping[str, Any], resource: str, read: Any, unsaid: Mapping[str, str]) -> int:
    def request(container: Mapping[str, Any]) -> int:
        figures = container.get("resources") or {}
        for part in ("requests", "limits"):
            if resource in (figures.get(part) or {}):
                return int(read(figures[part][resource]))
        return int(read(unsaid.get(resource, 0)))

    sidecars = greatest = 0
    for container in spec.get("initContainers") or []:
        if container.get("restartPolicy") == "Always":
            sidecars += request(container)
            greatest = max(greatest, sidecars)
        else:
            greatest = max(greatest, sidecars + request(container))
    running = sidecars + sum(request(container) for container in spec.get("containers") or [])
    overhead = (spec.get("overhead") or {}).get(resource, 0)
    return max(running, greatest) + int(read(overhead))


def _terms(terms: Iterable[Mapping[str, Any]] | None, namespace: str) -> tuple[Term, ...]:
    return tuple(
        Term(str(term["topologyKey"]), term.get("labelSelector") or {}, tuple(term.get("namespaces") or [namespace]))
        for term in terms or ()
    )


def _spread(rule: Mapping[str, Any]) -> Spread:
    return Spread(
        str(rule["topologyKey"]),
        rule.get("labelSelector") or {},
        int(rule["maxSkew"]),
        rule.get("whenUnsatisfiable") == "DoNotSchedule",
    )


def _claims_of(spec: Mapping[str, Any]) -> list[str]:
    named = (lookup(volume, "persistentVolumeClaim", "claimName") for volume in spec.get("volumes") or [])
    return [str(name) for name in named if name]


def _templates(manifest: Mapping[str, Any], known: Defaults) -> list[Mapping[str, Any]]:
    """Claim templates whose volumes stand in one zone."""
    templates = lookup(manifest, "spec", "volumeClaimTemplates") or []
    return [one for one in templates if lookup(one, "spec", "storageClassName") in known.zonal_classes]


def _name(claim: Mapping[str, Any]) -> str:
    return str(lookup(claim, "metadata", "name"))


def _claim_key(namespace: str, name: str) -> str:
    return f"{namespace}/{name}"
