"""ClusterAutoscaler: it changes its own cluster's groups alone, and decides as that cluster's scheduler does."""

import json
from typing import Any

import pulumi
import pytest

from components.platform.cluster_autoscaler import ClusterAutoscaler, ClusterAutoscalerArgs
from plan.recorder import Recording
from tests.charts import RELEASE, check_release, needs_charts
from tests.engine import build, named, only


@pytest.fixture(scope="module")
def built() -> Recording:
    def program() -> None:
        nodes = pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", "us-east-pool-system", {})
        args = ClusterAutoscalerArgs(
            prefix="mmorpg-us-east",
            cluster_name="mmorpg-us-east",
            region="us-east-1",
            account_id="123456789012",
            image_tag="v1.35.0",
            after=(nodes,),
        )
        ClusterAutoscaler("us-east", args)

    return build(program)


def statements(built: Recording) -> dict[str, dict[str, Any]]:
    text = only(built, "aws:iam/rolePolicy:RolePolicy").resolved["policy"]
    return {statement["Sid"]: statement for statement in json.loads(text)["Statement"]}


def test_it_changes_only_groups_that_eks_made_for_its_own_cluster(built: Recording):
    change = statements(built)["ChangeOwnGroups"]
    assert set(change["Action"]) == {
        "autoscaling:SetDesiredCapacity",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
    }
    assert change["Resource"] == (
        "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:*:autoScalingGroupName/eks-*"
    )
    assert change["Condition"] == {
        "StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/mmorpg-us-east": "owned"}
    }


def test_what_it_may_do_everywhere_is_to_look(built: Recording):
    everywhere = [each for each in statements(built).values() if each["Resource"] == "*"]
    actions = [action.partition(":")[2] for each in everywhere for action in each["Action"]]
    assert actions
    assert all(action.startswith(("Describe", "Get")) for action in actions)
    assert statements(built)["SeeEmptyGroups"]["Resource"] == (
        "arn:aws:eks:us-east-1:123456789012:nodegroup/mmorpg-us-east/*"
    )


@needs_charts
def test_its_chart_knows_every_value(built: Recording):
    assert check_release(only(built, RELEASE).resolved) == []


def test_it_is_of_the_clusters_minor_and_finds_the_groups_by_its_name(built: Recording):
    values = only(built, RELEASE).resolved["values"]
    assert values["image"] == {"tag": "v1.35.0"}
    assert values["autoDiscovery"] == {"clusterName": "mmorpg-us-east"}
    assert values["awsRegion"] == "us-east-1"


def test_a_node_goes_after_ten_minutes_at_less_than_half_use(built: Recording):
    flags = only(built, RELEASE).resolved["values"]["extraArgs"]
    assert flags["scale-down-utilization-threshold"] == 0.5
    assert flags["scale-down-unneeded-time"] == flags["scale-down-delay-after-add"] == "10m"
    assert flags["max-node-provision-time"] == "15m"


def test_its_pods_come_after_nodes_and_their_rights(built: Recording):
    release = only(built, RELEASE)
    association = only(built, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert association.inputs["serviceAccount"] == release.resolved["values"]["rbac"]["serviceAccount"]["name"]
    assert association.inputs["namespace"] == release.inputs["namespace"] == "kube-system"
    needed = {
        association.urn,
        only(built, "aws:iam/rolePolicy:RolePolicy").urn,
        named(built, "us-east-pool-system").urn,
    }
    assert needed <= set(release.depends_on)


def test_one_of_its_two_pods_may_be_away(built: Recording):
    values = only(built, RELEASE).resolved["values"]
    assert (values["replicaCount"], values["podDisruptionBudget"]) == (2, {"maxUnavailable": 1})
    assert values["containerSecurityContext"]["readOnlyRootFilesystem"] is True
