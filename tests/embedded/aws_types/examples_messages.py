"""SQS and EventBridge types: what a program would ask for, and how it would then change it in place."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.embedded.aws_types.driver import ACCOUNT, Engine
from tests.embedded.aws_types.ground import TAGS, Example

QUEUE_ARN = f"arn:aws:sqs:us-east-1:{ACCOUNT}:mmorpg-us-east"


def _queue(_: Engine) -> Example:
    wanted = {"name": "mmorpg-us-east", "messageRetentionSeconds": 300, "sqsManagedSseEnabled": True, "tags": TAGS}
    later = {"messageRetentionSeconds": 600, "visibilityTimeoutSeconds": 60, "tags": {"a": "b"}}
    return Example(wanted, wanted | later | {"sqsManagedSseEnabled": False})


def _queue_policy(engine: Engine) -> Example:
    queue = engine.make("aws:sqs/queue:Queue", "queue", name="mmorpg-us-east")

    def policy(*services: str) -> str:
        who = {"Service": list(services)}
        statement = {"Effect": "Allow", "Principal": who, "Action": "sqs:SendMessage", "Resource": QUEUE_ARN}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1)

    return Example(
        {"queueUrl": queue.id, "policy": policy("events.amazonaws.com", "sqs.amazonaws.com")},
        {"queueUrl": queue.id, "policy": policy("events.amazonaws.com")},
    )


def _event_rule(_: Engine) -> Example:
    def pattern(*kinds: str) -> str:
        return json.dumps({"source": ["aws.ec2"], "detail-type": list(kinds)}, indent=2)

    wanted = {"name": "mmorpg-us-east-spot", "description": "spot", "tags": TAGS}
    later = {"eventPattern": pattern("EC2 Instance State-change Notification"), "state": "DISABLED"}
    return Example(
        wanted | {"eventPattern": pattern("EC2 Spot Instance Interruption Warning")},
        {"name": wanted["name"], "tags": {"a": "b"}} | later,
    )


def _event_target(engine: Engine) -> Example:
    pattern = json.dumps({"source": ["aws.health"]})
    rule = engine.make("aws:cloudwatch/eventRule:EventRule", "rule", name="health", eventPattern=pattern)
    wanted = {"rule": rule.id, "targetId": "karpenter"}
    return Example(
        wanted | {"arn": QUEUE_ARN},
        wanted | {"arn": f"{QUEUE_ARN}-2"},
        lambda made: f"{rule.id}/karpenter",
    )


MESSAGES: dict[str, Callable[[Engine], Example]] = {
    "aws:sqs/queue:Queue": _queue,
    "aws:sqs/queuePolicy:QueuePolicy": _queue_policy,
    "aws:cloudwatch/eventRule:EventRule": _event_rule,
    "aws:cloudwatch/eventTarget:EventTarget": _event_target,
}
