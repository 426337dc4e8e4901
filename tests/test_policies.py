"""Every policy of the shipped stacks and of the bootstrap, by AWS's own grammar and by a linter of IAM's actions."""

import json
import re
import warnings
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest

from automation.bootstrap_policies import (
    Names,
    boundary_policy,
    bucket_policy,
    deploy_policy,
    key_policy,
    trust_policy,
)
from tests.shipped import STACKS, leaves, recording_of

with warnings.catch_warnings():
    # It leaves its tables open when it has read them.
    warnings.simplefilter("ignore", ResourceWarning)
    from parliament import analyze_policy_string

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0a1b2c3d-0000-0000-0000-000000000000"
# Services of which CI, and only the roles that it makes, may use everything.
SERVICES = (
    *("acm", "budgets", "ec2", "ecr", "eks", "elasticloadbalancing", "events"),
    *("kms", "logs", "route53", "sqs"),
)
SERVICES_OF_ROLES = ("arc-zonal-shift", "autoscaling", "eks-auth", "ssm")
# Where documents stand; another kind of them must be added here on purpose.
KINDS = {
    ("aws:iam/role:Role", "assumeRolePolicy"),
    ("aws:iam/rolePolicy:RolePolicy", "policy"),
    ("aws:kms/key:Key", "policy"),
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"),
    ("aws:sqs/queuePolicy:QueuePolicy", "policy"),
}
# What only AWS knows, in its own form: a linter judges a resource by the form of its ARN.
FORMS = {
    "aws:cloudwatch/logGroup:LogGroup#arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:group",
    "aws:ec2/vpc:Vpc#ownerId": ACCOUNT,
    "aws:iam/role:Role#arn": f"arn:aws:iam::{ACCOUNT}:role/role",
    "aws:kms/key:Key#arn": KEY,
    "aws:route53/zone:Zone#zoneId": "Z0123456789ABCDEFGHIJ",
    "aws:s3/bucket:Bucket#arn": "arn:aws:s3:::bucket",
    "aws:sqs/queue:Queue#arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:queue",
}
REFERENCE = re.compile(r"\$\{urn:[^}]*[:$](?P<type>\w+:[\w/]+:\w+)::[^}:#]+#(?P<property>\w+)\}")
# Findings that are none, by the end of the policy's logical name, kind of finding and pattern of its action.
_LAUNCH = (
    "AWS wants each resource of a launch allowed by some statement, the linter all of them by each; Karpenter's own "
    "policy parts them by what must carry the cluster's tags"
)
_TAGGED = "only with the cluster's tag, by a condition that the linter does not weigh"
_UNBOUND = "has nothing to be bound by: tests/components/platform/test_load_balancer_policy.py says why, one by one"
_NEW = "younger than the linter's table: docs.aws.amazon.com/service-authorization/latest/reference"
_OWNER = "all of kms on this key is the account's own right to it; what is not about a key is allowed by it in vain"
_SERVICE = "CI and what it makes work with all of a service; AWS gives most things their names, so no ARN tells ours"
_GITHUB = "conditions and provider are GitHub's, of which the linter knows nothing"
EXCEPTIONS = {
    ("-karpenter", "RESOURCE_MISMATCH", "ec2:RunInstances"): _LAUNCH,
    ("-karpenter", "RESOURCE_MISMATCH", "ec2:CreateFleet"): _LAUNCH,
    ("-karpenter", "RESOURCE_MISMATCH", "ssm:GetParameter"): "AWS's public parameters are of no account",
    ("-karpenter", "RESOURCE_STAR", "arc-zonal-shift:GetManagedResource"): "the condition names the one cluster",
    ("-load-balancer", "RESOURCE_STAR", "acm:DescribeCertificate"): "looks for the certificate that fits a name",
    ("-load-balancer", "RESOURCE_STAR", "ec2:GetSecurityGroupsForVpc"): "reads",
    ("-load-balancer", "RESOURCE_STAR", "ec2:CreateSecurityGroup"): _UNBOUND,
    ("-load-balancer", "RESOURCE_STAR", "ec2:*SecurityGroupIngress"): _UNBOUND,
    ("-load-balancer", "RESOURCE_STAR", "ec2:DeleteSecurityGroup"): _TAGGED,
    ("-load-balancer", "RESOURCE_STAR", "elasticloadbalancing:CreateTargetGroup"): _TAGGED,
    ("-load-balancer", "RESOURCE_STAR", "elasticloadbalancing:*Listener*"): _UNBOUND,
    ("-load-balancer", "RESOURCE_STAR", "elasticloadbalancing:*Rule*"): _UNBOUND,
    ("-load-balancer", "UNKNOWN_ACTION", "elasticloadbalancing:ModifyIpPools"): _NEW,
    ("-load-balancer", "UNKNOWN_CONDITION_FOR_ACTION", "elasticloadbalancing:CreateAction"): _NEW,
    ("-load-balancer", "UNKNOWN_CONDITION_FOR_ACTION", "elasticloadbalancing:AddTags"): _NEW,
    ("node-fill-image-cache", "RESOURCE_MISMATCH", "ecr:BatchImportUpstreamImage"): _NEW,
    ("-backup-copy", "RESOURCE_MISMATCH", "kms:*"): _OWNER,
    ("-secrets-key", "RESOURCE_MISMATCH", "kms:*"): _OWNER,
    ("-storage-key", "RESOURCE_MISMATCH", "kms:*"): _OWNER,
    ("bootstrap-key", "RESOURCE_MISMATCH", "kms:*"): _OWNER,
    ("bootstrap-trust", "UNKNOWN_FEDERATION_SOURCE", "*"): _GITHUB,
    ("bootstrap-trust", "UNKNOWN_CONDITION_FOR_ACTION", "sts:AssumeRoleWithWebIdentity"): _GITHUB,
    **{
        (f"bootstrap-{place}", "RESOURCE_STAR", f"{service}:*"): _SERVICE
        for place, services in {"deploy": SERVICES, "boundary": (*SERVICES, *SERVICES_OF_ROLES)}.items()
        for service in services
    },
    **{
        (f"bootstrap-{place}", kind, action): why
        for place in ("deploy", "boundary")
        for kind, action, why in (
            ("RESOURCE_MISMATCH", "s3:*", "all of S3 on the game's buckets; what is not about a bucket is for nothing"),
            ("RESOURCE_STAR", "iam:Get*", "reads"),
            ("RESOURCE_STAR", "iam:List*", "reads"),
            ("RESOURCE_STAR", "iam:CreateServiceLinkedRole", "bound by the services that the condition names"),
        )
    },
}
ACTION = re.compile(r"[a-z0-9-]+:[A-Z]\w+")


def documents(stack: str) -> dict[tuple[str, str, str], str]:
    """The documents of a stack by type, logical name and property, with an account's own names in them."""
    found = {}
    for resource in leaves(recording_of(stack)):
        for name, value in resource.resolved.items():
            if resource.type.startswith("aws:") and isinstance(value, str) and '"Statement"' in value:
                found[resource.type, resource.name, name] = re.sub(
                    REFERENCE, lambda ref: FORMS[f"{ref['type']}#{ref['property']}"], value
                )
    return found


def first_contact() -> dict[tuple[str, str, str], str]:
    """The documents of `./regions bootstrap`, by the same three."""
    names = Names(game="mmorpg", stack="prod", account=ACCOUNT, region="us-east-1")
    roles = (f"arn:aws:iam::{ACCOUNT}:role/deploy",)
    found = {
        ("aws:kms/key:Key", "bootstrap-key", "policy"): key_policy(names),
        ("aws:s3/bucketPolicy:BucketPolicy", "bootstrap-bucket", "policy"): bucket_policy(names),
        ("aws:iam/role:Role", "bootstrap-trust", "assumeRolePolicy"): trust_policy(names, "acme/mmorpg"),
        ("aws:iam/rolePolicy:RolePolicy", "bootstrap-deploy", "policy"): deploy_policy(names, roles),
        ("aws:iam/rolePolicy:RolePolicy", "bootstrap-boundary", "policy"): boundary_policy(names, roles, KEY),
    }
    return {place: json.dumps(document) for place, document in found.items()}


def completed(kind: str, text: str) -> dict[str, Any]:
    """A document that says what its place says by itself: a trust policy is of its role, a key policy of its key."""
    document: dict[str, Any] = json.loads(text)
    for statement in document["Statement"]:
        if kind == "aws:iam/role:Role":
            assert "Resource" not in statement
            statement["Resource"] = FORMS["aws:iam/role:Role#arn"]
        if kind == "aws:kms/key:Key":
            assert statement["Resource"] == "*"
            statement["Resource"] = FORMS["aws:kms/key:Key#arn"]
    return document


@cache
def findings(text: str) -> list[tuple[str, str]]:
    """Kind and action (or the whole detail) of each finding."""
    found = analyze_policy_string(text).findings
    return [
        (finding.issue, about)
        for finding in found
        for about in sorted(set(ACTION.findall(str(finding.detail)))) or [str(finding.detail)]
    ]


def exceptions(name: str, kind: str, about: str) -> set[tuple[str, str, str]]:
    return {
        exception
        for exception in EXCEPTIONS
        if name.endswith(exception[0]) and kind == exception[1] and fnmatchcase(about, exception[2])
    }


def several(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("stack", STACKS)
def test_no_statement_of_any_policy_allows_everything_on_everything(stack: str):
    for (type_, name, _), text in documents(stack).items():
        for statement in completed(type_, text)["Statement"]:
            assert {"NotAction", "NotResource", "NotPrincipal"}.isdisjoint(statement), name
            if statement["Effect"] == "Allow":
                patterns = {action for action in several(statement["Action"]) if action.endswith("*")}
                assert not (patterns and "*" in several(statement["Resource"])), f"{name}: {patterns} on everything"


def test_every_policy_passes_the_linter_and_each_exception_is_needed():
    needed, seen = set(), set()
    for written in (*map(documents, STACKS), first_contact()):
        for (type_, name, place), text in written.items():
            seen.add((type_, place))
            for kind, about in findings(json.dumps(completed(type_, text))):
                allowed = exceptions(name, kind, about)
                assert allowed, f"{name}: {kind} {about}"
                needed |= allowed
    assert seen == KINDS
    assert needed == EXCEPTIONS.keys()


def test_the_linter_sees_what_it_is_asked_for():
    wrong = {"Effect": "Allow", "Action": ["s3:GetObjekt", "s3:GetObject"], "Resource": "arn:aws:s3:::bucket"}
    found = findings(json.dumps({"Version": "2012-10-17", "Statement": [wrong]}))
    assert found == [("UNKNOWN_ACTION", "s3:GetObjekt")]
    wrong["Action"] = "s3:GetObject"
    found = findings(json.dumps({"Version": "2012-10-17", "Statement": [wrong]}))
    assert found == [("RESOURCE_MISMATCH", "s3:GetObject")], "an object's right on a bucket allows nothing"
