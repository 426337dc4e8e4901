"""SQS: queues and their policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from embedded.aws.kinds import POLICY, Bool, Range, stands_in
from embedded.aws.properties import Property
from embedded.aws.rows import Assigned, Autoname, Call, Named, Read, Row, Scope, Tagging, Update, given, own_id, part
from embedded.aws.tags import dropped_keys, has_dropped_tags, has_new_tags, new_tags
from embedded.aws.types.sources import terraform
from embedded.provider import Values


@dataclass(frozen=True)
class RangeAttribute(Range):
    """A whole number that SQS takes and answers as a text."""

    def to_api(self, value: Any) -> Any:
        return value if stands_in(value) else str(value)

    def from_api(self, value: Any) -> Any:
        return int(value)


class BoolAttribute(Bool):
    """A switch that SQS takes and answers as the text "true" or "false"."""

    def to_api(self, value: Any) -> Any:
        return value if stands_in(value) else str(value).lower()

    def from_api(self, value: Any) -> Any:
        return str(value).lower() == "true"


# Property -> (attribute, its bounds, AWS's default); seconds and bytes.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
_FIGURES = {
    "delaySeconds": ("DelaySeconds", RangeAttribute(0, 900), 0),
    "maxMessageSize": ("MaximumMessageSize", RangeAttribute(1024, 1_048_576), 1_048_576),
    "messageRetentionSeconds": ("MessageRetentionPeriod", RangeAttribute(60, 1_209_600), 345_600),
    "receiveWaitTimeSeconds": ("ReceiveMessageWaitTimeSeconds", RangeAttribute(0, 20), 0),
    "visibilityTimeoutSeconds": ("VisibilityTimeout", RangeAttribute(0, 43_200), 30),
}
_ATTRIBUTES = {api: given(name) for name, (api, _, _) in _FIGURES.items()} | {
    "SqsManagedSseEnabled": given("sqsManagedSseEnabled")
}


def _name(scope: Scope) -> Any:
    return str(own_id(scope)).rsplit("/", 1)[-1]


def _tags(_: Scope, answer: Values) -> Any:
    # A queue without tags has no such member, which is not to say that there is no queue.
    return answer.get("Tags", {})


QUEUE = Row(
    type="aws:sqs/queue:Queue",
    service="sqs",
    identity=Assigned(made="QueueUrl", read="QueueUrl"),
    # Fifo, redrive and a queue's policy of its own are not served; the policy is a QueuePolicy.
    properties=(
        Property(name="name", found=_name, computed=True, replaces=terraform("sqs/queue.go")),
        *(
            Property(name=name, kind=kind, found=f"Queue.{api}", default=default)
            for name, (api, kind, default) in _FIGURES.items()
        ),
        Property(name="sqsManagedSseEnabled", kind=BoolAttribute(), found="Queue.SqsManagedSseEnabled", computed=True),
        Property(name="arn", found="Queue.QueueArn", output=True),
        Property(name="url", found=own_id, output=True),
    ),
    autoname=Autoname("name", limit=80),
    create=(
        Call(
            "CreateQueue",
            {"QueueName": given("name"), "Attributes": _ATTRIBUTES, "tags": new_tags("map")},
            retry=("AWS.SimpleQueueService.QueueDeletedRecently",),
        ),
    ),
    read=(
        Read("GetQueueAttributes", {"QueueUrl": own_id, "AttributeNames": ["All"]}, "Attributes", "Queue"),
        Read("ListQueueTags", {"QueueUrl": own_id}, _tags, "Tags"),
    ),
    update=(
        Update(
            (*_FIGURES, "sqsManagedSseEnabled"),
            (Call("SetQueueAttributes", {"QueueUrl": own_id, "Attributes": _ATTRIBUTES}),),
        ),
    ),
    delete=(Call("DeleteQueue", {"QueueUrl": own_id}),),
    tagging=Tagging(
        "Tags",
        "map",
        add=Call("TagQueue", {"QueueUrl": own_id, "Tags": new_tags("map")}, when=has_new_tags),
        remove=Call("UntagQueue", {"QueueUrl": own_id, "TagKeys": dropped_keys}, when=has_dropped_tags),
    ),
)

_PUT_POLICY = Call("SetQueueAttributes", {"QueueUrl": part("queueUrl"), "Attributes": {"Policy": given("policy")}})

QUEUE_POLICY = Row(
    type="aws:sqs/queuePolicy:QueuePolicy",
    service="sqs",
    identity=Named(("queueUrl",)),
    properties=(
        Property(name="queueUrl", found=part("queueUrl"), required=True, replaces=terraform("sqs/queue_policy.go")),
        Property(name="policy", kind=POLICY, found="Policy", required=True),
    ),
    create=(_PUT_POLICY,),
    read=(
        Read(
            "GetQueueAttributes",
            {"QueueUrl": part("queueUrl"), "AttributeNames": ["Policy"]},
            "Attributes.Policy",
            "Policy",
        ),
    ),
    update=(Update(("policy",), (_PUT_POLICY,)),),
    delete=(Call("SetQueueAttributes", {"QueueUrl": part("queueUrl"), "Attributes": {"Policy": ""}}),),
)

ROWS = (QUEUE, QUEUE_POLICY)
