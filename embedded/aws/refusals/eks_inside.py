"""EKS, what lives in a cluster: add-ons, access entries and policies, pod identities."""

from __future__ import annotations

import json

from embedded.aws.account import Account
from embedded.aws.models.eks_state import EksCluster
from embedded.aws.models.eks_versions import ACCESS_POLICIES, ACCESS_POLICY_ARN, ADDONS
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict
from embedded.aws.refusals.eks_clusters import existing, trusts

_API = "https://docs.aws.amazon.com/eks/latest/APIReference/API_"
_ENTRIES = "https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html"
_PODS = "pods.eks.amazonaws.com"


def _unknown_addon(_: Account, call: Call) -> Verdict:
    return {} if call.parameters["addonName"] not in ADDONS else None


def _unknown_addon_version(_: Account, call: Call, cluster: EksCluster) -> Verdict:
    wanted, name = call.parameters.get("addonVersion"), call.parameters["addonName"]
    offered = ADDONS[name].versions[cluster.facts["version"]] if name in ADDONS else ()
    return {} if wanted is not None and wanted not in offered else None


def _bad_configuration(_: Account, call: Call) -> Verdict:
    values = call.parameters.get("configurationValues")
    if not values:
        return None
    try:
        return None if isinstance(json.loads(values), dict) else {}
    except ValueError:
        return {}


def _addon_roles(_: Account, call: Call) -> list[str]:
    return [it["roleArn"] for it in call.parameters.get("podIdentityAssociations", [])]


def _untrusting_addon_role(account: Account, call: Call) -> Verdict:
    roles = _addon_roles(account, call)
    return {} if any(not trusts(account, role, _PODS) for role in roles) else None


def _untrusting_pod_role(account: Account, call: Call) -> Verdict:
    role = call.parameters.get("roleArn")
    return {} if role is not None and not trusts(account, role, _PODS) else None


def _policy_without_tags_off(_: Account, call: Call) -> Verdict:
    given = call.parameters
    return {} if given.get("policy") and not given.get("disableSessionTags") else None


def _config_map_only(_: Account, __: Call, cluster: EksCluster) -> Verdict:
    return None if cluster.uses_access_entries else {}


def _node_entry_with_groups(_: Account, call: Call) -> Verdict:
    given = call.parameters
    dressed = "kubernetesGroups" in given or "username" in given
    return {"type": given["type"]} if given.get("type", "STANDARD") != "STANDARD" and dressed else None


def _unknown_type(_: Account, call: Call) -> Verdict:
    kind = call.parameters.get("type", "STANDARD")
    known = ("STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX")
    return {"type": kind} if kind not in known else None


def _reserved_groups(_: Account, call: Call) -> Verdict:
    reserved = [it for it in call.parameters.get("kubernetesGroups", []) if it.startswith(("system:", "eks:"))]
    return {"group": reserved[0]} if reserved else None


def _not_a_principal(_: Account, call: Call) -> Verdict:
    arn = call.parameters["principalArn"]
    return None if arn.startswith("arn:aws:iam::") and (":role/" in arn or ":user/" in arn) else {"arn": arn}


def _unknown_policy(_: Account, call: Call) -> Verdict:
    arn = call.parameters["policyArn"]
    known = arn.startswith(ACCESS_POLICY_ARN) and arn.removeprefix(ACCESS_POLICY_ARN) in ACCESS_POLICIES
    return None if known else {"arn": arn}


def _node_entry_policy(_: Account, call: Call, cluster: EksCluster) -> Verdict:
    entry = cluster.access.get(call.parameters["principalArn"])
    return (
        {"type": entry.facts["type"]} if entry is not None and entry.facts["type"] not in ("STANDARD", "EC2") else None
    )


def _scope_without_namespaces(_: Account, call: Call) -> Verdict:
    scope = call.parameters["accessScope"]
    return {} if (scope.get("type") == "namespace") != bool(scope.get("namespaces")) else None


_ADDON = ("CreateAddon", "UpdateAddon")
_ENTRY = ("CreateAccessEntry", "UpdateAccessEntry", "AssociateAccessPolicy", "ListAccessEntries")
_INVALID = "InvalidParameterException"

TABLE = (
    Refusal(
        ("CreateAddon",),
        _unknown_addon,
        _INVALID,
        "Addon specified is not supported",
        "https://github.com/aws/containers-roadmap/issues/1429",
    ),
    Refusal(
        _ADDON,
        existing(_unknown_addon_version),
        _INVALID,
        "Addon version specified is not supported",
        "https://github.com/hashicorp/terraform-provider-aws/issues/33385",
    ),
    Refusal(
        _ADDON,
        _bad_configuration,
        _INVALID,
        "ConfigurationValue is not in valid JSON or YAML format",
        "https://docs.aws.amazon.com/eks/latest/userguide/creating-an-add-on.html",
    ),
    Refusal(
        _ADDON,
        _untrusting_addon_role,
        _INVALID,
        "Trust policy of the role provided is invalid. Follow the official documentation to resolve the issue.",
        "https://github.com/aws/aws-cdk/issues/31522",
    ),
    Refusal(
        ("CreatePodIdentityAssociation", "UpdatePodIdentityAssociation"),
        _untrusting_pod_role,
        _INVALID,
        "Trust policy of the role provided is invalid. Follow the official documentation to resolve the issue.",
        "https://github.com/hashicorp/terraform-provider-aws/issues/41483",
    ),
    Refusal(
        ("CreatePodIdentityAssociation", "UpdatePodIdentityAssociation"),
        _policy_without_tags_off,
        _INVALID,
        "A session policy needs session tags disabled: set disableSessionTags to true",
        f"{_API}CreatePodIdentityAssociation.html",
    ),
    Refusal(
        _ENTRY,
        existing(_config_map_only),
        "InvalidRequestException",
        "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
        "https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html",
    ),
    Refusal(_ENTRY[:1], _unknown_type, _INVALID, "The access entry type {type} is not valid", _ENTRIES),
    Refusal(
        _ENTRY[:1],
        _not_a_principal,
        _INVALID,
        "The specified principalArn is invalid: invalid principal: {arn}",
        _ENTRIES,
    ),
    Refusal(
        _ENTRY[:1],
        _node_entry_with_groups,
        _INVALID,
        "Kubernetes groups and user name cannot be set for access entries of type {type}",
        _ENTRIES,
    ),
    Refusal(
        _ENTRY[:2],
        _reserved_groups,
        _INVALID,
        "The kubernetes group name {group} is invalid, it cannot start with system: or eks:",
        _ENTRIES,
    ),
    Refusal(
        ("AssociateAccessPolicy",),
        _unknown_policy,
        _INVALID,
        "The policyArn parameter format is not valid: {arn}",
        "https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html",
    ),
    Refusal(
        ("AssociateAccessPolicy",),
        existing(_node_entry_policy),
        "InvalidRequestException",
        "Access policies cannot be associated with an access entry of type {type}",
        "https://docs.aws.amazon.com/eks/latest/userguide/access-policies.html",
    ),
    Refusal(
        ("AssociateAccessPolicy",),
        _scope_without_namespaces,
        _INVALID,
        "An access scope has namespaces if, and only if, its type is namespace",
        f"{_API}AccessScope.html",
    ),
)
