"""The refusal tables of all services, and the check of a call against them."""

from __future__ import annotations

from embedded.aws.account import Account
from embedded.aws.protocol import Call


def refuse(account: Account, call: Call) -> None:
    """AwsError when AWS would refuse a call that moto would let pass."""
