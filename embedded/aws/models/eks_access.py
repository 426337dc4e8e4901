"""EKS access entries and the access policies associated with them."""

from __future__ import annotations

from typing import Any

from embedded.aws.account import ACCOUNT_ID, Account
from embedded.aws.models.eks_state import (
    AccessEntry,
    EksCluster,
    Facts,
    arn,
    cluster_of,
    in_use,
    not_found,
    now,
    page,
    unique,
)
from embedded.aws.models.eks_versions import ACCESS_POLICIES, ACCESS_POLICY_ARN
from embedded.aws.protocol import Call

# Who every call of the embedded account is made by; sts GetCallerIdentity says the same.
CALLER_ARN = f"arn:aws:iam::{ACCOUNT_ID}:user/embedded"

# What EKS fills in for entries of nodes.
# https://docs.aws.amazon.com/eks/latest/userguide/access-policies.html and creating-access-entries.html
_NODE_GROUPS = {
    "EC2_LINUX": ["system:nodes"],
    "EC2_WINDOWS": ["system:nodes", "eks:kube-proxy-windows"],
    "FARGATE_LINUX": ["system:bootstrappers", "system:nodes", "system:node-proxier"],
}


def add_entry(cluster: EksCluster, call: Call, principal: str, kind: str = "STANDARD", **given: Any) -> AccessEntry:
    """Make an access entry of `kind` for `principal`; `given`: username, kubernetesGroups, tags."""
    _, who = principal.rsplit(":", 1)
    facts: Facts = {
        "clusterName": cluster.name,
        "principalArn": principal,
        "kubernetesGroups": given.get("kubernetesGroups", _NODE_GROUPS.get(kind, [])),
        "accessEntryArn": arn(call, "access-entry", cluster.name, _path(who), unique()),
        "createdAt": now(),
        "modifiedAt": now(),
        "tags": given.get("tags", {}),
        "username": given.get("username") or _username(principal, kind),
        "type": kind,
    }
    cluster.access[principal] = AccessEntry(facts)
    return cluster.access[principal]


def _path(who: str) -> str:
    kind, *names = who.split("/")
    return f"{kind}/{ACCOUNT_ID}/{names[-1] if names else ''}"


def _username(principal: str, kind: str) -> str:
    if kind in _NODE_GROUPS:
        return "system:node:{{EC2PrivateDNSName}}" if kind != "FARGATE_LINUX" else "system:node:{{SessionName}}"
    if ":role/" in principal:
        return f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{principal.rsplit('/', 1)[1]}/{{{{SessionName}}}}"
    return principal


def add_creator(cluster: EksCluster, call: Call) -> None:
    """Let who made the cluster administer it, as bootstrapClusterCreatorAdminPermissions asks."""
    entry = add_entry(cluster, call, CALLER_ARN)
    entry.own = True
    _associate(entry, f"{ACCESS_POLICY_ARN}AmazonEKSClusterAdminPolicy", {"type": "cluster"})


def _associate(entry: AccessEntry, policy: str, scope: Facts) -> Facts:
    made = entry.policies.get(policy, {}).get("associatedAt", now())
    entry.policies[policy] = {
        "policyArn": policy,
        "accessScope": {"namespaces": []} | scope,
        "associatedAt": made,
        "modifiedAt": now(),
    }
    return entry.policies[policy]


def entry_of(cluster: EksCluster, call: Call) -> AccessEntry:
    """The access entry a call names."""
    principal = call.parameters["principalArn"]
    if principal not in cluster.access:
        raise not_found(f"The specified principalArn could not be found: {principal}")
    return cluster.access[principal]


def create_access_entry(account: Account, call: Call) -> Facts:
    """CreateAccessEntry."""
    cluster, given = cluster_of(account, call), dict(call.parameters)
    principal = given["principalArn"]
    if principal in cluster.access:
        raise in_use("The specified access entry resource is already in use on this cluster.")
    kept = {key: given[key] for key in ("username", "kubernetesGroups", "tags") if key in given}
    return {"accessEntry": add_entry(cluster, call, principal, given.get("type", "STANDARD"), **kept).facts}


def describe_access_entry(account: Account, call: Call) -> Facts:
    """DescribeAccessEntry."""
    return {"accessEntry": entry_of(cluster_of(account, call), call).facts}


def list_access_entries(account: Account, call: Call) -> Facts:
    """ListAccessEntries, all or those with a policy."""
    policy = call.parameters.get("associatedPolicyArn")
    entries = cluster_of(account, call).access.items()
    return page(call, "accessEntries", sorted(who for who, entry in entries if not policy or policy in entry.policies))


def update_access_entry(account: Account, call: Call) -> Facts:
    """UpdateAccessEntry: groups and user name."""
    entry = entry_of(cluster_of(account, call), call)
    changed = {key: call.parameters[key] for key in ("kubernetesGroups", "username") if key in call.parameters}
    entry.facts |= changed | {"modifiedAt": now()}
    return {"accessEntry": entry.facts}


def delete_access_entry(account: Account, call: Call) -> Facts:
    """DeleteAccessEntry, with its policy associations."""
    cluster = cluster_of(account, call)
    entry_of(cluster, call)
    del cluster.access[call.parameters["principalArn"]]
    return {}


def associate_access_policy(account: Account, call: Call) -> Facts:
    """AssociateAccessPolicy: a second time it replaces the scope."""
    entry = entry_of(cluster_of(account, call), call)
    policy = _associate(entry, call.parameters["policyArn"], call.parameters["accessScope"])
    return _named(call) | {"associatedAccessPolicy": policy}


def disassociate_access_policy(account: Account, call: Call) -> Facts:
    """DisassociateAccessPolicy."""
    entry = entry_of(cluster_of(account, call), call)
    policy = call.parameters["policyArn"]
    if policy not in entry.policies:
        raise not_found(f"The specified policyArn is not associated with the access entry: {policy}")
    del entry.policies[policy]
    return {}


def list_associated_access_policies(account: Account, call: Call) -> Facts:
    """ListAssociatedAccessPolicies."""
    policies = entry_of(cluster_of(account, call), call).policies
    return _named(call) | page(call, "associatedAccessPolicies", [policies[policy] for policy in sorted(policies)])


def _named(call: Call) -> Facts:
    return {"clusterName": call.parameters["clusterName"], "principalArn": call.parameters["principalArn"]}


def list_access_policies(_: Account, call: Call) -> Facts:
    """ListAccessPolicies."""
    return page(
        call, "accessPolicies", [{"name": name, "arn": f"{ACCESS_POLICY_ARN}{name}"} for name in ACCESS_POLICIES]
    )
