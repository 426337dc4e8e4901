"""Pools as they are read from a recording, and how nodes are made: cheapest fit, limits, growth, reasons."""

from typing import Any

import pytest

from components.karpenter.specs import KarpenterPool, PeakHours, node_pools
from components.kube.compute import Compute
from plan.placement.pools import pools
from plan.placement.region import lose_zone, place_pods
from plan.placement.shapes import Pod, Pool, Room
from plan.recorder import Recording
from plan.registration import RecordedResource
from stacks.settings import RegionSettings, parse_settings
from tests.stacks.sample import REGION

GIB = 1024**2
ZONES = ("us-east-1a", "us-east-1b")
PEAK = PeakHours(schedule="0 17 * * *", hours=6)
SPOT = {"key": "spot", "operator": "Equal", "value": "true", "effect": "NoSchedule"}
SETTINGS: RegionSettings = parse_settings(
    {"cloud": "embedded", "game": "mmorpg", "protect": False, "regions": {"us-east": REGION}}
).regions["us-east"]


def resource(type_: str, name: str, inputs: dict[str, Any]) -> RecordedResource:
    return RecordedResource(
        urn=f"urn:{name}",
        type=type_,
        name=f"us-east-{name}",
        parent=None,
        provider=None,
        region="us-east",
        custom=True,
        inputs=inputs,
        resolved=inputs,
        secrets=[],
        depends_on=[],
        protect=False,
        options={},
    )


def read(*resources: RecordedResource) -> list[Pool]:
    subnets = [
        resource("aws:ec2/subnet:Subnet", f"private-{zone}", {"availabilityZone": zone, "id": zone}) for zone in ZONES
    ]
    return pools(Recording(stack="dev", resources=[*subnets, *resources], outputs={}), "us-east", SETTINGS)


def group(name: str, *zones: str, **more: Any) -> RecordedResource:
    """A managed group of m7i.large: one node, at most three."""
    inputs = {
        "nodeGroupName": f"mmorpg-us-east-{name}",
        "instanceTypes": ["m7i.large", "m6i.large"],
        "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 3},
        "subnetIds": [{"$ref": f"urn:private-{zone}", "property": "id"} for zone in zones],
        **more,
    }
    return resource("aws:eks/nodeGroup:NodeGroup", f"pool-{name}", inputs)


def karpenter(cpu: str = "64", workload: Any = None, **more: Any) -> list[RecordedResource]:
    """Karpenter's NodePools of one pool of c7i and m7i, from xlarge to 4xlarge."""
    figures: dict[str, Any] = {"families": ("m7i", "c7i"), "sizes": ("xlarge", "2xlarge", "4xlarge"), **more}
    pool = KarpenterPool(workload=workload, arch="amd64", limits=Compute(cpu=cpu, memory="256Gi"), **figures)
    return [
        resource("kubernetes:karpenter.sh/v1:NodePool", name, {"metadata": {"name": name}, "spec": spec})
        for name, spec in node_pools({"services": pool}, ZONES, PEAK, 60).items()
    ]


def pod(name: str, cpu: int, memory: int = GIB, **more: Any) -> Pod:
    owner = "Deployment game/" + name.partition("-")[0]
    wanted: dict[str, Any] = {"tolerations": (SPOT,), "labels": {"app": "x"}, **more}
    return Pod(name=name, namespace="game", owner=owner, urn="urn", asks=Room(cpu, memory, 1), **wanted)


def test_a_managed_group_keeps_the_size_it_starts_with_where_nothing_scales_it():
    (pool,) = read(group("game", *ZONES, taints=[{"key": "game-server", "value": "true", "effect": "NO_SCHEDULE"}]))
    assert (pool.name, pool.zones, pool.nodes, pool.most) == ("game", ZONES, 1, 1)
    assert [choice.instance_type for choice in pool.choices] == ["m7i.large"], "on demand, the first type comes first"
    assert pool.taints == ({"key": "game-server", "value": "true", "effect": "NoSchedule"},)
    assert pool.choices[0].room.pods == 29, "without prefixes addresses bound the pods"


def test_the_cluster_autoscaler_lets_groups_grow_to_their_greatest_size():
    release = resource("kubernetes:helm.sh/v3:Release", "cluster-autoscaler", {"chart": "cluster-autoscaler"})
    (pool,) = read(group("system", *ZONES), release)
    assert pool.most == 3
    placed = place_pods("us-east", [pool], [pod(f"chat-{index}", 1500) for index in range(4)])
    assert [node.zone for node in placed.nodes] == ["us-east-1a", "us-east-1b", "us-east-1a"]
    (pending,) = placed.pending
    assert pending.reason == "of 3 nodes 3 short of CPU (1500m asked)"


def test_prefixes_of_the_cni_allow_110_pods():
    cni = {"addonName": "vpc-cni", "configurationValues": '{"env": {"ENABLE_PREFIX_DELEGATION": "true"}}'}
    (pool,) = read(group("system", *ZONES), resource("aws:eks/addon:Addon", "vpc-cni", cni))
    assert pool.choices[0].room.pods == 110


def test_a_zonal_group_is_a_part_of_its_pool_and_is_not_made_again_in_another_zone():
    (pool,) = read(group("database-us-east-1a", "us-east-1a"))
    assert (pool.name, pool.of) == ("database-us-east-1a", "database")
    assert lose_zone(place_pods("us-east", [pool], []), "us-east-1a").nodes == ()


def test_a_group_over_zones_makes_its_lost_nodes_again_in_the_zones_that_are_left():
    (pool,) = read(group("system", *ZONES, scalingConfig={"minSize": 1, "desiredSize": 4, "maxSize": 4}))
    after = lose_zone(place_pods("us-east", [pool], []), "us-east-1b")
    assert [node.zone for node in after.nodes] == ["us-east-1a"] * 4


def test_a_node_pool_offers_its_types_the_cheapest_first_with_karpenters_own_labels():
    (pool,) = read(*karpenter())
    assert [choice.instance_type for choice in pool.choices] == [
        *("c7i.xlarge", "m7i.xlarge"),
        *("c7i.2xlarge", "m7i.2xlarge"),
        *("c7i.4xlarge", "m7i.4xlarge"),
    ]
    assert (pool.nodes, pool.most, pool.limits) == (0, None, Room(64_000, 256 * GIB, 0))
    assert pool.labels["karpenter.sh/nodepool"] == "services"
    assert pool.labels["karpenter.sh/capacity-type"] == "spot"


def test_a_database_pool_of_karpenters_is_one_in_each_zone():
    found = read(*karpenter(workload="database", families=("r7i",)))
    assert [(pool.name, pool.of, pool.zones) for pool in found] == [
        (f"services-{zone}", "services", (zone,)) for zone in ZONES
    ]


def test_one_small_pod_gets_the_smallest_type_and_one_with_much_memory_the_next_family():
    (pool,) = read(*karpenter())
    (small,) = place_pods("us-east", [pool], [pod("chat-0", 500)]).nodes
    (large,) = place_pods("us-east", [pool], [pod("chat-0", 500, 12 * GIB)]).nodes
    assert (small.choice.instance_type, large.choice.instance_type) == ("c7i.xlarge", "m7i.xlarge")


def test_many_small_pods_share_one_node_that_grows_until_the_largest_type_is_full():
    (pool,) = read(*karpenter())
    placed = place_pods("us-east", [pool], [pod(f"chat-{index:02}", 1000) for index in range(20)])
    assert [node.choice.instance_type for node in placed.nodes] == ["c7i.4xlarge", "c7i.2xlarge"]
    assert placed.pending == ()


def test_limits_end_the_growth_and_the_rest_waits():
    (pool,) = read(*karpenter(cpu="8"))
    placed = place_pods("us-east", [pool], [pod(f"chat-{index:02}", 1000) for index in range(9)])
    assert [node.choice.instance_type for node in placed.nodes] == ["c7i.2xlarge"]
    assert {pending.reason for pending in placed.pending} == {"of 1 nodes 1 short of CPU (1000m asked)"}
    assert len(placed.pending) == 2


def test_a_pod_that_does_not_tolerate_the_pools_taint_gets_no_node_made():
    placed = place_pods("us-east", read(group("system", *ZONES), *karpenter()), [pod("chat-0", 4000, tolerations=())])
    assert [pending.reason for pending in placed.pending] == ["of 1 nodes 1 short of CPU (4000m asked)"]


def test_a_pod_may_choose_its_instance_family():
    (pool,) = read(*karpenter())
    chosen = pod("chat-0", 500, node_selector={"karpenter.k8s.aws/instance-family": "m7i"})
    (node,) = place_pods("us-east", [pool], [chosen]).nodes
    assert node.choice.instance_type == "m7i.xlarge"


@pytest.mark.parametrize(("first", "second"), [(0, 10), (10, 0)])
def test_of_two_pods_for_one_place_the_one_of_higher_priority_gets_it(first: int, second: int):
    (pool,) = read(group("system", *ZONES))
    placed = place_pods("us-east", [pool], [pod("a-0", 1500, priority=first), pod("b-0", 1500, priority=second)])
    assert [pending.pod.priority for pending in placed.pending] == [0]
