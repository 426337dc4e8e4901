"""Pure: the Node objects of a managed node group, as EKS's AL2023 nodes register themselves."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from embedded.control_plane.keeper.groups import Group, NodeGroups, Subnet
from embedded.control_plane.keeper.machines import Machine, room
from embedded.provider import Values

GROUP: Final = "eks.amazonaws.com/nodegroup"
HOST: Final = "kubernetes.io/hostname"
ZONE: Final = "topology.kubernetes.io/zone"
GENERATION: Final = "game-regions/generation"
# What of a node the group said, so that what it says no more can be taken off again.
SAID: Final = "game-regions/said-by-group"
# docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html: the first four are AWS's.
_AWS_ADDRESSES: Final = 4


def node_object(group: Group, cluster: NodeGroups, subnet: Subnet, address: str, region: str) -> Values:
    """A node of the group in a subnet, as it is when its kubelet is up.

    On spot the addresses decide which of the types it is; on demand it is the first, as Auto Scaling prefers it.
    """
    machine = (
        group.machines[int(ipaddress.ip_address(address)) % len(group.machines)] if group.spot else group.machines[0]
    )
    name = node_name(address, region)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {**group.labels, **_own_labels(group, machine, subnet, name, region)},
            "annotations": {
                GENERATION: group.generation,
                SAID: said(group),
                # Kubelets say so: it is the controller manager that attaches volumes.
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": {
            "providerID": f"aws:///{subnet.zone}/{_instance_id(name)}",
            "taints": [dict(taint) for taint in group.taints],
        },
        "status": {
            **room(machine, prefixes=cluster.prefixes, disk_gib=group.disk_gib),
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
        },
    }


def node_name(address: str, region: str) -> str:
    """The private DNS name, docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html."""
    domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    return f"ip-{address.replace('.', '-')}.{domain}"


def _own_labels(group: Group, machine: Machine, subnet: Subnet, name: str, region: str) -> dict[str, str]:
    labels = {
        HOST: name,
        "kubernetes.io/arch": machine.arch,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": machine.name,
        "topology.kubernetes.io/region": region,
        ZONE: subnet.zone,
        "topology.k8s.aws/zone-id": subnet.zone_id,
        GROUP: group.name,
        "eks.amazonaws.com/capacityType": "SPOT" if group.spot else "ON_DEMAND",
    }
    if group.template:
        labels["eks.amazonaws.com/sourceLaunchTemplateId"] = group.template["id"]
        labels["eks.amazonaws.com/sourceLaunchTemplateVersion"] = group.template["version"]
    return labels


def _instance_id(name: str) -> str:
    return f"i-0{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def said(group: Group) -> str:
    """What a group says of its nodes, written down on them."""
    return json.dumps({"labels": dict(group.labels), "taints": [dict(each) for each in group.taints]}, sort_keys=True)


def retold(node: Values, group: Group) -> Values | None:
    """The merge patch by which a node has what its group says by now; None if it has."""
    before, now = node["metadata"].get("annotations", {}).get(SAID, "{}"), said(group)
    if before == now:
        return None
    old = json.loads(before)
    gone = {key: None for key in old.get("labels", {}) if key not in group.labels}
    others = [taint for taint in node["spec"].get("taints", []) if not _is_among(taint, old.get("taints", []))]
    return {
        # With the version: taints are one list, and node controllers write it too.
        "metadata": {
            "labels": {**gone, **group.labels},
            "annotations": {SAID: now},
            "resourceVersion": node["metadata"]["resourceVersion"],
        },
        "spec": {"taints": [*others, *(dict(taint) for taint in group.taints)]},
    }


def _is_among(taint: Mapping[str, Any], taints: Iterable[Mapping[str, Any]]) -> bool:
    return any((taint["key"], taint["effect"]) == (each["key"], each["effect"]) for each in taints)


def next_subnet(group: Group, nodes: Iterable[Values], lost_zones: Collection[str]) -> Subnet | None:
    """Where Auto Scaling puts the next node: the zone with the fewest; None if all of the group's zones are lost."""
    standing = Counter(node["metadata"]["labels"].get(ZONE) for node in nodes)
    open_ones = [subnet for subnet in group.subnets if subnet.zone not in lost_zones]
    return min(open_ones, key=lambda subnet: (standing[subnet.zone], subnet.zone), default=None)


def free_address(subnet: Subnet, taken: Collection[str], region: str) -> str:
    """The first address of a subnet whose node name nobody has. ValueError if the subnet is full."""
    hosts = list(ipaddress.ip_network(subnet.cidr).hosts())[_AWS_ADDRESSES - 1 :]
    for host in hosts:
        if node_name(str(host), region) not in taken:
            return str(host)
    raise ValueError(f"subnet {subnet.id} has no address left for a node: all {len(hosts)} of {subnet.cidr} are taken")


def is_ready(node: Values) -> bool:
    """Whether its kubelet says that it is."""
    conditions = node.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
