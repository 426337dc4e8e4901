"""CloudWatch Logs: log groups."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, Choice
from embedded.aws.properties import Property
from embedded.aws.rows import Autoname, Call, Named, Read, Row, Scope, Update, given, own_id
from embedded.aws.tags import arn_tagging, new_tags
from embedded.aws.types.sources import terraform
from embedded.provider import Values

# 0: kept for ever.
_DAYS = (0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
_RETENTION = "retentionInDays"


def _this_group(scope: Scope, answer: Values) -> Any:
    return next((group for group in answer["logGroups"] if group["logGroupName"] == own_id(scope)), None)


def _arn(scope: Scope) -> Any:
    # Tags are kept under the ARN without the ":*" that means "and its streams".
    return str(scope.search("LogGroup.arn")).removesuffix(":*")


def _has(name: str) -> Any:
    return lambda scope: bool(scope.value(name))


def _lacks(name: str) -> Any:
    return lambda scope: not scope.value(name)


_KEEP_FOR_DAYS = Call(
    "PutRetentionPolicy", {"logGroupName": own_id, "retentionInDays": given(_RETENTION)}, when=_has(_RETENTION)
)

LOG_GROUP = Row(
    type="aws:cloudwatch/logGroup:LogGroup",
    service="logs",
    identity=Named(("name",)),
    properties=(
        Property(name="name", found="LogGroup.logGroupName", computed=True, replaces=terraform("logs/group.go")),
        Property(name=_RETENTION, kind=Choice(_DAYS), found="LogGroup.retentionInDays", default=0),
        Property(name="kmsKeyId", found="LogGroup.kmsKeyId"),
        Property(name="skipDestroy", kind=BOOL, default=False),
        Property(name="arn", found=_arn, output=True),
    ),
    autoname=Autoname("name", limit=512),
    create=(
        Call(
            "CreateLogGroup",
            {"logGroupName": given("name"), "kmsKeyId": given("kmsKeyId"), "tags": new_tags("map")},
        ),
        _KEEP_FOR_DAYS,
    ),
    read=(
        Read("DescribeLogGroups", {"logGroupNamePrefix": own_id}, _this_group, "LogGroup"),
        Read("ListTagsForResource", {"resourceArn": _arn}, "tags", "Tags"),
    ),
    update=(
        Update(
            (_RETENTION,),
            (_KEEP_FOR_DAYS, Call("DeleteRetentionPolicy", {"logGroupName": own_id}, when=_lacks(_RETENTION))),
        ),
        Update(
            ("kmsKeyId",),
            (
                Call(
                    "AssociateKmsKey",
                    {"logGroupName": own_id, "kmsKeyId": given("kmsKeyId")},
                    when=_has("kmsKeyId"),
                ),
                Call("DisassociateKmsKey", {"logGroupName": own_id}, when=_lacks("kmsKeyId")),
            ),
        ),
    ),
    delete=(Call("DeleteLogGroup", {"logGroupName": own_id}, when=_lacks("skipDestroy")),),
    tagging=arn_tagging("Tags", _arn),
)

ROWS = (LOG_GROUP,)
