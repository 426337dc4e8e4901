"""Pure: what Karpenter's controller may do, in statements that reach no further than its own cluster.

By what it makes: it may only launch what it tags as the cluster's, and only end or retag what carries those tags.
Source: cloudformation.yaml of Karpenter 1.14's getting-started guide, karpenter.sh/v1.14/reference/cloudformation.
"""

import json
from dataclasses import dataclass
from typing import Any

from components.policies import INLINE_LIMIT

_LAUNCHES = ("ec2:RunInstances", "ec2:CreateFleet")
_LAUNCHED = ("fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request")
_READS = (
    "ec2:DescribeCapacityReservations",
    "ec2:DescribeImages",
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceStatus",  # since 1.12
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribePlacementGroups",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSpotPriceHistory",
    "ec2:DescribeSubnets",
)
_OWNED, _REGION_TAG = "kubernetes.io/cluster/", "topology.kubernetes.io/region"
_CLUSTER_TAG = "eks:eks-cluster-name"
_NODEPOOL_TAG, _CLASS_TAG = "karpenter.sh/nodepool", "karpenter.k8s.aws/ec2nodeclass"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The one cluster that a controller serves, and the two things in its account that it may name."""

    cluster_name: str
    region: str
    account_id: str
    node_role_arn: str
    queue_arn: str


def controller_policy(scope: Scope) -> str:
    """The controller's inline policy as JSON without white space. ValueError above IAM's limit."""
    statements = [*_launching(scope), *_ending(scope), *_reading(scope), *_instance_profiles(scope)]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, sort_keys=True, separators=(",", ":"))
    if len(text) > INLINE_LIMIT:
        raise ValueError(
            f"Karpenter's policy for {scope.cluster_name}: {len(text)} characters are above the {INLINE_LIMIT} that "
            f"IAM takes inline; shorten the name of the game or region"
        )
    return text


def _allow(
    sid: str, actions: tuple[str, ...], resources: list[str], condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources}
    return statement if condition is None else {**statement, "Condition": condition}


def _ec2(scope: Scope, *kinds: str) -> list[str]:
    """ARNs of all EC2 resources of these kinds; images and snapshots belong to no account, subnets may be shared."""
    return [f"arn:aws:ec2:{scope.region}:{'' if kind in ('image', 'snapshot') else '*'}:{kind}/*" for kind in kinds]


def _existing(scope: Scope) -> dict[str, Any]:
    """Only on what carries the cluster's tags already."""
    return {
        "StringEquals": {f"aws:ResourceTag/{_OWNED}{scope.cluster_name}": "owned"},
        "StringLike": {f"aws:ResourceTag/{_NODEPOOL_TAG}": "*"},
    }


def _new(scope: Scope, equal: dict[str, Any] | None = None) -> dict[str, Any]:
    """Only where the request itself puts the cluster's tags on what it makes."""
    return {
        "StringEquals": {
            f"aws:RequestTag/{_OWNED}{scope.cluster_name}": "owned",
            f"aws:RequestTag/{_CLUSTER_TAG}": scope.cluster_name,
            **(equal or {}),
        },
        "StringLike": {f"aws:RequestTag/{_NODEPOOL_TAG}": "*"},
    }


def _launching(scope: Scope) -> list[dict[str, Any]]:
    made_by = {"ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]}
    used = _ec2(scope, "image", "snapshot", "security-group", "subnet", "capacity-reservation", "placement-group")
    return [
        _allow("AllowScopedEC2InstanceAccessActions", _LAUNCHES, used),
        _allow(
            "AllowScopedEC2LaunchTemplateAccessActions", _LAUNCHES, _ec2(scope, "launch-template"), _existing(scope)
        ),
        _allow(
            "AllowScopedEC2InstanceActionsWithTags",
            (*_LAUNCHES, "ec2:CreateLaunchTemplate"),
            _ec2(scope, *_LAUNCHED),
            _new(scope),
        ),
        _allow(
            "AllowScopedResourceCreationTagging", ("ec2:CreateTags",), _ec2(scope, *_LAUNCHED), _new(scope, made_by)
        ),
    ]


def _ending(scope: Scope) -> list[dict[str, Any]]:
    retagging = {
        **_existing(scope),
        "StringEqualsIfExists": {f"aws:RequestTag/{_CLUSTER_TAG}": scope.cluster_name},
        # No other tag: with the owner's or the pool's it could take an instance into another cluster's reach.
        "ForAllValues:StringEquals": {"aws:TagKeys": [_CLUSTER_TAG, "karpenter.sh/nodeclaim", "Name"]},
    }
    return [
        _allow("AllowScopedResourceTagging", ("ec2:CreateTags",), _ec2(scope, "instance"), retagging),
        _allow(
            "AllowScopedDeletion",
            ("ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"),
            _ec2(scope, "instance", "launch-template"),
            _existing(scope),
        ),
    ]


def _reading(scope: Scope) -> list[dict[str, Any]]:
    cluster = f"arn:aws:eks:{scope.region}:{scope.account_id}:cluster/{scope.cluster_name}"
    here = {"StringEquals": {"aws:RequestedRegion": scope.region}}
    shifted = {"StringEquals": {"arc-zonal-shift:ResourceIdentifier": cluster}}
    images = f"arn:aws:ssm:{scope.region}::parameter/aws/service/*"
    messages = ("sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage")
    return [
        _allow("AllowRegionalReadActions", _READS, ["*"], here),
        _allow("AllowSSMReadActions", ("ssm:GetParameter",), [images]),
        # The price list is answered in two regions for the whole world.
        _allow("AllowPricingReadActions", ("pricing:GetProducts",), ["*"]),
        _allow("AllowInterruptionQueueActions", messages, [scope.queue_arn]),
        _allow("AllowZonalShiftStatusReadOnly", ("arc-zonal-shift:GetManagedResource",), ["*"], shifted),
        _allow("AllowAPIServerEndpointDiscovery", ("eks:DescribeCluster",), [cluster]),
    ]


def _instance_profiles(scope: Scope) -> list[dict[str, Any]]:
    profiles = [f"arn:aws:iam::{scope.account_id}:instance-profile/*"]
    owned = {f"{_OWNED}{scope.cluster_name}": "owned", _REGION_TAG: scope.region}
    requested = {f"aws:RequestTag/{tag}": value for tag, value in (owned | {_CLUSTER_TAG: scope.cluster_name}).items()}
    present = {f"aws:ResourceTag/{tag}": value for tag, value in owned.items()}
    of_request, of_resource = {f"aws:RequestTag/{_CLASS_TAG}": "*"}, {f"aws:ResourceTag/{_CLASS_TAG}": "*"}
    changes = ("iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile")
    passed = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    return [
        _allow("AllowPassingInstanceRole", ("iam:PassRole",), [scope.node_role_arn], passed),
        _allow(
            "AllowScopedInstanceProfileCreationActions",
            ("iam:CreateInstanceProfile",),
            profiles,
            {"StringEquals": requested, "StringLike": of_request},
        ),
        _allow(
            "AllowScopedInstanceProfileTagActions",
            ("iam:TagInstanceProfile",),
            profiles,
            {"StringEquals": {**present, **requested}, "StringLike": {**of_resource, **of_request}},
        ),
        _allow(
            "AllowScopedInstanceProfileActions",
            changes,
            profiles,
            {"StringEquals": present, "StringLike": of_resource},
        ),
        _allow("AllowInstanceProfileReadActions", ("iam:GetInstanceProfile",), profiles),
        # Unscoped, as IAM's list actions are; without it the EC2NodeClass never lets go of its finalizer.
        _allow("AllowUnscopedInstanceProfileListAction", ("iam:ListInstanceProfiles",), ["*"]),
    ]
