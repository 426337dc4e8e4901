"""Clusters and pools that contradict themselves are refused, one sentence each."""

from types import SimpleNamespace
from typing import Any

import pytest

from components.cluster import GameClusterArgs
from embedded.aws.models.eks_versions import ADDONS as OFFERED
from stacks.check_cluster import check_cluster
from stacks.cluster_settings import ClusterSettings, NodePoolSettings
from stacks.settings import StackSettings
from stacks.versions import ADDONS, CLUSTER_AUTOSCALERS, KUBERNETES_VERSIONS, NODE_RELEASES
from tests.stacks.sample import region, stack

ADMIN = "arn:aws:iam::123456789012:role/platform-admin"
DATABASE = {"workload": "database", "instance_types": ["r7i.xlarge"], "disk_gib": 500}
SPOT = {"capacity": "spot", "min_size": 0, "desired_size": 0, "max_size": 9, "disk_gib": 50}


def found(changes: dict[str, Any], karpenter: dict[str, str | None] | None = None) -> list[str]:
    """Sentences about the valid region with `changes` and a Karpenter whose pools have these workloads."""
    raw = region(changes)
    pools = None if karpenter is None else {name: SimpleNamespace(workload=kind) for name, kind in karpenter.items()}
    figures = SimpleNamespace(
        cluster=ClusterSettings.model_validate(raw["cluster"]),
        node_pools={name: NodePoolSettings.model_validate(pool) for name, pool in raw["node_pools"].items()},
        network=SimpleNamespace(zones=tuple(raw["network"]["zones"])),
        karpenter=None if pools is None else SimpleNamespace(pools=pools),
    )
    return check_cluster(StackSettings.model_construct(regions={"us-east": figures}))


def test_a_viewer_who_is_an_admin_is_refused():
    assert found({"cluster.viewers": ["arn:aws:iam::123456789012:role/audit", ADMIN]}) == [
        f'regions.us-east.cluster.viewers[1]: "{ADMIN}" is an admin already; name it in one of the lists'
    ]


def test_a_database_pool_that_does_not_split_over_the_zones_is_refused():
    pool = {**DATABASE, "min_size": 2, "desired_size": 3, "max_size": 6}
    assert found({"node_pools.database": pool}) == [
        (
            "regions.us-east.node_pools.database.desired_size: 3 cannot be split evenly over 2 zones, in each of which "
            "a database pool has a group; give a multiple of 2"
        )
    ]
    assert found({"node_pools.database": {**pool, "desired_size": 4}}) == []


def test_a_spot_pool_of_too_few_types_is_refused():
    assert found({"node_pools.services": {**SPOT, "instance_types": ["m7i.large", "m6i.large"]}}) == [
        (
            "regions.us-east.node_pools.services.instance_types: 2 are too few for spot, where one after the other "
            "runs out; give 3 or more"
        )
    ]
    assert found({"node_pools.services": {**SPOT, "instance_types": ["m7i.large", "m6i.large", "m6a.large"]}}) == []


def test_worlds_on_spot_are_refused():
    types = ["c7i.xlarge", "c6i.xlarge", "c6a.xlarge"]
    assert found({"node_pools.game.capacity": "spot", "node_pools.game.instance_types": types}) == [
        (
            "regions.us-east.node_pools.game.capacity: spot nodes go at two minutes' notice, which game-server pods "
            "cannot bear; give on-demand or take the workload out"
        )
    ]


def test_karpenter_and_cluster_autoscaler_on_one_workload_are_refused():
    assert found({"cluster.autoscaler": "cluster-autoscaler"}, {"worlds": "game-server"}) == [
        (
            'regions.us-east.node_pools.game: cluster-autoscaler and Karpenter\'s pool "worlds" would both make nodes '
            "for game-server pods; give min_size and max_size one figure, take that pool out, "
            "or set cluster.autoscaler: none"
        )
    ]
    services = {"node_pools.services": {**SPOT, "instance_types": ["m7i.large", "m6i.large", "m6a.large"]}}
    (sentence,) = found({"cluster.autoscaler": "cluster-autoscaler", **services}, {"stateless": None})
    assert "would both make nodes for spot pods" in sentence


@pytest.mark.parametrize(
    ("changes", "karpenter"),
    [
        ({}, {"worlds": "game-server"}),
        ({"cluster.autoscaler": "cluster-autoscaler"}, None),
        ({"cluster.autoscaler": "cluster-autoscaler"}, {"data": "database", "stateless": None}),
        (
            {"cluster.autoscaler": "cluster-autoscaler", "node_pools.game.min_size": 6},
            {"worlds": "game-server"},
        ),
    ],
)
def test_the_two_may_stand_side_by_side_where_neither_makes_nodes_for_the_others_pods(
    changes: dict[str, Any], karpenter: dict[str, str | None] | None
):
    assert found(changes, karpenter) == []


def test_a_cluster_may_keep_its_api_inside_the_vpc():
    raw = {**region()["cluster"], "public_access_cidrs": []}
    assert ClusterSettings.model_validate(raw).public_access_cidrs == ()


def test_every_version_has_a_node_image_and_an_autoscaler_of_its_own_minor():
    assert set(NODE_RELEASES) == set(CLUSTER_AUTOSCALERS) == set(KUBERNETES_VERSIONS)
    for minor in KUBERNETES_VERSIONS:
        assert NODE_RELEASES[minor].startswith(f"{minor}."), "EKS refuses another minor's image"
        assert CLUSTER_AUTOSCALERS[minor].startswith(f"v{minor}."), "another minor's scheduler decides otherwise"


def test_every_pinned_add_on_is_one_that_eks_offers_for_its_minor():
    for minor, versions in ADDONS.items():
        for name, version in versions.items():
            assert version in OFFERED[name].versions[minor], (minor, name)


def test_settings_say_the_same_choices_as_the_component():
    kinds = GameClusterArgs.__annotations__
    fields = ClusterSettings.model_fields
    assert fields["support"].annotation == kinds["support"]
    assert fields["control_plane_tier"].annotation == kinds["control_plane_tier"]
    assert stack()["regions"]["us-east"]["cluster"].get("support") is None, "both may be left out"
