"""As whom an aws provider of the embedded cloud acts, and whether it may act in that account.

No profile is read and no role is looked for: the embedded cloud is one account, whoever calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from embedded.provider import ProviderError, Values, contains_unknown

# What the real provider takes of a role (pulumi_aws.ProviderAssumeRoleArgs); another key, such as role_arn, it drops.
_OF_A_ROLE = (
    "duration",
    "externalId",
    "policy",
    "policyArns",
    "roleArn",
    "sessionName",
    "sourceIdentity",
    "tags",
    "transitiveTagKeys",
)


def refuse_wrong_account(settings: Values, own: Callable[[], str]) -> None:
    """ProviderError where the provider's inputs lead to an account that they do not allow.

    A role leads to the account in its ARN, everything else to the embedded cloud's `own`.
    """
    roles = settings.get("assumeRoles") or []
    allowed = settings.get("allowedAccountIds") or []
    if contains_unknown(roles) or contains_unknown(allowed):
        return
    for index, role in enumerate(roles):
        _refuse_bad_role(f"assumeRoles[{index}]", role)
    if not allowed:
        return
    account = str(roles[-1]["roleArn"]).split(":")[4] if roles else own()
    if account not in allowed:
        whose = "" if roles else f" (the embedded cloud's own: to rehearse without a role, allow {account} too)"
        raise ProviderError(f"AWS account ID not allowed: {account}{whose}")


def _refuse_bad_role(path: str, role: Any) -> None:
    strange = sorted(set(role) - set(_OF_A_ROLE))
    if strange:
        raise ProviderError(
            f"{path}: {strange[0]!r} is nothing that an assumed role has; known: {', '.join(_OF_A_ROLE)}"
        )
    parts = str(role.get("roleArn")).split(":")
    if len(parts) != 6 or not parts[5].startswith("role/"):
        raise ProviderError(f"{path}.roleArn: {role.get('roleArn')!r} is no role's ARN")
