"""What the load balancer controller may do: enough, to its own cluster's things, within AWS's size."""

import json
import re
from typing import Any

from components.platform.load_balancer_policy import load_balancer_statements
from components.policies import INLINE_LIMIT

CLUSTER = "mmorpg-us-east"
TAG = "elbv2.k8s.aws/cluster"
READS = re.compile(r"\w+:(Describe|List|Get)\w+")
# Calls that change something and that AWS or the controller leaves no tag to bind by, each with what it is for.
UNBOUND = {
    "ec2:AuthorizeSecurityGroupIngress",  # lets the load balancer into the nodes' group
    "ec2:RevokeSecurityGroupIngress",
    "ec2:CreateSecurityGroup",  # tagged by the call that follows
    "elasticloadbalancing:RegisterTargets",  # pods into the players' target groups
    "elasticloadbalancing:DeregisterTargets",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:DeleteListener",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:CreateRule",
    "elasticloadbalancing:DeleteRule",
    "elasticloadbalancing:ModifyRule",
    "elasticloadbalancing:SetRulePriorities",
    "elasticloadbalancing:AddListenerCertificates",
    "elasticloadbalancing:RemoveListenerCertificates",
    "elasticloadbalancing:AddTags",  # of listeners and rules
    "elasticloadbalancing:RemoveTags",
}


def statements() -> list[dict[str, Any]]:
    return load_balancer_statements(CLUSTER)


def bound(statement: dict[str, Any]) -> bool:
    """Whether the statement holds only for what carries, or is being given, this cluster's tag."""
    equals = statement.get("Condition", {}).get("StringEquals", {})
    return CLUSTER in (equals.get(f"aws:ResourceTag/{TAG}"), equals.get(f"aws:RequestTag/{TAG}"))


def test_the_policy_fits_into_a_role_even_for_the_longest_name_of_a_cluster():
    text = json.dumps({"Version": "2012-10-17", "Statement": load_balancer_statements("x" * 100)}, sort_keys=True)
    assert len(re.sub(r"\s", "", text)) <= INLINE_LIMIT == 10_240


def test_no_action_is_a_pattern():
    assert [action for statement in statements() for action in statement["Action"] if "*" in action] == []


def test_every_change_is_bound_to_the_clusters_own_things_but_for_the_listed_ones():
    free = {
        action
        for statement in statements()
        for action in statement["Action"]
        if not READS.fullmatch(action) and not bound(statement)
    }
    assert free == {*UNBOUND, "iam:CreateServiceLinkedRole"}


def test_the_one_role_it_may_make_is_that_of_the_load_balancers():
    (made,) = [s for s in statements() if s["Action"] == ["iam:CreateServiceLinkedRole"]]
    assert made["Condition"] == {"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}}
    assert made["Resource"].endswith(
        ":role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing"
    )


def test_a_load_balancer_of_another_cluster_cannot_be_made_ones_own():
    for statement in statements():
        tags_balancers = "elasticloadbalancing:AddTags" in statement["Action"] and ":loadbalancer/" in str(
            statement["Resource"]
        )
        if tags_balancers or "ec2:DeleteTags" in statement["Action"]:
            condition = statement["Condition"]
            fresh = "elasticloadbalancing:CreateAction" in condition["StringEquals"]
            assert fresh or condition["Null"] == {f"aws:RequestTag/{TAG}": "true"}
            assert bound(statement)


def test_what_a_target_group_binding_calls_is_allowed():
    allowed = {action for statement in statements() for action in statement["Action"]}
    assert allowed >= {
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:DeregisterTargets",
        "ec2:DescribeInstances",
        "ec2:DescribeNetworkInterfaces",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:RevokeSecurityGroupIngress",
    }


def test_features_that_the_release_switches_off_have_no_rights():
    services = {action.partition(":")[0] for statement in statements() for action in statement["Action"]}
    assert services == {"acm", "ec2", "elasticloadbalancing", "iam"}
