"""NodePools: what a node is, whom it takes, and which changes leave its players alone."""

import base64
import dataclasses
import json
from typing import Any

import pulumi
import pytest

from components.kube.placement import node_selector, tolerations
from components.node_pools import NodePool, NodePools, NodePoolsArgs, group_name
from plan.recorder import Recording
from tests.engine import all_of, build, named, only

GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SYSTEM = NodePool(workload=None, instance_types=("m7i.large",), min_size=2, desired_size=2, max_size=4, disk_gib=50)
GAME = NodePool(
    workload="game-server",
    instance_types=("c7i.2xlarge", "c6i.2xlarge"),
    min_size=3,
    desired_size=5,
    max_size=20,
    disk_gib=100,
)
SPOT = NodePool(
    workload=None,
    capacity="spot",
    instance_types=("m7i.large", "m6i.large", "m6a.large"),
    min_size=0,
    desired_size=1,
    max_size=10,
    disk_gib=50,
)
ARGS = NodePoolsArgs(
    prefix="mmorpg-us-east",
    cluster_name="mmorpg-us-east",
    version="1.35",
    subnets={"private-us-east-1a": "subnet-a", "private-us-east-1b": "subnet-b"},
    pools={"system": SYSTEM, "game": GAME},
    release="1.35.4-20260512",
    security_group="sg-nodes",
)


def pools(**changes: Any) -> Recording:
    return build(lambda: NodePools("us-east", dataclasses.replace(ARGS, **changes)))


def game(built: Recording) -> dict[str, Any]:
    return named(built, "us-east-pool-game", GROUP).inputs


def test_a_game_pool_takes_game_servers_and_nothing_else():
    inputs = game(pools())
    assert inputs["labels"] == {"workload-type": "game-server", "node-type": "cpu-optimized"}
    assert inputs["taints"] == [{"key": "game-server", "value": "true", "effect": "NO_SCHEDULE"}]
    assert inputs["scalingConfig"] == {"minSize": 3, "desiredSize": 5, "maxSize": 20}
    assert inputs["instanceTypes"] == ["c7i.2xlarge", "c6i.2xlarge"]
    assert inputs["capacityType"] == "ON_DEMAND", "a spot notice is two minutes, a game is longer"


def test_nodes_have_the_release_of_the_image_that_is_pinned():
    assert game(pools())["releaseVersion"] == "1.35.4-20260512"


def test_nodes_carry_the_nodes_security_group_and_no_other():
    template = named(pools(), "us-east-pool-game", TEMPLATE).inputs
    assert template["vpcSecurityGroupIds"] == ["sg-nodes"]


def test_a_new_release_or_security_group_rolls_the_nodes_and_replaces_no_group():
    old, new = game(pools()), game(pools(release="1.35.4-20260601", security_group="sg-other"))
    assert {key for key, value in new.items() if value != old.get(key)} == {"releaseVersion"}


def test_an_update_has_the_time_to_drain_every_node_in_turn_and_a_deletion_an_hour():
    small, large = dataclasses.replace(GAME, max_size=3), dataclasses.replace(GAME, max_size=20)
    waits = [
        named(pools(pools={"system": SYSTEM, "game": pool}), "us-east-pool-game", GROUP).options["customTimeouts"]
        for pool in (small, large)
    ]
    # 15 minutes to drain and 5 to start its successor, for each of 20 nodes.
    assert waits == [{"update": "60m", "delete": "60m"}, {"update": "400m", "delete": "60m"}]


def test_groups_that_stand_keep_the_names_they_were_made_with():
    assert group_name("mmorpg-us-east", "game", GAME, ARGS.subnets) == "mmorpg-us-east-game-342536"


def test_the_system_pool_is_open_to_every_pod():
    inputs = named(pools(), "us-east-pool-system", GROUP).inputs
    assert "taints" not in inputs
    assert "labels" not in inputs


def test_pods_of_a_workload_tolerate_and_select_exactly_its_nodes():
    inputs = game(pools())
    (taint,) = inputs["taints"]
    (toleration,) = tolerations("game-server")
    assert (toleration.key, toleration.value, toleration.effect) == (taint["key"], taint["value"], "NoSchedule")
    assert node_selector("game-server").items() <= inputs["labels"].items()


def test_nodes_are_amazon_linux_2023_of_the_clusters_version_and_repair_themselves():
    inputs = game(pools())
    assert (inputs["amiType"], inputs["version"]) == ("AL2023_x86_64_STANDARD", "1.35")
    assert inputs["nodeRepairConfig"] == {"enabled": True}
    assert inputs["updateConfig"] == {"maxUnavailable": 1}
    assert inputs["subnetIds"] == ["subnet-a", "subnet-b"]


def test_a_pod_cannot_fetch_the_nodes_own_credentials():
    options = named(pools(), "us-east-pool-game", TEMPLATE).inputs["metadataOptions"]
    assert options == {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1}


def test_worlds_have_the_socket_buffers_of_a_full_burst_and_other_pools_the_kernels_own():
    built = pools()
    script = base64.b64decode(named(built, "us-east-pool-game", TEMPLATE).inputs["userData"]).decode()
    assert "net.core.rmem_max = 16777216" in script
    assert script.startswith("MIME-Version: 1.0"), "EKS takes nothing else beside its own part"
    assert "userData" not in named(built, "us-east-pool-system", TEMPLATE).inputs


def test_a_nodes_disk_is_encrypted_gp3_of_the_size_given():
    (disk,) = named(pools(), "us-east-pool-game", TEMPLATE).inputs["blockDeviceMappings"]
    assert disk == {
        "deviceName": "/dev/xvda",
        "ebs": {"volumeType": "gp3", "volumeSize": 100, "encrypted": "true", "deleteOnTermination": "true"},
    }


def test_what_is_launched_is_tagged_because_default_tags_do_not_reach_it():
    template = named(pools(tags={"region": "us-east"}), "us-east-pool-game", TEMPLATE).inputs
    tags = {"region": "us-east", "Name": "mmorpg-us-east-game"}
    assert {each["resourceType"]: each["tags"] for each in template["tagSpecifications"]} == {
        "instance": tags,
        "volume": tags,
        "network-interface": tags,
    }
    assert template["tags"] == {"Name": "mmorpg-us-east-game"}, "the template itself has the provider's own"


def test_nodes_may_join_run_pods_pull_images_and_be_reached_without_ssh():
    built = pools()
    role = only(built, "aws:iam/role:Role")
    (statement,) = json.loads(role.resolved["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "ec2.amazonaws.com"}
    attached = all_of(built, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert {each.inputs["policyArn"].rpartition("/")[2] for each in attached} == {
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonSSMManagedInstanceCore",
    }
    group = named(built, "us-east-pool-game", GROUP)
    assert {each.urn for each in attached} <= set(group.depends_on), "a node without its rights never joins"
    assert group.inputs["nodeRoleArn"] == {"$ref": role.urn, "property": "arn"}


def test_nodes_wait_for_what_they_need_to_become_ready():
    def program() -> None:
        cni = pulumi.CustomResource("aws:eks/addon:Addon", "us-east-vpc-cni", {})
        NodePools("us-east", dataclasses.replace(ARGS, after=(cni,)))

    built = build(program)
    for pool in ("system", "game"):
        assert named(built, "us-east-vpc-cni").urn in named(built, f"us-east-pool-{pool}", GROUP).depends_on


def test_the_autoscaler_owns_the_size_after_birth():
    assert named(pools(), "us-east-pool-game", GROUP).options["ignoreChanges"] == ["scalingConfig.desiredSize"]
    larger = pools(pools={"system": SYSTEM, "game": dataclasses.replace(GAME, desired_size=7)})
    changed = {key for key, value in game(larger).items() if value != game(pools())[key]}
    assert changed == {"scalingConfig"}


def test_a_changed_disk_gives_the_template_a_new_version_and_leaves_the_group_its_name():
    old, new = pools(), pools(pools={"system": SYSTEM, "game": dataclasses.replace(GAME, disk_gib=200)})
    assert game(old) == game(new), "the group names the template by id and takes its latest version"
    template = named(old, "us-east-pool-game", TEMPLATE)
    assert game(old)["launchTemplate"] == {
        "id": {"$ref": template.urn, "property": "id"},
        "version": {"$ref": template.urn, "property": "latestVersion"},
    }
    assert template.inputs["name"] == "mmorpg-us-east-game"


@pytest.mark.parametrize(
    ("pool", "subnets"),
    [
        (dataclasses.replace(GAME, instance_types=("c7i.4xlarge",)), ARGS.subnets),
        (dataclasses.replace(GAME, arch="arm64"), ARGS.subnets),
        (SPOT, ARGS.subnets),
        (GAME, {**ARGS.subnets, "private-us-east-1c": "subnet-c"}),
        (GAME, {"public-us-east-1a": "subnet-a", "public-us-east-1b": "subnet-b"}),
    ],
)
def test_what_eks_replaces_a_group_for_gives_it_a_new_name_so_that_both_can_stand_side_by_side(
    pool: NodePool, subnets: dict[str, str]
):
    old = group_name("mmorpg-us-east", "game", GAME, ARGS.subnets)
    new = group_name("mmorpg-us-east", "game", pool, subnets)
    assert old != new
    assert old.startswith("mmorpg-us-east-game-")
    assert new.startswith("mmorpg-us-east-game-")


def test_what_eks_changes_in_place_leaves_the_groups_name():
    grown = dataclasses.replace(GAME, min_size=5, desired_size=9, max_size=40, disk_gib=200)
    assert group_name("p", "game", grown, ARGS.subnets) == group_name("p", "game", GAME, reversed(list(ARGS.subnets)))


def test_another_pool_changes_nothing_of_the_first():
    old, new = pools().by_urn(), pools(pools={"extra": SYSTEM, **ARGS.pools}).by_urn()
    assert {urn: resource.inputs for urn, resource in old.items()} == {urn: new[urn].inputs for urn in old}


def test_a_region_whose_every_pool_is_tainted_is_refused():
    with pytest.raises(ValueError, match="add a pool without `workload`"):
        dataclasses.replace(ARGS, pools={"game": GAME})


def test_a_group_name_that_eks_would_refuse_is_refused_with_its_length():
    with pytest.raises(ValueError, match=r"node_pools\.p{45}: the group's name .* has 67 characters, EKS takes 63"):
        dataclasses.replace(ARGS, pools={"p" * 45: SYSTEM})
