"""KMS: the rotation period, which moto forgets, and what moto trips over when a key is named by its ARN."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from moto.core.utils import utcnow

from embedded.aws.account import Account
from embedded.aws.errors import AwsError
from embedded.aws.protocol import Answer, Call


@dataclass
class Rotation:
    """Of each key of a region whose rotation is on: the period in days."""

    days: dict[str, int] = field(default_factory=dict)


def _key(account: Account, call: Call) -> Any:
    kms = account.moto("kms", call.region)
    key = kms.keys.get(kms.any_id_to_key_id(call.parameters["KeyId"]))
    if key is None:
        raise AwsError("NotFoundException", f"Key '{call.parameters['KeyId']}' does not exist")
    return key


def enable_key_rotation(account: Account, call: Call) -> Answer:
    """EnableKeyRotation, with its period (365 days)."""
    account.model(Rotation, call.region).days[_key(account, call).id] = call.parameters.get("RotationPeriodInDays", 365)
    return account.execute(call)


def get_key_rotation_status(account: Account, call: Call) -> dict[str, Any]:
    """GetKeyRotationStatus, with the period when rotation is on."""
    key = _key(account, call)
    answer = {"KeyId": key.id, "KeyRotationEnabled": key.key_rotation_status}
    if key.key_rotation_status:
        answer["RotationPeriodInDays"] = account.model(Rotation, call.region).days[key.id]
    return answer


def enable_key(account: Account, call: Call) -> dict[str, Any]:
    """EnableKey."""
    _switch(_key(account, call), on=True)
    return {}


def disable_key(account: Account, call: Call) -> dict[str, Any]:
    """DisableKey."""
    _switch(_key(account, call), on=False)
    return {}


def _switch(key: Any, on: bool) -> None:
    if key.key_state == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    key.enabled, key.key_state = on, "Enabled" if on else "Disabled"


def cancel_key_deletion(account: Account, call: Call) -> dict[str, Any]:
    """CancelKeyDeletion: the key is disabled until it is enabled."""
    key = _key(account, call)
    if key.key_state != "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
    key.key_state, key.deletion_date = "Disabled", None
    return {"KeyId": key.arn}


def schedule_key_deletion(account: Account, call: Call) -> dict[str, Any]:
    """ScheduleKeyDeletion: the key is unusable at once and gone after 7 to 30 days (30)."""
    key = _key(account, call)
    days = call.parameters.get("PendingWindowInDays", 30)
    if not 7 <= days <= 30:
        message = f"PendingWindowInDays must be between 7 and 30 inclusive, not {days}."
        raise AwsError("ValidationException", message)
    if key.key_state == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    key.enabled, key.key_state = False, "PendingDeletion"
    key.deletion_date = utcnow() + timedelta(days=days)
    return {
        "KeyId": key.arn,
        "DeletionDate": key.deletion_date,
        "KeyState": key.key_state,
        "PendingWindowInDays": days,
    }
