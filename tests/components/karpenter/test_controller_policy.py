"""The controller's rights: enough for what Karpenter does, and none beyond its own cluster."""

import json
from typing import Any

import pytest

from components.karpenter.iam import Scope, controller_policy
from components.policies import INLINE_LIMIT

CLUSTER = "mmorpg-us-east"
SCOPE = Scope(
    cluster_name=CLUSTER,
    region="us-east-1",
    account_id="123456789012",
    node_role_arn=f"arn:aws:iam::123456789012:role/{CLUSTER}-karpenter-node",
    queue_arn=f"arn:aws:sqs:us-east-1:123456789012:{CLUSTER}-karpenter",
)
OWNED, NODEPOOL = f"kubernetes.io/cluster/{CLUSTER}", "karpenter.sh/nodepool"


def statements() -> dict[str, dict[str, Any]]:
    document = json.loads(controller_policy(SCOPE))
    assert document["Version"] == "2012-10-17"
    return {statement["Sid"]: statement for statement in document["Statement"]}


def actions(*, unconditioned_only: bool = False) -> set[str]:
    """Actions allowed on every resource, or only those of them under no condition."""
    return {
        action
        for statement in statements().values()
        if statement["Resource"] == ["*"] and not (unconditioned_only and "Condition" in statement)
        for action in statement["Action"]
    }


def test_the_statements_are_those_of_karpenter_1_14():
    assert set(statements()) == {
        "AllowScopedEC2InstanceAccessActions",
        "AllowScopedEC2LaunchTemplateAccessActions",
        "AllowScopedEC2InstanceActionsWithTags",
        "AllowScopedResourceCreationTagging",
        "AllowScopedResourceTagging",
        "AllowScopedDeletion",
        "AllowRegionalReadActions",
        "AllowSSMReadActions",
        "AllowPricingReadActions",
        "AllowInterruptionQueueActions",
        "AllowZonalShiftStatusReadOnly",
        "AllowAPIServerEndpointDiscovery",
        "AllowPassingInstanceRole",
        "AllowScopedInstanceProfileCreationActions",
        "AllowScopedInstanceProfileTagActions",
        "AllowScopedInstanceProfileActions",
        "AllowInstanceProfileReadActions",
        "AllowUnscopedInstanceProfileListAction",
    }


def test_only_what_reads_prices_and_profile_names_is_allowed_everywhere_without_condition():
    assert actions(unconditioned_only=True) == {"pricing:GetProducts", "iam:ListInstanceProfiles"}
    assert all(":Describe" in a or ":Get" in a or ":List" in a for a in actions()), "and what changes nothing"
    assert "ec2:DescribeInstanceStatus" in actions(), "Karpenter asks for it since 1.12"


def test_no_action_is_a_wildcard():
    assert not [a for statement in statements().values() for a in statement["Action"] if "*" in a]


@pytest.mark.parametrize(
    "sid", ["AllowScopedDeletion", "AllowScopedResourceTagging", "AllowScopedEC2LaunchTemplateAccessActions"]
)
def test_what_exists_is_touched_only_where_it_carries_the_clusters_tags(sid: str):
    condition = statements()[sid]["Condition"]
    assert condition["StringEquals"] == {f"aws:ResourceTag/{OWNED}": "owned"}
    assert condition["StringLike"] == {f"aws:ResourceTag/{NODEPOOL}": "*"}


@pytest.mark.parametrize("sid", ["AllowScopedEC2InstanceActionsWithTags", "AllowScopedResourceCreationTagging"])
def test_what_is_made_carries_the_clusters_tags_from_its_first_moment(sid: str):
    condition = statements()[sid]["Condition"]
    assert condition["StringEquals"][f"aws:RequestTag/{OWNED}"] == "owned"
    assert condition["StringEquals"]["aws:RequestTag/eks:eks-cluster-name"] == CLUSTER
    assert condition["StringLike"] == {f"aws:RequestTag/{NODEPOOL}": "*"}


def test_tags_are_put_on_while_making_or_are_none_that_could_move_an_instance_to_another_cluster():
    making = statements()["AllowScopedResourceCreationTagging"]["Condition"]["StringEquals"]
    assert making["ec2:CreateAction"] == ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]
    later = statements()["AllowScopedResourceTagging"]["Condition"]
    assert later["ForAllValues:StringEquals"] == {
        "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]
    }


def test_it_hands_to_ec2_the_one_node_role_and_no_other():
    passing = statements()["AllowPassingInstanceRole"]
    assert passing["Resource"] == [SCOPE.node_role_arn]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}


def test_instance_profiles_are_its_own_by_cluster_region_and_node_class():
    profiles = ["arn:aws:iam::123456789012:instance-profile/*"]
    for sid in ("Creation", "Tag", ""):
        statement = statements()[f"AllowScopedInstanceProfile{sid}Actions"]
        kind = "ResourceTag" if sid == "" else "RequestTag"
        assert statement["Resource"] == profiles
        assert statement["Condition"]["StringEquals"][f"aws:{kind}/{OWNED}"] == "owned"
        assert statement["Condition"]["StringEquals"][f"aws:{kind}/topology.kubernetes.io/region"] == "us-east-1"
        assert statement["Condition"]["StringLike"][f"aws:{kind}/karpenter.k8s.aws/ec2nodeclass"] == "*"


def test_reads_are_of_its_region_its_queue_and_its_cluster():
    every = statements()
    assert every["AllowRegionalReadActions"]["Condition"] == {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    assert every["AllowInterruptionQueueActions"]["Resource"] == [SCOPE.queue_arn]
    cluster = f"arn:aws:eks:us-east-1:123456789012:cluster/{CLUSTER}"
    assert every["AllowAPIServerEndpointDiscovery"]["Resource"] == [cluster]
    shift = every["AllowZonalShiftStatusReadOnly"]["Condition"]
    assert shift == {"StringEquals": {"arc-zonal-shift:ResourceIdentifier": cluster}}


def test_the_longest_names_leave_a_third_of_the_inline_limit():
    longest = Scope(
        cluster_name="m" * 24,
        region="ap-southeast-7",
        account_id="123456789012",
        node_role_arn=f"arn:aws:iam::123456789012:role/{'m' * 24}-karpenter-node",
        queue_arn=f"arn:aws:sqs:ap-southeast-7:123456789012:{'m' * 24}-karpenter",
    )
    text = controller_policy(longest)
    assert len(text) < INLINE_LIMIT * 2 / 3
    assert len(text) > 6144, "above a managed policy's limit: that is why it is inline"
    assert " " not in text.replace("2012-10-17", "")


def test_a_policy_above_the_inline_limit_is_refused_before_iam_does():
    with pytest.raises(ValueError, match=r"characters are above the 10240 that IAM takes inline; shorten the name"):
        controller_policy(
            Scope(
                cluster_name="m" * 500,
                region="us-east-1",
                account_id="123456789012",
                node_role_arn="arn",
                queue_arn="arn",
            )
        )
