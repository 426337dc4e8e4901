"""Pure: which pods stand on which nodes. Node pools and pods read the same names from here, so they always match."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pulumi_kubernetes as k8s

from components.kube.labels import WORKLOAD_LABEL

NODE_TYPE_LABEL = "node-type"
HOST = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"

# What machines a workload wants, as a label for people and dashboards.
_NODE_TYPES: Mapping[str, str] = MappingProxyType({"game-server": "cpu-optimized", "database": "memory-optimized"})


def node_labels(workload: str) -> dict[str, str]:
    """Labels of the nodes that are kept for one workload: `game-server` or `database`."""
    return {WORKLOAD_LABEL: workload, NODE_TYPE_LABEL: _NODE_TYPES[workload]}


def node_taint(workload: str) -> tuple[str, str]:
    """Key and value of the taint (effect NoSchedule) that keeps all other pods off a workload's nodes."""
    return workload, "true"


def node_selector(workload: str) -> dict[str, str]:
    """Selector of pods that belong to a workload: its nodes and no others."""
    return {WORKLOAD_LABEL: workload}


def tolerations(workload: str) -> Sequence[k8s.core.v1.TolerationArgs]:
    """What lets a workload's pods onto its tainted nodes."""
    key, value = node_taint(workload)
    return [k8s.core.v1.TolerationArgs(key=key, operator="Equal", value=value, effect="NoSchedule")]


def one_per_host(selector: Mapping[str, str]) -> k8s.core.v1.AffinityArgs:
    """Never two of the selected pods on one node."""
    term = k8s.core.v1.PodAffinityTermArgs(
        label_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=selector), topology_key=HOST
    )
    return k8s.core.v1.AffinityArgs(
        pod_anti_affinity=k8s.core.v1.PodAntiAffinityArgs(required_during_scheduling_ignored_during_execution=[term])
    )


def spread_over_zones(selector: Mapping[str, str]) -> k8s.core.v1.TopologySpreadConstraintArgs:
    """The selected pods evenly over the zones, as far as the zones have room.

    A preference and not a rule: a pod with a volume can stand in its volume's zone only, and a rule would keep it down
    for as long as some other zone is out of machines.
    """
    return k8s.core.v1.TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=ZONE,
        when_unsatisfiable="ScheduleAnyway",
        label_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=selector),
    )
