"""What a change of a figure does to what stands: exactly the inputs it must, and no logical name renamed."""

import copy
from functools import cache
from typing import Any

import pytest

from plan.recorder import Recording
from tests.shipped import recording_of
from tests.updates import Changes, Edit, compare, recorded, update

REGION = "us-east"


def of(*path: str) -> Any:
    """An edit's way down to a part of the region's settings."""

    def part(raw: dict[str, Any]) -> Any:
        found = raw["regions"][REGION]
        for key in path:
            found = found[key]
        return found

    return part


def with_region(name: str, aws_region: str) -> Edit:
    """An edit that adds a copy of the region elsewhere."""

    def edit(raw: dict[str, Any]) -> None:
        region = copy.deepcopy(raw["regions"][REGION])
        letters = [zone[-1] for zone in region["network"]["zones"]]
        region["aws"]["region"] = aws_region
        region["network"].update(
            cidr="10.99.0.0/16", pods="100.99.0.0/16", zones=[f"{aws_region}{letter}" for letter in letters]
        )
        raw["regions"][name] = region

    return edit


# The registry above the regions sends its images to each of them.
COPIES = {
    "ReplicationConfiguration edge-registry-us-east-1-replication": {"replicationConfiguration.rules[0].destinations"}
}


def test_the_same_settings_change_nothing():
    assert update("dev", lambda _: None) == Changes([], [], {})


def three_regions(raw: dict[str, Any]) -> None:
    """Enough of prod for what lies between regions: whole, it takes seconds to record."""
    raw["regions"] = {name: raw["regions"][name] for name in (REGION, "us-west", "eu-west")}


@cache
def small_prod() -> Recording:
    return recorded("prod", three_regions)


def update_of_small_prod(edit: Edit) -> Changes:
    def both(raw: dict[str, Any]) -> None:
        three_regions(raw)
        edit(raw)

    return compare(small_prod(), recorded("prod", both))


def test_a_new_region_leaves_all_that_stands_untouched():
    changes = update_of_small_prod(with_region("eu-central", "eu-central-1"))
    assert changes.changed == COPIES
    assert changes.removed == []
    edge = {"Record edge-delegation-eu-central", "Zone edge-zone-eu-central"}
    others = [label for label in changes.added if label not in edge]
    assert edge <= set(changes.added)
    assert {"eu-central" in label for label in others} == {True}, "its own, and the others' ends of the ways to it"
    own = [label for label in others if "-peer-" not in label and "edge-registry-" not in label]
    assert {label.split()[1].startswith("eu-central") for label in own} == {True}
    mine = [r for r in small_prod().resources if r.region == REGION and "-peer-" not in r.name]
    assert len(own) == len(mine), "a region of the same shape is made of the same resources"


def test_a_region_taken_out_takes_only_what_is_its_own():
    changes = update_of_small_prod(lambda raw: raw["regions"].pop("eu-west"))
    assert changes.changed == COPIES
    assert changes.added == []
    own = ("eu-west", "edge-delegation-eu-west", "edge-zone-eu-west", "edge-registry-eu-west-1")
    gone = [label for label in changes.removed if "-peer-eu-west" not in label]
    assert {label.split()[1].startswith(own) for label in gone} == {True}


def test_the_order_of_regions_in_the_file_changes_nothing():
    def edit(raw: dict[str, Any]) -> None:
        raw["regions"] = dict(reversed(raw["regions"].items()))

    assert update_of_small_prod(edit) == Changes([], [], {})


def test_a_new_kubernetes_version_changes_control_plane_nodes_and_addons_in_place():
    changes = update("dev", lambda raw: of("cluster")(raw).update(version="1.34"))
    assert changes == Changes(
        added=[],
        removed=[],
        changed={
            "Addon us-east-addons-coredns": {"addonVersion"},
            "Addon us-east-node-addons-kube-proxy": {"addonVersion"},
            "Addon us-east-node-addons-vpc-cni": {"addonVersion"},
            "Cluster us-east-cluster": {"version"},
            "Namespace us-east-namespace": {
                f"metadata.labels.pod-security.kubernetes.io/{mode}-version" for mode in ("audit", "enforce", "warn")
            },
            "NodeGroup us-east-pool-game": {"releaseVersion", "version"},
            "NodeGroup us-east-pool-system": {"releaseVersion", "version"},
        },
    )


CONTAINER = "spec.template.spec.containers[0]"


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        pytest.param(
            lambda raw: of("worlds")(raw).update(image="mmorpg/game-server:v2.2.0"),
            {"StatefulSet us-east-worlds": {f"{CONTAINER}.image"}},
            id="a release of the game changes one image",
        ),
        pytest.param(
            lambda raw: of("worlds")(raw).update(count=2),
            {"StatefulSet us-east-worlds": {"spec.replicas"}},
            id="a world less changes one number",
        ),
        pytest.param(
            lambda raw: of("worlds")(raw).update(players_per_world=1500),
            {
                "StatefulSet us-east-worlds": {f"{CONTAINER}.env[2].value"},
                "PrometheusRule us-east-alerts": {
                    "spec.groups[0].rules[0].annotations.summary",
                    "spec.groups[0].rules[0].expr",
                },
            },
            id="seats per world change one variable and the alert on them",
        ),
        pytest.param(
            lambda raw: of("worlds")(raw).update(storage_gib=20),
            {"StatefulSet us-east-worlds": {"spec.volumeClaimTemplates[0].spec.resources.requests.storage"}},
            id="storage changes the claim template alone",
        ),
        pytest.param(
            lambda raw: of("node_pools", "game")(raw).update(max_size=9),
            {"NodeGroup us-east-pool-game": {"scalingConfig.maxSize"}},
            id="a larger pool changes its own bound",
        ),
        pytest.param(
            lambda raw: of("node_pools", "game")(raw).update(disk_gib=200),
            {"LaunchTemplate us-east-pool-game": {"blockDeviceMappings[0].ebs.volumeSize"}},
            id="a larger disk changes the launch template in place",
        ),
        pytest.param(
            lambda raw: of("cluster", "public_access_cidrs")(raw).append("198.51.100.0/24"),
            {"Cluster us-east-cluster": {"vpcConfig.publicAccessCidrs"}},
            id="one more office changes who may reach the API",
        ),
        pytest.param(
            lambda raw: of("cluster")(raw).update(log_retention_days=7),
            {"LogGroup us-east-control-plane": {"retentionInDays"}},
            id="log retention changes the log group",
        ),
        pytest.param(
            lambda raw: of("namespace")(raw).update(quota={"pods": 300}),
            {"ResourceQuota us-east-quota": {"spec.hard.pods"}},
            id="a quota changes the quota",
        ),
    ],
)
def test_a_figure_changes_only_what_it_stands_for(edit: Edit, changed: dict[str, set[str]]):
    assert update("dev", edit) == Changes([], [], changed)


def test_other_instance_types_give_the_pool_a_new_name_so_that_it_is_made_before_the_old_one_goes():
    changes = update("dev", lambda raw: of("node_pools", "game")(raw).update(instance_types=["c7i.2xlarge"]))
    assert changes == Changes([], [], {"NodeGroup us-east-pool-game": {"instanceTypes", "nodeGroupName"}})


def test_a_new_pool_leaves_the_others_alone():
    def edit(raw: dict[str, Any]) -> None:
        pools = of("node_pools")(raw)
        pools["night"] = dict(pools["system"])

    changes = update("dev", edit)
    assert changes.added == ["LaunchTemplate us-east-pool-night", "NodeGroup us-east-pool-night"]
    assert (changes.removed, changes.changed) == ([], {})


def test_a_pool_moved_up_in_the_file_changes_nothing():
    def edit(raw: dict[str, Any]) -> None:
        region = raw["regions"][REGION]
        region["node_pools"] = dict(reversed(region["node_pools"].items()))

    assert update("dev", edit) == Changes([], [], {})


def test_a_new_admin_is_added_beside_the_first():
    role = "arn:aws:iam::123456789012:role/night-shift"
    changes = update("dev", lambda raw: of("cluster", "admins")(raw).insert(0, role))
    assert changes.added == [
        "AccessEntry us-east-access-123456789012-role-night-shift",
        "AccessPolicyAssociation us-east-admin-123456789012-role-night-shift",
    ]
    assert (changes.removed, changes.changed) == ([], {})


def test_a_third_zone_adds_its_own_subnets_and_renames_none():
    changes = update("dev", lambda raw: of("network", "zones")(raw).append("us-east-1c"))
    assert {label.removesuffix("-nat").endswith("us-east-1c") for label in changes.added} == {True}
    assert changes.removed == []
    assert changes.changed == {
        "Addon us-east-node-addons-vpc-cni": {"configurationValues"},
        "LoadBalancer us-east-entrance": {"subnets"},
        "VpcEndpoint us-east-endpoint-s3": {"routeTableIds"},
        "Cluster us-east-cluster": {"vpcConfig.subnetIds"},
        "NodeGroup us-east-pool-game": {"nodeGroupName", "subnetIds"},
        "NodeGroup us-east-pool-system": {"nodeGroupName", "subnetIds"},
    }


def test_a_gateway_per_zone_is_added_to_the_one_and_moves_only_the_other_zones_route():
    changes = update("dev", lambda raw: of("network")(raw).update(nat="per-zone"))
    assert changes == Changes(
        added=["Eip us-east-nat-us-east-1b", "NatGateway us-east-nat-us-east-1b"],
        removed=[],
        changed={"Route us-east-private-us-east-1b-nat": {"natGatewayId"}},
    )


def test_dev_and_a_region_of_prod_have_the_same_logical_names_where_both_have_the_part():
    changes = compare(recording_of("dev"), small_prod())
    assert not changes.changed, "two stacks never share a URN"
    dev = {(r.type, r.name) for r in recording_of("dev").resources}
    prod = {(r.type, r.name) for r in small_prod().resources}
    assert dev <= prod, f"names that hold a size or an environment: {sorted(dev - prod)}"
