"""KMS: key policies that would lock everybody out."""

from __future__ import annotations

import json
from typing import Any

from embedded.aws.account import ACCOUNT_ID, Account
from embedded.aws.models.eks_access import CALLER_ARN
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

_ADMINISTER = ("*", "kms:*", "kms:Put*", "kms:PutKeyPolicy")
_ADMINISTRATORS = ("*", ACCOUNT_ID, f"arn:aws:iam::{ACCOUNT_ID}:root", CALLER_ARN)


def _locks_out(_: Account, call: Call) -> Verdict:
    given = call.parameters
    if "Policy" not in given or given.get("BypassPolicyLockoutSafetyCheck"):
        return None
    try:
        statements = json.loads(given["Policy"])["Statement"]
    except (ValueError, KeyError, TypeError):
        return {}
    return None if any(_administers(it) for it in _several(statements)) else {}


def _administers(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    names = _several(principal.get("AWS", []) if isinstance(principal, dict) else principal)
    allowed = any(action in _ADMINISTER for action in _several(statement.get("Action", [])))
    return statement.get("Effect") == "Allow" and allowed and any(name in _ADMINISTRATORS for name in names)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


TABLE = (
    Refusal(
        ("CreateKey", "PutKeyPolicy"),
        _locks_out,
        "MalformedPolicyDocumentException",
        "The new key policy will not allow you to update the key policy in the future.",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key",
    ),
)
