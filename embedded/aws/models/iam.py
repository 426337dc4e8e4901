"""IAM: trust policies, which moto wrongly allows no action but three."""

from __future__ import annotations

from typing import Any

from embedded.aws.account import Account
from embedded.aws.protocol import Call


def update_assume_role_policy(account: Account, call: Call) -> dict[str, Any]:
    """UpdateAssumeRolePolicy: moto refuses sts:TagSession, which every trust of pod identities needs.

    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    """
    role = account.moto("iam", call.region).get_role(call.parameters["RoleName"])
    role.assume_role_policy_document = call.parameters["PolicyDocument"]
    return {}
