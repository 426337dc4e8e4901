"""EventBridge: rules of the default bus and their targets."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import JSON, Choice
from embedded.aws.properties import Property
from embedded.aws.rows import Autoname, Call, Named, Read, Row, Scope, Tagging, Update, given, own_id, part
from embedded.aws.tags import dropped_keys, has_dropped_tags, has_new_tags, new_tags
from embedded.aws.types.sources import terraform
from embedded.provider import Values

_RULE = terraform("events/rule.go")
_TARGET = terraform("events/target.go")
_STATES = ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")


def _arn(scope: Scope) -> Any:
    return scope.search("Rule.Arn")


_RULE_AS_WANTED = {
    "Description": given("description"),
    "EventPattern": given("eventPattern"),
    "State": given("state"),
}

EVENT_RULE = Row(
    type="aws:cloudwatch/eventRule:EventRule",
    service="events",
    identity=Named(("name",)),
    # Schedules and other buses are not served.
    properties=(
        Property(name="name", found="Rule.Name", computed=True, replaces=_RULE),
        Property(name="description", found="Rule.Description"),
        Property(name="eventPattern", kind=JSON, found="Rule.EventPattern", required=True),
        Property(name="state", kind=Choice(_STATES), found="Rule.State", default="ENABLED"),
        Property(name="arn", found="Rule.Arn", output=True),
    ),
    autoname=Autoname("name", limit=64),
    create=(Call("PutRule", {"Name": given("name"), **_RULE_AS_WANTED, "Tags": new_tags("Key")}),),
    read=(
        Read("DescribeRule", {"Name": own_id}, "@", "Rule"),
        Read("ListTagsForResource", {"ResourceARN": _arn}, "Tags", "Tags"),
    ),
    # PutRule ignores the tags of a rule that exists.
    update=(Update(("description", "eventPattern", "state"), (Call("PutRule", {"Name": own_id, **_RULE_AS_WANTED}),)),),
    delete=(Call("DeleteRule", {"Name": own_id}),),
    tagging=Tagging(
        "Tags",
        "Key",
        add=Call("TagResource", {"ResourceARN": _arn, "Tags": new_tags("Key")}, when=has_new_tags),
        remove=Call("UntagResource", {"ResourceARN": _arn, "TagKeys": dropped_keys}, when=has_dropped_tags),
    ),
)


class TargetIdentity:
    """The state's id is the rule, "-" and the target's own id; an import says "<rule>/<target>"."""

    def of(self, scope: Scope) -> Any:
        if scope.planned:
            return {"$result": "target"}
        return f"{part('rule')(scope)}-{part('targetId')(scope)}"

    def parts(self, resource_id: str) -> Values:
        rule, separator, target = resource_id.partition("/")
        return {"rule": rule, "targetId": target} if separator else {}


def _this_target(scope: Scope, answer: Values) -> Any:
    return next((target for target in answer["Targets"] if target["Id"] == part("targetId")(scope)), None)


_PUT_TARGET = Call("PutTargets", {"Rule": part("rule"), "Targets": [{"Id": part("targetId"), "Arn": given("arn")}]})

EVENT_TARGET = Row(
    type="aws:cloudwatch/eventTarget:EventTarget",
    service="events",
    identity=TargetIdentity(),
    # The provider makes up a target id where none is given; here the program says it, so that recovery can find it.
    properties=(
        Property(name="rule", found=part("rule"), required=True, replaces=_TARGET),
        Property(name="targetId", found="Target.Id", required=True, replaces=_TARGET),
        Property(name="arn", found="Target.Arn", required=True),
    ),
    create=(_PUT_TARGET,),
    read=(Read("ListTargetsByRule", {"Rule": part("rule")}, _this_target, "Target"),),
    update=(Update(("arn",), (_PUT_TARGET,)),),
    delete=(Call("RemoveTargets", {"Rule": part("rule"), "Ids": [part("targetId")]}),),
)

ROWS = (EVENT_RULE, EVENT_TARGET)
