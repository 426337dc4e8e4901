"""IAM: roles in use, policies attached, trust policies nobody could use."""

from __future__ import annotations

import json
from typing import Any

from embedded.aws.account import Account
from embedded.aws.models.eks_state import Eks
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

CHARACTERS_PER_POLICY = 6144
POLICIES_PER_ROLE = 10
_QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"


def _in_use_by_eks(account: Account, call: Call) -> Verdict:
    role = account.moto("iam", call.region).roles.get(_role_id(account, call))
    if role is None:
        return None
    for _, eks in account.models(Eks):
        for cluster in eks.clusters.values():
            users = [cluster.facts["roleArn"], *(group["nodeRole"] for group in cluster.nodegroups.values())]
            users += [it["roleArn"] for it in cluster.pod_identities.values()]
            if role.arn in users:
                return {}
    return None


def _role_id(account: Account, call: Call) -> str | None:
    roles = account.moto("iam", call.region).roles.items()
    return next((ident for ident, role in roles if role.name == call.parameters["RoleName"]), None)


def _attached(account: Account, call: Call) -> Verdict:
    policy = account.moto("iam", call.region).managed_policies.get(call.parameters["PolicyArn"])
    return {} if policy is not None and policy.attachment_count else None


def _more_versions(account: Account, call: Call) -> Verdict:
    policy = account.moto("iam", call.region).managed_policies.get(call.parameters["PolicyArn"])
    return {} if policy is not None and len(policy.versions) > 1 else None


def _too_large(_: Account, call: Call) -> Verdict:
    size = len("".join(call.parameters["PolicyDocument"].split()))
    return {"most": CHARACTERS_PER_POLICY} if size > CHARACTERS_PER_POLICY else None


def _too_many_attached(account: Account, call: Call) -> Verdict:
    role = account.moto("iam", call.region).roles.get(_role_id(account, call))
    attached = set() if role is None else {*role.managed_policies, call.parameters["PolicyArn"]}
    return {"most": POLICIES_PER_ROLE} if len(attached) > POLICIES_PER_ROLE else None


def _bad_trust(_: Account, call: Call) -> Verdict:
    text = call.parameters.get("AssumeRolePolicyDocument", call.parameters.get("PolicyDocument", ""))
    try:
        document = json.loads(text)
    except ValueError:
        return {"fault": "This policy contains invalid Json"}
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not statements:
        return {"fault": "Syntax errors in policy."}
    faults = [_fault(one) for one in (statements if isinstance(statements, list) else [statements])]
    return next(({"fault": fault} for fault in faults if fault), None)


def _fault(statement: dict[str, Any]) -> str:
    actions = statement.get("Action", [])
    if "Resource" in statement:
        return "Has prohibited field Resource"
    if "Principal" not in statement:
        return "Missing required field Principal"
    if not actions:
        return "Missing required field Action"
    wrong = [it for it in ([actions] if isinstance(actions, str) else actions) if not it.startswith("sts:")]
    return "AssumeRole policy may only specify STS AssumeRole actions." if wrong else ""


TABLE = (
    # For a node role this is AWS to the letter: EKS keeps it in an instance profile. The role of a cluster or of a pod
    # identity IAM itself lets go, and the cluster can then neither work nor be deleted cleanly; refusing it here is
    # stricter than AWS on purpose, so that a wrong order of deletion is found in a rehearsal.
    Refusal(
        ("DeleteRole",),
        _in_use_by_eks,
        "DeleteConflict",
        "Cannot delete entity, must remove roles from instance profile first.",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html; "
        "https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html",
        409,
    ),
    Refusal(
        ("DeletePolicy",),
        _attached,
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html",
        409,
    ),
    Refusal(
        ("DeletePolicy",),
        _more_versions,
        "DeleteConflict",
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
        "The default version is deleted with the policy.",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html",
        409,
    ),
    Refusal(
        ("CreatePolicy", "CreatePolicyVersion"),
        _too_large,
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: {most}",
        f"{_QUOTAS} (6,144 characters, white space not counted)",
        409,
    ),
    Refusal(
        ("AttachRolePolicy",),
        _too_many_attached,
        "LimitExceeded",
        "Cannot exceed quota for PoliciesPerRole: {most}",
        f"{_QUOTAS} (10 managed policies per role, adjustable)",
        409,
    ),
    Refusal(
        ("CreateRole", "UpdateAssumeRolePolicy"),
        _bad_trust,
        "MalformedPolicyDocument",
        "{fault}",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    ),
)
