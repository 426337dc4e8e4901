"""SQS: names of queues just deleted, attributes out of bounds, policies that are none."""

from __future__ import annotations

import json
from datetime import timedelta

from moto.core.utils import utcnow

from embedded.aws.account import Account
from embedded.aws.models.sqs import DeletedQueues
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

NAME_TAKEN_FOR = timedelta(seconds=60)
_CREATE_QUEUE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"
# Seconds and bytes, both bounds allowed.
_BOUNDS = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}


def _deleted_recently(account: Account, call: Call) -> Verdict:
    deleted = account.model(DeletedQueues, call.region).at.get(call.parameters["QueueName"])
    return {} if deleted is not None and utcnow() - deleted < NAME_TAKEN_FOR else None


def _out_of_bounds(_: Account, call: Call) -> Verdict:
    attributes = call.parameters.get("Attributes", {})
    for name, (least, most) in _BOUNDS.items():
        value = attributes.get(name, str(least))
        if not value.isdecimal() or not least <= int(value) <= most:
            return {"name": name}
    return None


def _no_policy(_: Account, call: Call) -> Verdict:
    policy = call.parameters.get("Attributes", {}).get("Policy")
    if not policy:
        return None
    try:
        statements = json.loads(policy).get("Statement")
    except (ValueError, AttributeError):
        statements = None
    return None if statements else {"name": "Policy"}


TABLE = (
    Refusal(
        ("CreateQueue",),
        _deleted_recently,
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html",
    ),
    Refusal(
        ("CreateQueue", "SetQueueAttributes"),
        _out_of_bounds,
        "InvalidAttributeValue",
        "Invalid value for the parameter {name}.",
        _CREATE_QUEUE,
    ),
    Refusal(
        ("CreateQueue", "SetQueueAttributes"),
        _no_policy,
        "InvalidAttributeValue",
        "Invalid value for the parameter {name}.",
        _CREATE_QUEUE,
    ),
)
