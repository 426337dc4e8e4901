"""Queues and event rules: what the real provider does beyond plain create and delete."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded.aws import objects
from embedded.aws.handler import AwsHandler
from embedded.aws.objects import Refused
from embedded.provider import Target
from tests.embedded.aws_types.driver import Engine

QUEUE = "aws:sqs/queue:Queue"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
URL = "https://sqs.us-east-1.amazonaws.com/123456789012/game"


class BusySqs:
    """An SQS that refuses a name for the given number of tries."""

    unsteady = False

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.tries = 0

    def client(self, service: str, region: str) -> BusySqs:
        del service, region
        return self

    def can_paginate(self, method: str) -> bool:
        del method
        return False

    def create_queue(self, **_: Any) -> dict[str, Any]:
        self.tries += 1
        if self.tries <= self.refusals:
            code = "AWS.SimpleQueueService.QueueDeletedRecently"
            raise ClientError({"Error": {"Code": code, "Message": "You must wait 60 seconds"}}, "CreateQueue")
        return {"QueueUrl": URL}

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:123456789012:game"}}

    def list_queue_tags(self, **_: Any) -> dict[str, Any]:
        return {}


def made(cloud: BusySqs) -> str:
    handler = AwsHandler(cloud)
    handler.configure({"region": "us-east-1"})
    target = Target.of(f"urn:pulumi:local::p::{QUEUE}::game")
    return handler.create(target, {"name": "game"})[0]


def test_a_queue_waits_until_its_name_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "_RETRY_POLL_SECONDS", 0.001)
    cloud = BusySqs(3)
    assert (made(cloud), cloud.tries) == (URL, 4)


def test_the_wait_for_a_name_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "_RETRY_POLL_SECONDS", 0.001)
    monkeypatch.setattr(objects, "RETRY_SECONDS", 0.01)
    with pytest.raises(Refused, match="QueueDeletedRecently: You must wait 60 seconds"):
        made(BusySqs(1_000_000))


def test_the_wait_for_a_name_is_longer_than_aws_holds_it() -> None:
    assert objects.RETRY_SECONDS == 70


def test_a_queue_tells_its_figures_as_numbers_and_its_url(engine: Engine) -> None:
    queue = engine.make(QUEUE, name="game", messageRetentionSeconds=300)
    figures = ("messageRetentionSeconds", "visibilityTimeoutSeconds", "sqsManagedSseEnabled", "url", "id")
    assert [queue.outputs.get(name) for name in figures] == [300, 30, True, URL, None]
    assert (queue.id, queue.outputs["arn"]) == (URL, "arn:aws:sqs:us-east-1:123456789012:game")


def test_a_queue_without_a_name_gets_one(engine: Engine) -> None:
    assert engine.make(QUEUE, "interruptions").outputs["name"] == "interruptions-1f2e3d4"


def test_a_pattern_in_another_layout_is_no_change(engine: Engine) -> None:
    pattern = {"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]}
    rule = engine.make(RULE, name="spot", eventPattern=json.dumps(pattern, indent=4))
    said = dict(reversed(pattern.items()))
    assert engine.checked(rule.target, {"name": "spot", "eventPattern": json.dumps(said)}, rule.inputs) == rule.inputs


def test_a_rule_changed_in_place_keeps_its_targets(engine: Engine) -> None:
    wanted = {"name": "spot", "eventPattern": json.dumps({"source": ["aws.ec2"]})}
    rule = engine.make(RULE, **wanted)
    target = engine.make(TARGET, rule="spot", targetId="queue", arn="arn:aws:sqs:us-east-1:123456789012:game")
    assert target.id == "spot-queue"
    engine.change(rule, **wanted | {"state": "DISABLED"})
    assert engine.refreshed(target) == target
    with pytest.raises(Refused, match="AWS refuses DeleteRule: ValidationException: Rule can't be deleted"):
        engine.drop(rule)
