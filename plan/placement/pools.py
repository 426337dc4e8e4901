"""The pools of a recorded region: its managed node groups, and Karpenter's NodePools."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from components.kube.placement import ZONE
from plan.objects import RELEASE
from plan.placement.charts import ADDON, chart_name
from plan.placement.filters import term_holds
from plan.placement.quantities import kibibytes, millicores
from plan.placement.shapes import Choice, Pool, Room
from plan.recorder import Recording
from plan.registration import RecordedResource
from plan.values import lookup
from stacks.instance_networks import offered
from stacks.instance_types import INSTANCE_TYPES
from stacks.node_room import node_room
from stacks.settings import RegionSettings

_GROUP, _NODE_POOL = "aws:eks/nodeGroup:NodeGroup", "kubernetes:karpenter.sh/v1:NodePool"
# docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
_CAPACITY = "karpenter.sh/capacity-type"
_AWS = "karpenter.k8s.aws/instance"


def pools(recording: Recording, region: str, settings: RegionSettings) -> list[Pool]:
    """All pools of a region, managed ones first, each group of a pool by itself."""
    resources = [resource for resource in recording.resources if resource.region == region]
    prefixes = _prefixes(resources)
    scaled = any(one.type == RELEASE and chart_name(one) == "cluster-autoscaler" for one in resources)
    zones = _subnet_zones(recording, settings)
    groups = [_group(one, region, zones, prefixes, scaled) for one in resources if one.type == _GROUP]
    karpenter = [
        pool
        for one in resources
        if one.type == _NODE_POOL
        for pool in _node_pool(one, settings.network.zones, prefixes)
    ]
    return [*groups, *karpenter]


def _prefixes(resources: list[RecordedResource]) -> bool:
    """Whether the CNI gives nodes whole prefixes."""
    for resource in resources:
        if resource.type == ADDON and resource.resolved.get("addonName") == "vpc-cni":
            values = json.loads(resource.resolved.get("configurationValues") or "{}")
            return bool(lookup(values, "env", "ENABLE_PREFIX_DELEGATION") == "true")
    return False


def _subnet_zones(recording: Recording, settings: RegionSettings) -> dict[str, str]:
    """Zones by subnet: by URN where the program makes it, by id where it was there before."""
    made = {
        resource.urn: str(resource.resolved["availabilityZone"])
        for resource in recording.resources
        if resource.type == "aws:ec2/subnet:Subnet"
    }
    existing = settings.network.existing
    found = (existing.public, existing.private, existing.database or {}) if existing else ()
    return made | {subnet.id: zone for kind in found for zone, subnet in kind.items()}


def _group(resource: RecordedResource, region: str, zones: Mapping[str, str], prefixes: bool, scaled: bool) -> Pool:
    inputs = resource.resolved
    name = resource.name.removeprefix(f"{region}-pool-")
    sizes = inputs["scalingConfig"]
    subnets = (subnet["$ref"] if isinstance(subnet, dict) else subnet for subnet in resource.inputs["subnetIds"])
    spot = inputs.get("capacityType") == "SPOT"
    own = {
        "eks.amazonaws.com/nodegroup": str(inputs["nodeGroupName"]),
        "eks.amazonaws.com/capacityType": "SPOT" if spot else "ON_DEMAND",
    }
    # The first type: on demand EC2 takes them in the order given (allocation strategy "prioritized").
    first = str(inputs["instanceTypes"][0])
    here = tuple(dict.fromkeys(zones[subnet] for subnet in subnets))
    return Pool(
        name=name,
        of=_of(name, here),
        labels={**own, **(inputs.get("labels") or {})},
        taints=tuple({**taint, "effect": _EFFECTS[taint["effect"]]} for taint in inputs.get("taints") or []),
        zones=here,
        choices=(_choice(first, prefixes),),
        nodes=int(sizes["desiredSize"]),
        most=int(sizes["maxSize"] if scaled else sizes["desiredSize"]),
    )


def _node_pool(resource: RecordedResource, zones: tuple[str, ...], prefixes: bool) -> Iterator[Pool]:
    """A NodePool as a pool without nodes; none if no known type meets its requirements."""
    spec = resource.resolved["spec"]
    template, name = spec["template"], str(resource.resolved["metadata"]["name"])
    requirements = template["spec"].get("requirements") or []
    allowed = tuple(zone for zone in zones if _meets(requirements, {ZONE: zone}, (ZONE,)))
    capacity = next((one for one in ("spot", "on-demand") if _meets(requirements, {_CAPACITY: one}, (_CAPACITY,))), "")
    named = {"karpenter.sh/nodepool": name, _CAPACITY: capacity}
    own = {**named, **(lookup(template, "metadata", "labels") or {})}
    choices = [_choice(kind, prefixes) for kind in INSTANCE_TYPES if all(offered(kind, zone) for zone in allowed)]
    limits = spec.get("limits") or {}
    room = Room(millicores(limits.get("cpu", "1e9")), kibibytes(limits.get("memory", "1e18")), 0)
    fitting = tuple(
        choice
        for choice in sorted(choices, key=lambda one: (one.machine.cpu, one.machine.memory, one.instance_type))
        if _meets(requirements, {**own, **choice.labels}, tuple({**own, **choice.labels}))
    )
    if allowed and capacity and fitting:
        yield Pool(
            name=name,
            of=_of(name, allowed),
            labels=own,
            taints=tuple(template["spec"].get("taints") or []),
            zones=allowed,
            choices=fitting,
            nodes=0,
            most=None,
            limits=room,
        )


def _of(name: str, zones: tuple[str, ...]) -> str:
    """The pool of which this is the part in its only zone; itself otherwise."""
    return name.removesuffix(f"-{zones[0]}") if len(zones) == 1 else name


def _meets(requirements: list[Mapping[str, Any]], labels: Mapping[str, str], keys: tuple[str, ...]) -> bool:
    """Whether labels meet all the requirements that speak of these keys."""
    about = [one for one in requirements if one["key"] in keys]
    return not about or term_holds({"matchExpressions": about}, labels)


def _choice(instance_type: str, prefixes: bool) -> Choice:
    family, _, size = instance_type.partition(".")
    kind, room = INSTANCE_TYPES[instance_type], node_room(instance_type, prefixes=prefixes)
    labels = {
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": kind.arch,
        "node.kubernetes.io/instance-type": instance_type,
        f"{_AWS}-family": family,
        f"{_AWS}-category": family[0],
        f"{_AWS}-generation": family[1],
        f"{_AWS}-size": size,
        f"{_AWS}-cpu": str(kind.vcpus),
        f"{_AWS}-memory": str(kind.memory_gib * 1024),
    }
    return Choice(
        instance_type=instance_type,
        room=Room(room.allocatable_cpu, room.allocatable_memory, room.pods),
        machine=Room(room.cpu, room.memory, room.pods),
        labels=labels,
    )
