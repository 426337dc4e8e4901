"""What SQS and EventBridge refuse and moto does not, and what a queue keeps when others change it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from embedded.aws.clock import moment

PATTERN = json.dumps({"source": ["aws.health"]})
QUEUE_ARN = "arn:aws:sqs:us-east-1:123456789012:interruptions"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": QUEUE_ARN,
            }
        ],
    }
)


def test_the_name_of_a_deleted_queue_is_free_again_after_sixty_seconds_and_not_before(aws, refused):
    url = aws.sqs.create_queue(QueueName="interruptions")["QueueUrl"]
    aws.sqs.delete_queue(QueueUrl=url)
    with refused("AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds"):
        aws.sqs.create_queue(QueueName="interruptions")
    aws.sqs.create_queue(QueueName="another")
    still = refused("AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds")
    with moment(datetime.now(UTC) + timedelta(seconds=50)), still:
        aws.sqs.create_queue(QueueName="interruptions")
    with moment(datetime.now(UTC) + timedelta(seconds=61)):
        assert aws.sqs.create_queue(QueueName="interruptions")["QueueUrl"] == url


def test_a_restart_does_not_free_the_name_of_a_deleted_queue(aws, refused):
    url = aws.sqs.create_queue(QueueName="interruptions")["QueueUrl"]
    aws.sqs.delete_queue(QueueUrl=url)
    again = type(aws)()
    for sequence, entry in enumerate(aws.journal.entries, start=1):
        again.endpoint.replay(entry, sequence)
    again.endpoint.restore(again.endpoint.snapshot())
    with refused("AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds"):
        again.sqs.create_queue(QueueName="interruptions")


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("DelaySeconds", 0, 900),
        ("MaximumMessageSize", 1024, 1_048_576),
        ("MessageRetentionPeriod", 60, 1_209_600),
        ("ReceiveMessageWaitTimeSeconds", 0, 20),
        ("VisibilityTimeout", 0, 43_200),
    ],
)
def test_an_attribute_out_of_its_bounds_is_refused(aws, refused, name, least, most):
    for value in (least - 1, most + 1):
        with refused("InvalidAttributeValue", f"Invalid value for the parameter {name}"):
            aws.sqs.create_queue(QueueName="interruptions", Attributes={name: str(value)})
    url = aws.sqs.create_queue(QueueName="interruptions", Attributes={name: str(most)})["QueueUrl"]
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={name: str(least)})


@pytest.mark.parametrize("policy", ["{", "[]", "{}"])
def test_a_policy_that_is_none_is_refused(aws, refused, policy):
    url = aws.sqs.create_queue(QueueName="interruptions")["QueueUrl"]
    with refused("InvalidAttributeValue", "Invalid value for the parameter Policy"):
        aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def test_a_queue_keeps_its_policy_when_its_figures_change(aws):
    url = aws.sqs.create_queue(QueueName="interruptions")["QueueUrl"]
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": POLICY})
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    found = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (json.loads(found["Policy"]), found["VisibilityTimeout"]) == (json.loads(POLICY), "60")
    aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def test_a_rule_stays_while_it_has_targets(aws, refused):
    aws.events.put_rule(Name="health", EventPattern=PATTERN)
    aws.events.put_targets(Rule="health", Targets=[{"Id": "queue", "Arn": QUEUE_ARN}])
    with refused("ValidationException", "Rule can't be deleted since it has targets"):
        aws.events.delete_rule(Name="health")
    aws.events.remove_targets(Rule="health", Ids=["queue"])
    aws.events.delete_rule(Name="health")
    assert aws.endpoint.inventory() == []


def test_a_rule_takes_five_targets(aws, refused):
    aws.events.put_rule(Name="health", EventPattern=PATTERN)
    aws.events.put_targets(Rule="health", Targets=[{"Id": str(it), "Arn": f"{QUEUE_ARN}-{it}"} for it in range(5)])
    aws.events.put_targets(Rule="health", Targets=[{"Id": "4", "Arn": QUEUE_ARN}])
    with refused("LimitExceededException", "exceeds the maximum number allowed"):
        aws.events.put_targets(Rule="health", Targets=[{"Id": "5", "Arn": QUEUE_ARN}])


def test_a_bus_takes_three_hundred_rules(aws, refused):
    for number in range(300):
        aws.events.put_rule(Name=f"rule-{number}", EventPattern=PATTERN)
    aws.events.put_rule(Name="rule-0", EventPattern=PATTERN, State="DISABLED")
    with refused("LimitExceededException", "exceeds the maximum number allowed"):
        aws.events.put_rule(Name="rule-300", EventPattern=PATTERN)
