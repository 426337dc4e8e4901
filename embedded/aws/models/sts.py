"""STS: who the caller is."""

from __future__ import annotations

from typing import Any

from embedded.aws.account import ACCOUNT_ID, Account
from embedded.aws.models.eks_access import CALLER_ARN
from embedded.aws.protocol import Call


def get_caller_identity(_: Account, __: Call) -> dict[str, Any]:
    """GetCallerIdentity: the one user of the embedded account."""
    return {"UserId": "AIDAEMBEDDEDCLOUD000", "Account": ACCOUNT_ID, "Arn": CALLER_ARN}
