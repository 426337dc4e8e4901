"""By how many nodes a group grows for pods that fit nowhere, and for which pods it does not."""

from typing import Any

import pytest

from embedded.control_plane.keeper.pod_needs import may_stand_on, requests
from embedded.control_plane.keeper.raising import Pending, is_unschedulable, nodes_for

NODE: dict[str, Any] = {
    "metadata": {"labels": {"topology.kubernetes.io/zone": "us-east-1a", "workload-type": "game-server"}},
    "spec": {"taints": [{"key": "game-server", "value": "true", "effect": "NoSchedule"}]},
    "status": {"allocatable": {"cpu": "3920m", "memory": "6584Mi", "pods": "110"}},
}
TOLERATION = {"key": "game-server", "operator": "Equal", "value": "true", "effect": "NoSchedule"}


def pod(cpu: str = "1", memory: str = "1Gi", name: str = "world-0", **spec: Any) -> dict[str, Any]:
    container = {"name": "world", "resources": {"requests": {"cpu": cpu, "memory": memory}}}
    usual = {"containers": [container], "tolerations": [TOLERATION]}
    return {"metadata": {"name": name, "labels": {"app": "world"}}, "spec": usual | spec, "status": {}}


def needed(*pods: dict[str, Any], most: int = 10) -> tuple[int, int]:
    """Nodes, and pods that find room on them."""
    count, placed = nodes_for([Pending(each) for each in pods], NODE, most)
    return count, len(placed)


def test_three_worlds_of_one_core_fit_on_a_node_and_the_fourth_takes_another():
    assert needed(*[pod()] * 3) == (1, 3)
    assert needed(*[pod()] * 4) == (2, 4)


def test_no_more_nodes_than_the_group_may_have():
    assert needed(*[pod(cpu="3")] * 5, most=2) == (2, 2)


def test_a_pod_that_no_empty_node_has_room_for_brings_none():
    assert needed(pod(cpu="4")) == (0, 0)
    assert needed(pod(memory="7Gi")) == (0, 0)


def test_a_pod_without_the_toleration_or_for_other_nodes_brings_none():
    assert needed(pod(tolerations=[])) == (0, 0)
    assert needed(pod(nodeSelector={"workload-type": "database"})) == (0, 0)


def test_pods_that_want_a_host_each_get_one_each():
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "world"}}}
    apart = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    assert needed(*[pod(cpu="100m", affinity=apart)] * 3) == (3, 3)


@pytest.mark.parametrize(("zone", "nodes"), [("us-east-1a", 1), ("us-east-1b", 0)])
def test_a_pod_bound_to_a_volume_brings_a_node_only_in_the_volumes_zone(zone: str, nodes: int):
    here = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}
    volume = {"spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}}}}
    assert nodes_for([Pending(pod(), (volume,))], NODE, 10)[0] == nodes


@pytest.mark.parametrize(
    ("operator", "values", "holds"),
    [
        ("In", ["game-server"], True),
        ("In", ["database"], False),
        ("NotIn", ["database"], True),
        ("Exists", [], True),
        ("DoesNotExist", [], False),
    ],
)
def test_required_node_affinity_is_read(operator: str, values: list[str], holds: bool):
    term = {"matchExpressions": [{"key": "workload-type", "operator": operator, "values": values}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}
    assert may_stand_on(pod(affinity=affinity), NODE) is holds


def test_a_sidecar_counts_beside_the_containers_and_another_init_container_only_alone():
    def init(name: str, cpu: str, **more: str) -> dict[str, Any]:
        return {"name": name, "resources": {"requests": {"cpu": cpu}}, **more}

    sidecar = init("proxy", "200m", restartPolicy="Always")
    counted = requests(pod(cpu="1", initContainers=[sidecar, init("warm-up", "1500m")], overhead={"cpu": "50m"}))
    assert counted["cpu"] == 1750  # 200 + 1500 while it starts, 200 + 1000 after, and 50 in any case
    assert counted["pods"] == 1


def test_only_what_the_scheduler_gave_up_on_counts_as_unschedulable():
    refused = {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}
    gated = {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]}
    assert is_unschedulable({**pod(), "status": refused})
    assert not is_unschedulable({**pod(), "status": gated})
    assert not is_unschedulable({**pod(nodeName="ip-10-0-0-4"), "status": refused})
