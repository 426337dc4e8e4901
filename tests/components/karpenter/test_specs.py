"""NodePools and node class: what a node is, whom it takes, and when it may be taken away."""

import email
from typing import Any

import pytest

from components.game.sessions import DRAIN
from components.karpenter.specs import (
    SYSCTLS,
    KarpenterPool,
    PeakHours,
    chart_values,
    node_class,
    node_pools,
    user_data,
)
from components.kube.compute import Compute
from components.kube.placement import node_labels, node_taint

LIMITS = Compute(cpu="1000", memory="1000Gi")
STATELESS = KarpenterPool(
    workload=None, arch="amd64", families=("c7i", "m7i"), sizes=("large", "xlarge"), limits=LIMITS
)
GAME = KarpenterPool(workload="game-server", arch="amd64", families=("c7i",), sizes=("xlarge",), limits=LIMITS)
DATABASE = KarpenterPool(workload="database", arch="arm64", families=("r7g",), sizes=("xlarge",), limits=LIMITS)
POOLS = {"services": STATELESS, "worlds": GAME, "data": DATABASE}
ZONES = ("us-east-1a", "us-east-1b")
PEAK = PeakHours(schedule="0 21 * * *", hours=7)


def pools() -> dict[str, dict[str, Any]]:
    return node_pools(POOLS, ZONES, PEAK, DRAIN.node_grace_seconds)


def template(pool: str) -> dict[str, Any]:
    spec: dict[str, Any] = pools()[pool]["template"]["spec"]
    return spec


def allowed(pool: str, key: str) -> list[str]:
    (requirement,) = [r for r in template(pool)["requirements"] if r["key"] == key]
    assert requirement["operator"] == "In"
    values: list[str] = requirement["values"]
    return values


def test_a_database_pool_stands_in_each_zone_because_a_volume_never_leaves_its_own():
    assert list(pools()) == ["services", "worlds", "data-us-east-1a", "data-us-east-1b"]
    for zone in ZONES:
        assert allowed(f"data-{zone}", "topology.kubernetes.io/zone") == [zone]


@pytest.mark.parametrize("pool", ["worlds", "data-us-east-1a"])
def test_nodes_of_players_and_data_are_on_demand_never_expire_and_go_only_when_empty(pool: str):
    assert allowed(pool, "karpenter.sh/capacity-type") == ["on-demand"], "a spot notice is two minutes"
    assert template(pool)["expireAfter"] == "Never", "expiry is forceful and asks no budget"
    disruption = pools()[pool]["disruption"]
    assert (disruption["consolidationPolicy"], disruption["consolidateAfter"]) == ("WhenEmpty", "10m")
    assert template(pool)["terminationGracePeriod"] == "2125s"


@pytest.mark.parametrize(("pool", "workload"), [("worlds", "game-server"), ("data-us-east-1b", "database")])
def test_a_pool_of_a_workload_is_labelled_and_tainted_as_its_pods_expect(pool: str, workload: str):
    key, value = node_taint(workload)
    assert template(pool)["taints"] == [{"key": key, "value": value, "effect": "NoSchedule"}]
    assert pools()[pool]["template"]["metadata"]["labels"] == node_labels(workload)


def test_the_drain_formula_keeps_a_node_longer_than_its_last_world():
    assert int(template("worlds")["terminationGracePeriod"].removesuffix("s")) > DRAIN.pod_grace_seconds


def test_services_stand_on_spot_where_there_is_any_and_are_packed_after_30_seconds():
    assert allowed("services", "karpenter.sh/capacity-type") == ["spot", "on-demand"]
    assert template("services")["taints"] == [{"key": "spot", "value": "true", "effect": "NoSchedule"}]
    assert pools()["services"]["template"]["metadata"]["labels"] == {"node-type": "spot"}
    disruption = pools()["services"]["disruption"]
    assert (disruption["consolidationPolicy"], disruption["consolidateAfter"]) == ("WhenEmptyOrUnderutilized", "30s")
    assert (template("services")["expireAfter"], template("services")["terminationGracePeriod"]) == ("504h", "30m")


def test_no_gate_of_karpenters_is_turned_on_beyond_the_charts_own():
    settings = chart_values("c", "q", region="us-east-1", zonal_shift=True)["settings"]
    assert "featureGates" not in settings, "spot is not swapped for cheaper spot, an alpha gate"


@pytest.mark.parametrize("pool", ["worlds", "data-us-east-1a", "data-us-east-1b"])
def test_at_the_peak_only_empty_nodes_go_and_else_one_at_a_time(pool: str):
    assert "terminationGracePeriod" in template(pool), "so a drifted node drains whatever its pods say"
    assert pools()[pool]["disruption"]["budgets"] == [
        {"nodes": "100%", "reasons": ["Empty"]},
        {"nodes": "1", "reasons": ["Drifted", "Underutilized"]},
        {"nodes": "0", "reasons": ["Drifted", "Underutilized"], "schedule": "0 21 * * *", "duration": "7h"},
    ]


def test_at_the_peak_services_are_packed_but_get_no_new_image():
    assert pools()["services"]["disruption"]["budgets"] == [
        {"nodes": "10%"},
        {"nodes": "0", "reasons": ["Drifted"], "schedule": "0 21 * * *", "duration": "7h"},
    ]


def test_every_pool_is_bounded_of_one_architecture_and_takes_its_families_in_its_sizes():
    for pool, spec in pools().items():
        assert spec["limits"] == {"cpu": "1000", "memory": "1000Gi"}
        assert allowed(pool, "kubernetes.io/arch") == ["arm64" if pool.startswith("data") else "amd64"]
    assert allowed("services", "karpenter.k8s.aws/instance-family") == ["c7i", "m7i"]
    assert allowed("services", "karpenter.k8s.aws/instance-size") == ["large", "xlarge"]


def test_a_node_is_the_pinned_image_found_in_its_own_cluster_by_tag():
    spec = node_class("mmorpg-us-east", "mmorpg-us-east-karpenter-node", "1.35.4-20260512", {})
    assert spec["amiSelectorTerms"] == [{"alias": "al2023@v20260512"}]
    assert spec["role"] == "mmorpg-us-east-karpenter-node", "a role; an instance profile is refused here"
    found = [{"tags": {"karpenter.sh/discovery": "mmorpg-us-east"}}]
    assert spec["subnetSelectorTerms"] == spec["securityGroupSelectorTerms"] == found
    assert spec["kubelet"] == {"maxPods": 110}


def test_in_a_network_that_exists_nodes_stand_in_the_subnets_named():
    spec = node_class("mmorpg-us-east", "r", "1.35.4-20260512", {}, ["subnet-0a1", "subnet-0a2"])
    assert spec["subnetSelectorTerms"] == [{"id": "subnet-0a1"}, {"id": "subnet-0a2"}]
    assert spec["securityGroupSelectorTerms"] == [{"tags": {"karpenter.sh/discovery": "mmorpg-us-east"}}]


def test_a_pod_cannot_fetch_the_nodes_own_credentials():
    options = node_class("c", "r", "1.35.4-20260512", {})["metadataOptions"]
    assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", 1)


def test_a_nodes_disk_is_100_gib_of_encrypted_gp3_that_goes_with_it():
    (disk,) = node_class("c", "r", "1.35.4-20260512", {})["blockDeviceMappings"]
    assert (disk["deviceName"], disk["rootVolume"]) == ("/dev/xvda", True)
    assert disk["ebs"] == {
        "volumeType": "gp3",
        "volumeSize": "100Gi",
        "iops": 3000,
        "encrypted": True,
        "deleteOnTermination": True,
    }


def test_what_is_launched_carries_the_regions_tags_because_default_tags_do_not_reach_it():
    tags = node_class("mmorpg-us-east", "r", "1.35.4-20260512", {"CostCenter": "gaming"})["tags"]
    assert tags == {"CostCenter": "gaming", "Name": "mmorpg-us-east-karpenter", "ManagedBy": "karpenter"}


def test_user_data_is_one_script_that_sets_the_socket_buffers():
    (script,) = email.message_from_string(user_data()).get_payload()
    assert script.get_content_type() == "text/x-shellscript"
    text = script.get_payload()
    assert text.startswith("#!/bin/bash\nset -euo pipefail\n")
    assert {key: f"{key} = {value}\n" in text for key, value in SYSCTLS.items()} == dict.fromkeys(SYSCTLS, True)
    assert SYSCTLS["net.core.rmem_max"] == SYSCTLS["net.core.wmem_max"] == 16 * 1024**2
    assert SYSCTLS["net.core.rmem_default"] == SYSCTLS["net.core.wmem_default"] == 256 * 1024
