"""CloudWatch Logs: keys it may not use, retentions it does not have."""

from __future__ import annotations

from embedded.aws.account import ACCOUNT_ID, Account
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


def _unusable_key(account: Account, call: Call) -> Verdict:
    ident, name = call.parameters.get("kmsKeyId"), call.parameters.get("logGroupName")
    if not ident:
        return None
    keys = account.moto("kms", call.region).keys.values()
    key = next((key for key in keys if ident in (key.arn, key.id)), None)
    usable = key is not None and key.key_state == "Enabled" and f"logs.{call.region}.amazonaws.com" in key.policy
    arn = f"arn:aws:logs:{call.region}:{ACCOUNT_ID}:log-group:{name}"
    return None if usable else {"arn": arn}


def _no_such_retention(_: Account, call: Call) -> Verdict:
    days = call.parameters["retentionInDays"]
    return {"days": days, "allowed": ", ".join(map(str, RETENTIONS))} if days not in RETENTIONS else None


TABLE = (
    Refusal(
        ("CreateLogGroup", "AssociateKmsKey"),
        _unusable_key,
        "InvalidParameterException",
        "The specified KMS key does not exist or is not allowed to be used with LogGroup '{arn}'",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
    ),
    Refusal(
        ("PutRetentionPolicy",),
        _no_such_retention,
        "InvalidParameterException",
        "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must "
        "satisfy enum value set: [{allowed}]",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
    ),
)
