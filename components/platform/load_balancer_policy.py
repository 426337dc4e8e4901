"""Pure: what the AWS Load Balancer Controller may do.

Source: docs/install/iam_policy.json of kubernetes-sigs/aws-load-balancer-controller, with three differences. Upstream
asks whether a thing carries the tag elbv2.k8s.aws/cluster at all; here it must carry this cluster's name, so that two
clusters of an account cannot touch each other's load balancers. The rights for WAF, Shield, Cognito and server
certificates are left out: the release switches those features off. The service-linked role is named.
"""

from typing import Any

_TAG = "elbv2.k8s.aws/cluster"
_ELB = "arn:aws:elasticloadbalancing:*:*"
_BALANCERS = [f"{_ELB}:targetgroup/*/*", f"{_ELB}:loadbalancer/net/*/*", f"{_ELB}:loadbalancer/app/*/*"]
_LISTENERS = [f"{_ELB}:{kind}/{family}" for kind in ("listener", "listener-rule") for family in ("net/*", "app/*")]
_SECURITY_GROUPS = "arn:aws:ec2:*:*:security-group/*"
_SERVICE = "elasticloadbalancing.amazonaws.com"
_SERVICE_ROLE = f"arn:aws:iam::*:role/aws-service-role/{_SERVICE}/AWSServiceRoleForElasticLoadBalancing"

# Calls that read; AWS scopes none of them to single resources.
_READ = (
    "acm:DescribeCertificate",
    "acm:ListCertificates",
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeIpamPools",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeTags",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeVpcs",
    "ec2:GetSecurityGroupsForVpc",
    "elasticloadbalancing:DescribeCapacityReservation",
    "elasticloadbalancing:DescribeListenerAttributes",
    "elasticloadbalancing:DescribeListenerCertificates",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeSSLPolicies",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "elasticloadbalancing:DescribeTrustStores",
)


def load_balancer_statements(cluster_name: str) -> list[dict[str, Any]]:
    """IAM statements for the controller of one cluster; its changes are bound to things with the cluster's tag."""
    return [
        _allow(["iam:CreateServiceLinkedRole"], _SERVICE_ROLE, {"StringEquals": {"iam:AWSServiceName": _SERVICE}}),
        _allow(list(_READ), "*"),
        *_security_groups(cluster_name),
        *_load_balancers(cluster_name),
        *_targets(),
    ]


def _security_groups(cluster_name: str) -> list[dict[str, Any]]:
    rules = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]
    return [
        # Of any group: the nodes' own must let the load balancer in, and is not the controller's.
        _allow(rules, "*"),
        _allow(["ec2:CreateSecurityGroup"], "*"),
        _allow(
            ["ec2:CreateTags"],
            _SECURITY_GROUPS,
            {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup", f"aws:RequestTag/{_TAG}": cluster_name}},
        ),
        _allow(["ec2:CreateTags", "ec2:DeleteTags"], _SECURITY_GROUPS, _retag(cluster_name)),
        _allow([*rules, "ec2:DeleteSecurityGroup"], "*", _owned(cluster_name)),
    ]


def _load_balancers(cluster_name: str) -> list[dict[str, Any]]:
    made = {"StringEquals": {f"aws:RequestTag/{_TAG}": cluster_name}}
    creating = {"elasticloadbalancing:CreateAction": ["CreateTargetGroup", "CreateLoadBalancer"]}
    return [
        _allow(_elb("CreateLoadBalancer", "CreateTargetGroup"), "*", made),
        # Listeners and rules carry no tag when these are asked about.
        _allow(
            _elb("CreateListener", "DeleteListener", "CreateRule", "DeleteRule", "ModifyListener", "ModifyRule")
            + _elb("AddListenerCertificates", "RemoveListenerCertificates", "SetRulePriorities"),
            "*",
        ),
        _allow(_elb("AddTags", "RemoveTags"), _BALANCERS, _retag(cluster_name)),
        _allow(_elb("AddTags", "RemoveTags"), _LISTENERS),
        _allow(_elb("AddTags"), _BALANCERS, {"StringEquals": {**creating, **made["StringEquals"]}}),
        _allow(
            _elb("ModifyLoadBalancerAttributes", "SetIpAddressType", "SetSecurityGroups", "SetSubnets")
            + _elb("DeleteLoadBalancer", "ModifyTargetGroup", "ModifyTargetGroupAttributes", "DeleteTargetGroup")
            + _elb("ModifyListenerAttributes", "ModifyCapacityReservation", "ModifyIpPools"),
            "*",
            _owned(cluster_name),
        ),
    ]


def _targets() -> list[dict[str, Any]]:
    # Of any target group: those of the players' load balancer are the program's, not the controller's.
    return [_allow(_elb("RegisterTargets", "DeregisterTargets"), f"{_ELB}:targetgroup/*/*")]


def _elb(*actions: str) -> list[str]:
    return [f"elasticloadbalancing:{action}" for action in actions]


def _owned(cluster_name: str) -> dict[str, Any]:
    return {"StringEquals": {f"aws:ResourceTag/{_TAG}": cluster_name}}


def _retag(cluster_name: str) -> dict[str, Any]:
    """Other tags of what is the cluster's own; the tag that makes it so is neither given nor taken away."""
    return {**_owned(cluster_name), "Null": {f"aws:RequestTag/{_TAG}": "true"}}


def _allow(actions: list[str], resource: str | list[str], condition: dict[str, Any] | None = None) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement
