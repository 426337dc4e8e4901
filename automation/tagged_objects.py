"""Every AWS object with one of a few tags, over all services, as one session sees them: plain boto3 calls.

The Resource Groups Tagging API lists most of them. It tells of no IAM role, and for hours of what is gone already
(docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html and API_GetResources.html), so
roles are listed by IAM, and what the API lists is asked for its tags at its own service. EC2, KMS and Budgets are asked
alone: EC2 lists by tag itself and knows at once, and neither keys that wait for their deletion nor budgets are promised
by the API.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import boto3
from botocore.exceptions import ClientError

from stacks.tags import GAME_TAG

# IAM, Route 53 and Budgets are no region's; the tagging API answers for them here.
GLOBAL_REGION = "us-east-1"
_ASKED_ALONE = ("ec2", "kms", "budgets")


@dataclass(frozen=True)
class Tagged:
    """One object: its service and type as in its ARN ("ec2", "vpc"), its id, its region ("" = no region's), tags."""

    service: str
    type: str
    id: str
    region: str
    arn: str
    tags: Mapping[str, str] = field(hash=False)
    session: boto3.Session = field(hash=False, compare=False, repr=False)

    @classmethod
    def of_arn(cls, arn: str, tags: Mapping[str, str], session: boto3.Session) -> Tagged:
        """The parts of an ARN; queues, topics and buckets have no type in theirs."""
        _, _, service, region, _, rest = arn.split(":", 5)
        separator = min((sign for sign in "/:" if sign in rest), key=rest.index, default="")
        kind, ident = rest.split(separator, 1) if separator else (_UNTYPED.get(service, ""), rest)
        return cls(service, kind, ident, region, arn, tags, session)


_UNTYPED = MappingProxyType({"s3": "bucket", "sqs": "queue", "sns": "topic"})


def tagged(session: boto3.Session, keys: Collection[str], prefix: str) -> Iterator[Tagged]:
    """What lives and carries a tag with one of these keys, in the session's region and in no region.

    Of its other tags the game's is always told.

    Of roles and budgets, which can be listed only one by one, those whose names begin with `prefix`.
    """
    yield from _listed(session, keys)
    yield from _ec2(session, keys)
    yield from (key for key in keys_of(session) if _carries(key.tags, keys))
    yield from (role for role in _roles(session, prefix) if _carries(role.tags, keys))
    yield from (budget for budget in _budgets(session, prefix) if _carries(budget.tags, keys))


def _carries(tags: Mapping[str, str], keys: Collection[str]) -> bool:
    return any(key in tags for key in keys)


def _listed(session: boto3.Session, keys: Collection[str]) -> Iterator[Tagged]:
    """By the tagging API, which joins the keys of one call by "and"."""
    pages = session.client("resourcegroupstaggingapi").get_paginator("get_resources")
    seen: set[str] = set()
    for key in keys:
        for page in pages.paginate(TagFilters=[{"Key": key}]):
            for found in page["ResourceTagMappingList"]:
                one = Tagged.of_arn(found["ResourceARN"], _pairs(found["Tags"]), session)
                if one.arn not in seen and one.service not in _ASKED_ALONE and _lives(one):
                    seen.add(one.arn)
                    yield one


def _pairs(tags: Iterable[Mapping[str, str]], key: str = "Key", value: str = "Value") -> dict[str, str]:
    return {tag[key]: tag[value] for tag in tags}


def _lives(one: Tagged) -> bool:
    """False where the service itself no longer knows it; of a service that is not in the table, the API is believed."""
    look = _STILL_THERE.get(one.service)
    return look is None or not is_missing(lambda: look(one.session, one))


def is_missing(call: Callable[[], Any]) -> bool:
    """True if AWS answers that there is no such thing."""
    try:
        call()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        # SQS: NonExistentQueue; S3's head answers with no more than its status.
        if "NotFound" in code or "NoSuch" in code or "NonExistent" in code or code == "404":
            return True
        raise
    return False


_STILL_THERE: Mapping[str, Callable[[boto3.Session, Tagged], Any]] = MappingProxyType(
    {
        "acm": lambda aws, one: aws.client("acm").list_tags_for_certificate(CertificateArn=one.arn),
        "ecr": lambda aws, one: aws.client("ecr").list_tags_for_resource(resourceArn=one.arn),
        "eks": lambda aws, one: aws.client("eks").list_tags_for_resource(resourceArn=one.arn),
        "elasticloadbalancing": lambda aws, one: aws.client("elbv2").describe_tags(ResourceArns=[one.arn]),
        "events": lambda aws, one: aws.client("events").list_tags_for_resource(ResourceARN=one.arn),
        "logs": lambda aws, one: aws.client("logs").list_tags_for_resource(resourceArn=one.arn),
        "route53": lambda aws, one: aws.client("route53").list_tags_for_resource(
            ResourceType=one.type, ResourceId=one.id
        ),
        "s3": lambda aws, one: aws.client("s3").head_bucket(Bucket=one.id),
        "sqs": lambda aws, one: aws.client("sqs").get_queue_url(QueueName=one.id),
    }
)


def _ec2(session: boto3.Session, keys: Collection[str]) -> Iterator[Tagged]:
    pages = session.client("ec2").get_paginator("describe_tags")
    tags: dict[tuple[str, str], dict[str, str]] = {}
    for page in pages.paginate(Filters=[{"Name": "key", "Values": sorted({*keys, GAME_TAG})}]):
        for tag in page["Tags"]:
            tags.setdefault((tag["ResourceType"], tag["ResourceId"]), {})[tag["Key"]] = tag["Value"]
    tags = {one: pairs for one, pairs in tags.items() if _carries(pairs, keys)}
    gone = _lingering(session, {ident for _, ident in tags})
    account = session.client("sts").get_caller_identity()["Account"] if tags else ""
    for (kind, ident), pairs in sorted(tags.items()):
        if ident not in gone:
            arn = f"arn:{session.get_partition_for_region(session.region_name)}:ec2:{session.region_name}:{account}"
            yield Tagged("ec2", kind, ident, session.region_name, f"{arn}:{kind}/{ident}", pairs, session)


# EC2 shows these, and their tags, for an hour or so after they are gone: how their ids begin -> operation, and where id
# and state stand in its answer.
_LINGERING = MappingProxyType(
    {
        "nat-": ("describe_nat_gateways", "NatGateways[].[NatGatewayId, State]"),
        "vpce-": ("describe_vpc_endpoints", "VpcEndpoints[].[VpcEndpointId, State]"),
        "pcx-": ("describe_vpc_peering_connections", "VpcPeeringConnections[].[VpcPeeringConnectionId, Status.Code]"),
        "i-": ("describe_instances", "Reservations[].Instances[].[InstanceId, State.Name]"),
    }
)
# Those on their way out are waited for by whoever deletes them, and go by themselves. Endpoints write "Available".
_LIVING = frozenset(
    {"pending", "available", "provisioning", "active", "running", "stopping", "stopped"}
    | {"pendingacceptance", "pending-acceptance"}
)


def _lingering(session: boto3.Session, ids: Collection[str]) -> set[str]:
    """Those of the ids whose objects are gone."""
    ec2 = session.client("ec2")
    gone: set[str] = set()
    for prefix, (operation, found) in _LINGERING.items():
        asked = {ident for ident in ids if ident.startswith(prefix)}
        if asked:
            # All of the region: asked by ids, EC2 refuses them all where one is forgotten.
            pages = ec2.get_paginator(operation).paginate()
            gone |= asked - {ident for ident, state in pages.search(found) if state.lower() in _LIVING}
    return gone


def keys_of(session: boto3.Session) -> Iterator[Tagged]:
    """Customer keys, those that wait for their deletion too; a key whose tags nobody lets us read is not ours."""
    kms = session.client("kms")
    for page in kms.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            try:
                tags = _pairs(kms.list_resource_tags(KeyId=key["KeyId"])["Tags"], "TagKey", "TagValue")
            except ClientError as error:
                if error.response["Error"]["Code"] in ("AccessDeniedException", "NotFoundException"):
                    continue
                raise
            yield Tagged.of_arn(key["KeyArn"], tags, session)


def _roles(session: boto3.Session, prefix: str) -> Iterator[Tagged]:
    iam = session.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if role["RoleName"].startswith(prefix):
                tags = _pairs(iam.list_role_tags(RoleName=role["RoleName"])["Tags"])
                yield Tagged("iam", "role", role["RoleName"], "", role["Arn"], tags, session)


def _budgets(session: boto3.Session, prefix: str) -> Iterator[Tagged]:
    budgets = session.client("budgets")
    identity = session.client("sts").get_caller_identity()
    account, partition = identity["Account"], identity["Arn"].split(":")[1]
    for page in budgets.get_paginator("describe_budgets").paginate(AccountId=account):
        for budget in page.get("Budgets") or []:
            name = budget["BudgetName"]
            if name.startswith(prefix):
                arn = f"arn:{partition}:budgets::{account}:budget/{name}"
                tags = _pairs(budgets.list_tags_for_resource(ResourceARN=arn).get("ResourceTags") or [])
                yield Tagged("budgets", "budget", name, "", arn, tags, session)
