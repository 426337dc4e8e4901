"""Interruption: the queue on which AWS tells Karpenter that a node is about to go, and the rules that fill it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
import pulumi_aws as aws

from components.policies import policy

# A notice that nobody took for five minutes is about an instance that is gone: a spot notice comes two minutes before.
RETENTION_SECONDS = 300
TARGET = "KarpenterInterruptionQueueTarget"
# Name of the rule -> event source and detail-type, both in AWS's own words, character by character.
# docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ec2.html, .../events-ref-health.html, and for the last of them
# docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-interruptible-cr.html
EVENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "health": ("aws.health", "AWS Health Event"),
        "spot-interruption": ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
        "rebalance": ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
        "state-change": ("aws.ec2", "EC2 Instance State-change Notification"),
        "capacity-reservation": ("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
    }
)


@dataclass(frozen=True, kw_only=True)
class InterruptionArgs:
    """`prefix` begins the name of the queue and of each rule."""

    prefix: str


class Interruption(pulumi.ComponentResource):
    """One queue, closed to all but AWS's own senders, and a rule with a target for each kind of event."""

    queue_name: pulumi.Output[str]
    queue_arn: pulumi.Output[str]

    def __init__(self, name: str, args: InterruptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:karpenter:Interruption", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        queue = self._queue(name, args)
        for event, (source, detail_type) in EVENTS.items():
            self._rule(name, args, queue, event, event_pattern(source, detail_type))

        self.queue_name, self.queue_arn = queue.name, queue.arn
        self.register_outputs({"queue_name": self.queue_name, "queue_arn": self.queue_arn})

    def _queue(self, name: str, args: InterruptionArgs) -> aws.sqs.Queue:
        queue_name = f"{args.prefix}-karpenter"
        queue = aws.sqs.Queue(
            f"{name}-karpenter",
            name=queue_name,
            message_retention_seconds=RETENTION_SECONDS,
            sqs_managed_sse_enabled=True,
            tags={"Name": queue_name},
            opts=self._child,
        )
        aws.sqs.QueuePolicy(f"{name}-karpenter", queue_url=queue.url, policy=queue_policy(queue.arn), opts=self._child)
        return queue

    def _rule(self, name: str, args: InterruptionArgs, queue: aws.sqs.Queue, event: str, pattern: str) -> None:
        rule = aws.cloudwatch.EventRule(
            f"{name}-karpenter-{event}",
            name=f"{args.prefix}-karpenter-{event}",
            event_pattern=pattern,
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(
            f"{name}-karpenter-{event}", rule=rule.name, target_id=TARGET, arn=queue.arn, opts=self._child
        )


def event_pattern(source: str, detail_type: str) -> str:
    """EventBridge's pattern for all events of one kind, as JSON."""
    return json.dumps({"detail-type": [detail_type], "source": [source]}, sort_keys=True)


def queue_policy(queue_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """AWS's event senders may put messages in; nobody may do anything in plain HTTP."""
    return policy(
        [
            {
                "Sid": "EventsMaySend",
                "Effect": "Allow",
                "Principal": {"Service": ["events.amazonaws.com", "sqs.amazonaws.com"]},
                "Action": ["sqs:SendMessage"],
                "Resource": queue_arn,
            },
            {
                "Sid": "DenyHTTP",
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["sqs:*"],
                "Resource": queue_arn,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ]
    )
