"""Finders of queues, event rules and what belongs to them; see `automation.finders`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3

Inputs = Mapping[str, Any]


def _queue(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    return str(session.client("sqs").get_queue_url(QueueName=inputs["name"])["QueueUrl"])


def _queue_policy(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    url = inputs["queueUrl"]
    found = session.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return url if found.get("Attributes", {}).get("Policy") else None


def _event_rule(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    return str(session.client("events").describe_rule(Name=inputs["name"])["Name"])


def _event_target(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    rule, target = inputs["rule"], inputs["targetId"]
    targets = session.client("events").list_targets_by_rule(Rule=rule)["Targets"]
    return f"{rule}-{target}" if any(found["Id"] == target for found in targets) else None


MESSAGE_FINDERS = {
    "aws:sqs/queue:Queue": _queue,
    "aws:sqs/queuePolicy:QueuePolicy": _queue_policy,
    "aws:cloudwatch/eventRule:EventRule": _event_rule,
    "aws:cloudwatch/eventTarget:EventTarget": _event_target,
}
