"""SQS: a name is taken for a while after its queue is gone, and a queue keeps its policy when others change it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from embedded.aws.account import Account
from embedded.aws.protocol import Answer, Call


@dataclass
class DeletedQueues:
    """Of each queue of a region that was deleted: its name and when."""

    at: dict[str, datetime] = field(default_factory=dict)


def queue_name(call: Call) -> str:
    """The last part of the call's queue URL."""
    return str(call.parameters["QueueUrl"]).rsplit("/", 1)[-1]


def queue_of(account: Account, call: Call) -> Any:
    """Moto's queue that the call names, None if there is none."""
    return account.moto("sqs", call.region).queues.get(queue_name(call))


def create_queue(account: Account, call: Call) -> Answer:
    """CreateQueue: what was deleted under this name is forgotten."""
    answer = account.execute(call)
    account.model(DeletedQueues, call.region).at.pop(call.parameters["QueueName"], None)
    return answer


def delete_queue(account: Account, call: Call) -> Answer:
    """DeleteQueue: its name is remembered."""
    known = queue_of(account, call) is not None
    answer = account.execute(call)
    if known:
        account.model(DeletedQueues, call.region).at[queue_name(call)] = utcnow()
    return answer


def set_queue_attributes(account: Account, call: Call) -> Answer:
    """SetQueueAttributes: a policy that is not named stays; moto drops it."""
    queue = queue_of(account, call)
    policy = None if queue is None else queue.policy
    answer = account.execute(call)
    if queue is not None and "Policy" not in call.parameters["Attributes"]:
        queue.policy = policy
    return answer
