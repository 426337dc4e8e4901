"""The interruption queue: AWS's own words in every pattern, and a queue that is closed to all others."""

import json

from components.karpenter.interruption import Interruption, InterruptionArgs
from plan.recorder import Recording
from tests.engine import all_of, build, only

RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"


def built() -> Recording:
    return build(lambda: Interruption("us-east", InterruptionArgs(prefix="mmorpg-us-east")))


def test_the_five_patterns_are_aws_own_names_to_the_letter():
    # docs.aws.amazon.com: eventbridge/latest/ref/events-ref-health.html and events-ref-ec2.html; the last one in
    # AWSEC2/latest/UserGuide/monitor-interruptible-cr.html
    patterns = {rule.inputs["name"]: json.loads(rule.inputs["eventPattern"]) for rule in all_of(built(), RULE)}
    assert patterns == {
        f"mmorpg-us-east-karpenter-{name}": {"source": [source], "detail-type": [detail_type]}
        for name, source, detail_type in (
            ("health", "aws.health", "AWS Health Event"),
            ("spot-interruption", "aws.ec2", "EC2 Spot Instance Interruption Warning"),
            ("rebalance", "aws.ec2", "EC2 Instance Rebalance Recommendation"),
            ("state-change", "aws.ec2", "EC2 Instance State-change Notification"),
            ("capacity-reservation", "aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
        )
    }


def test_every_rule_sends_to_the_one_queue():
    recording = built()
    queue = only(recording, "aws:sqs/queue:Queue")
    rules = {rule.urn for rule in all_of(recording, RULE)}
    targets = all_of(recording, TARGET)
    assert {target.inputs["rule"]["$ref"] for target in targets} == rules
    assert all(target.inputs["arn"] == {"$ref": queue.urn, "property": "arn"} for target in targets)


def test_a_notice_is_forgotten_after_five_minutes_and_encrypted_until_then():
    queue = only(built(), "aws:sqs/queue:Queue").inputs
    assert (queue["messageRetentionSeconds"], queue["sqsManagedSseEnabled"]) == (300, True)


def test_events_come_from_aws_alone_and_nobody_speaks_plain_http():
    recording = built()
    policy = only(recording, "aws:sqs/queuePolicy:QueuePolicy")
    assert policy.inputs["queueUrl"] == {"$ref": only(recording, "aws:sqs/queue:Queue").urn, "property": "url"}
    document = json.loads(policy.resolved["policy"])
    send, deny = document["Statement"]
    assert document["Version"] == "2012-10-17"
    assert send["Principal"] == {"Service": ["events.amazonaws.com", "sqs.amazonaws.com"]}
    assert (send["Effect"], send["Action"]) == ("Allow", ["sqs:SendMessage"])
    assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", ["sqs:*"])
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert send["Resource"] == deny["Resource"] != "*"
