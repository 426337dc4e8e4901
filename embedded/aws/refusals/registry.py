"""The refusal tables of all services, and the check of a call against them."""

from __future__ import annotations

from functools import cache

from embedded.aws.account import Account
from embedded.aws.errors import AwsError
from embedded.aws.protocol import Call
from embedded.aws.refusals import (
    Refusal,
    acm,
    ec2_blocks,
    ec2_endpoints,
    ec2_in_use,
    ec2_making,
    ec2_quotas,
    ecr,
    eks_clusters,
    eks_inside,
    eks_nodegroups,
    eks_updates,
    elbv2,
    events,
    iam,
    kms,
    logs,
    s3,
    s3_replication,
    sqs,
)

TABLES: dict[str, tuple[Refusal, ...]] = {
    "acm": acm.TABLE,
    "ec2": (
        *ec2_in_use.TABLE,
        *ec2_making.TABLE,
        *ec2_blocks.TABLE,
        *ec2_endpoints.TABLE,
        *ec2_quotas.TABLE,
    ),
    "ecr": ecr.TABLE,
    "eks": (*eks_clusters.TABLE, *eks_updates.TABLE, *eks_nodegroups.TABLE, *eks_inside.TABLE),
    "elbv2": elbv2.TABLE,
    "events": events.TABLE,
    "iam": iam.TABLE,
    "kms": kms.TABLE,
    "logs": logs.TABLE,
    "s3": (*s3.TABLE, *s3_replication.TABLE),
    "sqs": sqs.TABLE,
}


@cache
def _rows(service: str, operation: str) -> tuple[Refusal, ...]:
    return tuple(row for row in TABLES.get(service, ()) if operation in row.operations)


def refuse(account: Account, call: Call) -> None:
    """AwsError when AWS would refuse a call that moto would let pass."""
    for row in _rows(call.service, call.operation):
        facts = row.check(account, call)
        if facts is not None:
            raise AwsError(row.code, row.message.format_map(facts), row.status)
