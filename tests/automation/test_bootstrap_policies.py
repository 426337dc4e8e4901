"""The rights of CI and the boundary, held against the shipped stacks: all that they do must be possible within them."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from automation.bootstrap_policies import Names, boundary_policy, deploy_policy
from embedded.aws.calls import calls
from plan.registration import RecordedResource
from tests.shipped import STACKS, leaves, recording_of

ACCOUNT = "123456789012"
NAMES = Names(game="mmorpg", stack="prod", account=ACCOUNT, region="us-east-1")
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-000000000000"
DEPLOY, BOUNDARY = deploy_policy(NAMES, ()), boundary_policy(NAMES, (), KEY)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/mmorpg-us-east-karpenter-node"
PROFILE = f"arn:aws:iam::{ACCOUNT}:instance-profile/karpenter/us-east-1/mmorpg-us-east/0a1b/mmorpg-us-east_4711"
# What a right is used on, where the boundary says more than "everything".
ON = {
    "iam:*InstanceProfile": PROFILE,
    "iam:*Role*": ROLE,
    "s3:*": "arn:aws:s3:::mmorpg-us-east-backup-123456789012",
    "secretsmanager:*": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:mmorpg/us-east/mysql-AbCdEf",
}
# IAM's name of a service, where it is not the API's.
PREFIXES = {"elbv2": "elasticloadbalancing"}


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value


def may(document: dict[str, Any], action: str) -> bool:
    """Whether a policy, its conditions met, allows an action on what it is used on, and nowhere denies it there."""
    resource = next((on for pattern, on in ON.items() if fnmatchcase(action, pattern)), "arn:aws:any")
    effects = {
        one["Effect"]
        for one in document["Statement"]
        if any(fnmatchcase(action, pattern) for pattern in listed(one["Action"]))
        and any(fnmatchcase(resource, pattern) for pattern in listed(one["Resource"]))
    }
    return effects == {"Allow"}


def granted(resource: RecordedResource) -> list[str]:
    """The actions that an inline or an attached policy of a role allows."""
    if resource.type == "aws:iam/rolePolicy:RolePolicy":
        document = json.loads(resource.resolved["policy"])
    else:
        name = resource.resolved["policyArn"].rpartition("/")[2]
        document = json.loads(aws_managed_policies_data)[name]["Document"]
    return [action for one in document["Statement"] for action in listed(one["Action"])]


@pytest.mark.parametrize("stack", STACKS)
def test_the_boundary_leaves_every_role_of_a_shipped_stack_its_rights(stack: str):
    types = ("aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    rights = {action for one in leaves(recording_of(stack)) if one.type in types for action in granted(one)}
    assert "ssmmessages:OpenDataChannel" in rights, "the way in without SSH"
    assert sorted(action for action in rights if not may(BOUNDARY, action)) == []


def test_ci_may_call_what_makes_the_shipped_stacks():
    called = {
        f"{PREFIXES.get(call['service'], call['service'])}:{call['operation']}"
        for one in leaves(recording_of("prod"))
        if one.type.startswith("aws:")
        for call in calls(one.type, one.document()["inputs"])
    }
    assert {"iam:AttachRolePolicy", "iam:CreateRole", "s3:CreateBucket"} <= called
    assert sorted(action for action in called if not (may(DEPLOY, action) and may(BOUNDARY, action))) == []


def test_ci_may_hand_every_role_of_a_shipped_stack_to_the_service_that_takes_it_on():
    roles = [one for stack in STACKS for one in leaves(recording_of(stack)) if one.type == "aws:iam/role:Role"]
    trusted = {
        one["Principal"]["Service"]
        for role in roles
        for one in json.loads(role.resolved["assumeRolePolicy"])["Statement"]
    }
    (passing,) = [one for one in DEPLOY["Statement"] if one["Action"] == ["iam:PassRole"]]
    assert set(passing["Condition"]["StringEquals"]["iam:PassedToService"]) == trusted


def test_ecrs_own_roles_may_come_with_the_first_rule_that_needs_them():
    (linked,) = [one for one in DEPLOY["Statement"] if one["Action"] == ["iam:CreateServiceLinkedRole"]]
    services = linked["Condition"]["StringLike"]["iam:AWSServiceName"]
    assert {f"{name}ecr.amazonaws.com" for name in ("", "pullthroughcache.", "replication.")} <= set(services)


def test_ci_has_no_right_that_only_its_roles_need():
    of_roles = ("iam:CreateInstanceProfile", "secretsmanager:GetSecretValue", "ssm:GetParameter")
    assert [(may(BOUNDARY, action), may(DEPLOY, action)) for action in of_roles] == [(True, False)] * 3
