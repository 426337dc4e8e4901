"""Elastic Load Balancing: target groups of network load balancers."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, BOOL_TEXT, Choice, ListOf, Range, Text, stands_in
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Assigned, Autoname, Call, Read, Row, Scope, Update, given, own_id
from embedded.aws.tags import new_tags
from embedded.aws.types.elbv2 import READ_TAGS, TAGGING
from embedded.aws.types.elbv2_attributes import Attributes
from embedded.aws.types.sources import terraform

_GROUP = terraform("elbv2/target_group.go")


class Matcher(Text):
    """HTTP codes that mean healthy, "200-399", which the API wraps in an object."""

    def to_api(self, value: Any) -> Any:
        return {"HttpCode": value}

    def from_api(self, value: Any) -> Any:
        return value.get("HttpCode")


_HEALTH = Struct(
    (
        Property(name="enabled", api="HealthCheckEnabled", kind=BOOL, default=True),
        Property(name="protocol", api="HealthCheckProtocol", kind=Choice(("HTTP", "HTTPS", "TCP")), default="HTTP"),
        Property(name="port", api="HealthCheckPort", default="traffic-port"),
        Property(name="path", api="HealthCheckPath", computed=True),
        Property(name="interval", api="HealthCheckIntervalSeconds", kind=Range(5, 300), default=30),
        Property(name="timeout", api="HealthCheckTimeoutSeconds", kind=Range(2, 120), computed=True),
        Property(name="healthyThreshold", api="HealthyThresholdCount", kind=Range(2, 10), default=3),
        Property(name="unhealthyThreshold", api="UnhealthyThresholdCount", kind=Range(2, 10), default=3),
        Property(name="matcher", api="Matcher", kind=Matcher(), computed=True),
    )
)
_HEALTH_CALL = {prop.api: given("healthCheck", prop.api) for prop in _HEALTH.properties}

_STICKINESS = Struct(
    (
        Property(name="type", kind=Choice(("source_ip",)), required=True),
        Property(name="enabled", kind=BOOL, default=True),
    )
)
_ENOUGH_FOR_DNS = Struct(
    (
        Property(name="minimumHealthyTargetsCount", default="off"),
        Property(name="minimumHealthyTargetsPercentage", default="off"),
    )
)
_ENOUGH_FOR_ROUTING = Struct(
    (
        Property(name="minimumHealthyTargetsCount", kind=Range(1, 1000), default=1),
        Property(name="minimumHealthyTargetsPercentage", default="off"),
    )
)
_GROUP_HEALTH = Struct(
    (
        Property(name="dnsFailover", kind=_ENOUGH_FOR_DNS, computed=True),
        Property(name="unhealthyStateRouting", kind=_ENOUGH_FOR_ROUTING, computed=True),
    )
)
_HEALTH_STATE = Struct(
    (
        Property(name="enableUnhealthyConnectionTermination", kind=BOOL, required=True),
        Property(name="unhealthyDrainingInterval", kind=Range(0, 360000), default=0),
    )
)

_DNS, _ROUTING = "targetGroupHealth.dnsFailover", "targetGroupHealth.unhealthyStateRouting"
_SWITCHES = Attributes(
    {
        "deregistrationDelay": "deregistration_delay.timeout_seconds",
        "connectionTermination": "deregistration_delay.connection_termination.enabled",
        "preserveClientIp": "preserve_client_ip.enabled",
        "proxyProtocolV2": "proxy_protocol_v2.enabled",
        "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
        "stickiness.type": "stickiness.type",
        "stickiness.enabled": "stickiness.enabled",
        f"{_DNS}.minimumHealthyTargetsCount": "target_group_health.dns_failover.minimum_healthy_targets.count",
        f"{_DNS}.minimumHealthyTargetsPercentage": (
            "target_group_health.dns_failover.minimum_healthy_targets.percentage"
        ),
        f"{_ROUTING}.minimumHealthyTargetsCount": (
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"
        ),
        f"{_ROUTING}.minimumHealthyTargetsPercentage": (
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"
        ),
        "targetHealthStates.enableUnhealthyConnectionTermination": (
            "target_health_state.unhealthy.connection_termination.enabled"
        ),
        "targetHealthStates.unhealthyDrainingInterval": "target_health_state.unhealthy.draining_interval_seconds",
    }
)
_SET_SWITCHES = Call(
    "ModifyTargetGroupAttributes",
    {"TargetGroupArn": own_id, "Attributes": _SWITCHES.changed},
    when=_SWITCHES.has_changed,
)


def _has_health_check(scope: Scope) -> bool:
    return scope.value("healthCheck") is not None and not stands_in(scope.value("healthCheck"))


def _arn_suffix(scope: Scope) -> str:
    return str(own_id(scope)).rsplit(":", 1)[-1]


TARGET_GROUP = Row(
    type="aws:lb/targetGroup:TargetGroup",
    service="elbv2",
    identity=Assigned(made="TargetGroups[0].TargetGroupArn", read="TargetGroup.TargetGroupArn"),
    properties=(
        Property(name="name", found="TargetGroup.TargetGroupName", computed=True, replaces=_GROUP),
        Property(name="port", kind=Range(1, 65535), found="TargetGroup.Port", required=True, replaces=_GROUP),
        Property(
            name="protocol",
            kind=Choice(("TCP", "TLS", "UDP", "TCP_UDP")),
            found="TargetGroup.Protocol",
            required=True,
            replaces=_GROUP,
        ),
        Property(name="vpcId", found="TargetGroup.VpcId", required=True, replaces=_GROUP),
        Property(
            name="targetType",
            kind=Choice(("instance", "ip")),
            found="TargetGroup.TargetType",
            default="instance",
            replaces=_GROUP,
        ),
        Property(
            name="ipAddressType",
            kind=Choice(("ipv4", "ipv6")),
            found="TargetGroup.IpAddressType",
            computed=True,
            replaces=_GROUP,
        ),
        Property(name="healthCheck", kind=_HEALTH, found="TargetGroup", computed=True),
        Property(
            name="deregistrationDelay",
            kind=Range(0, 3600),
            found=_SWITCHES.found("deregistrationDelay"),
            default=300,
        ),
        Property(
            name="connectionTermination", kind=BOOL, found=_SWITCHES.found("connectionTermination"), computed=True
        ),
        Property(name="preserveClientIp", kind=BOOL_TEXT, found=_SWITCHES.found("preserveClientIp"), computed=True),
        Property(name="proxyProtocolV2", kind=BOOL, found=_SWITCHES.found("proxyProtocolV2"), default=False),
        Property(
            name="loadBalancingCrossZoneEnabled",
            kind=Choice(("true", "false", "use_load_balancer_configuration")),
            found=_SWITCHES.found("loadBalancingCrossZoneEnabled"),
            computed=True,
        ),
        Property(name="stickiness", kind=_STICKINESS, found=_SWITCHES.found("stickiness"), computed=True),
        Property(
            name="targetGroupHealth", kind=_GROUP_HEALTH, found=_SWITCHES.found("targetGroupHealth"), computed=True
        ),
        Property(
            name="targetHealthStates",
            kind=ListOf(_HEALTH_STATE),
            found=_SWITCHES.found("targetHealthStates"),
            computed=True,
        ),
        Property(name="arn", found=own_id, output=True),
        Property(name="arnSuffix", found=_arn_suffix, output=True),
    ),
    autoname=Autoname("name", limit=32),
    create=(
        Call(
            "CreateTargetGroup",
            {
                "Name": given("name"),
                "Port": given("port"),
                "Protocol": given("protocol"),
                "VpcId": given("vpcId"),
                "TargetType": given("targetType"),
                "IpAddressType": given("ipAddressType"),
                **_HEALTH_CALL,
                "Tags": new_tags("Key"),
            },
        ),
        _SET_SWITCHES,
    ),
    read=(
        Read("DescribeTargetGroups", {"TargetGroupArns": [own_id]}, "TargetGroups[0]", "TargetGroup"),
        Read("DescribeTargetGroupAttributes", {"TargetGroupArn": own_id}, "Attributes", "Attributes"),
        READ_TAGS,
    ),
    update=(
        Update(
            ("healthCheck",),
            (Call("ModifyTargetGroup", {"TargetGroupArn": own_id, **_HEALTH_CALL}, when=_has_health_check),),
        ),
        Update(_SWITCHES.names, (_SET_SWITCHES,)),
    ),
    delete=(Call("DeleteTargetGroup", {"TargetGroupArn": own_id}),),
    tagging=TAGGING,
)

ROWS = (TARGET_GROUP,)
