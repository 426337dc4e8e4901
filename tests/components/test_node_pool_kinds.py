"""NodePools of other kinds: databases in every zone, spot for what bears it, Arm."""

import dataclasses
from typing import Any

import pytest

from components.node_pools import NodePool
from plan.recorder import Recording
from tests.components.test_node_pools import ARGS, GAME, GROUP, SPOT, SYSTEM, game, pools
from tests.engine import all_of, named

DATABASE = NodePool(
    workload="database",
    instance_types=("r7i.xlarge", "r6i.xlarge"),
    min_size=2,
    desired_size=2,
    max_size=4,
    disk_gib=500,
)


def database(built: Recording) -> dict[str, dict[str, Any]]:
    return {group.name: group.inputs for group in all_of(built, GROUP) if "database" in group.name}


def test_a_database_pool_is_labelled_and_tainted_for_databases_in_every_zone():
    for inputs in database(pools(pools={"system": SYSTEM, "database": DATABASE})).values():
        assert inputs["labels"] == {"workload-type": "database", "node-type": "memory-optimized"}
        assert inputs["taints"] == [{"key": "database", "value": "true", "effect": "NO_SCHEDULE"}]


def test_a_database_pool_has_a_group_in_each_zone_with_its_share_of_the_nodes():
    built = pools(pools={"system": SYSTEM, "database": DATABASE})
    groups = database(built)
    assert {name: inputs["subnetIds"] for name, inputs in groups.items()} == {
        "us-east-pool-database-us-east-1a": ["subnet-a"],
        "us-east-pool-database-us-east-1b": ["subnet-b"],
    }, "a volume stays in its zone, and only a node of that zone can take its pod"
    for name, inputs in groups.items():
        assert inputs["scalingConfig"] == {"minSize": 1, "desiredSize": 1, "maxSize": 2}
        assert inputs["nodeGroupName"].startswith(f"mmorpg-{name.replace('-pool', '')}-")
    assert len({inputs["launchTemplate"]["id"]["$ref"] for inputs in groups.values()}) == 1


def test_databases_stand_in_subnets_of_their_own_where_there_are_some():
    own = {"database-us-east-1a": "subnet-da", "database-us-east-1b": "subnet-db"}
    built = pools(pools={"system": SYSTEM, "database": DATABASE}, database_subnets=own)
    assert sorted(inputs["subnetIds"] for inputs in database(built).values()) == [["subnet-da"], ["subnet-db"]]
    assert named(built, "us-east-pool-system", GROUP).inputs["subnetIds"] == ["subnet-a", "subnet-b"]


def test_another_zone_leaves_the_databases_of_the_first_ones_alone():
    old = pools(pools={"system": SYSTEM, "database": DATABASE})
    three = dataclasses.replace(DATABASE, min_size=3, desired_size=3, max_size=6)
    more = {**ARGS.subnets, "private-us-east-1c": "subnet-c"}
    new = pools(pools={"system": SYSTEM, "database": three}, subnets=more)
    assert database(old).items() <= database(new).items()


def test_a_database_pool_whose_nodes_do_not_split_over_the_zones_is_refused():
    uneven = dataclasses.replace(DATABASE, min_size=1, max_size=3)
    with pytest.raises(ValueError, match=r"node_pools\.database: min_size 1, max_size 3 cannot be split evenly over 2"):
        dataclasses.replace(ARGS, pools={"system": SYSTEM, "database": uneven})


def test_a_spot_pool_takes_only_pods_that_tolerate_to_lose_their_node():
    inputs = named(pools(pools={"system": SYSTEM, "services": SPOT}), "us-east-pool-services", GROUP).inputs
    assert inputs["capacityType"] == "SPOT"
    assert inputs["labels"] == {"node-type": "spot"}
    assert inputs["taints"] == [{"key": "spot", "value": "true", "effect": "NO_SCHEDULE"}]


def test_worlds_and_databases_are_never_on_spot():
    with pytest.raises(ValueError, match="game-server on spot capacity would lose its nodes at two minutes' notice"):
        dataclasses.replace(SPOT, workload="game-server")


def test_a_spot_pool_needs_three_instance_types_to_choose_from():
    with pytest.raises(ValueError, match="2 instance types are too few for spot capacity; give 3 or more"):
        dataclasses.replace(SPOT, instance_types=("m7i.large", "m6i.large"))


def test_system_pods_cannot_live_on_spot_alone():
    with pytest.raises(ValueError, match="add a pool without `workload`"):
        dataclasses.replace(ARGS, pools={"services": SPOT, "game": GAME})


def test_nodes_of_arm_have_the_image_of_their_architecture():
    arm = dataclasses.replace(GAME, arch="arm64", instance_types=("c7g.2xlarge",))
    assert game(pools(pools={"system": SYSTEM, "game": arm}))["amiType"] == "AL2023_ARM_64_STANDARD"
