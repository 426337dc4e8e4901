"""Elastic Load Balancing: network load balancers and their listeners. Other load balancers are not served."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, TEXT_SET, Choice, ListOf, Range, equal, stands_in
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Assigned, Autoname, Call, Read, Row, Scope, Tagging, Update, given, own_id
from embedded.aws.tags import dropped_keys, has_dropped_tags, has_new_tags, new_tags
from embedded.aws.types.elbv2_attributes import Attributes
from embedded.aws.types.sources import terraform
from embedded.provider import Values

_BALANCER = terraform("elbv2/load_balancer.go")
_NETWORK = terraform("elbv2/load_balancer.go", "CustomizeDiff of network load balancers")
_LISTENER = terraform("elbv2/listener.go")

TAGGING = Tagging(
    "Tags",
    "Key",
    add=Call("AddTags", {"ResourceArns": [own_id], "Tags": new_tags("Key")}, when=has_new_tags),
    remove=Call("RemoveTags", {"ResourceArns": [own_id], "TagKeys": dropped_keys}, when=has_dropped_tags),
)
READ_TAGS = Read("DescribeTags", {"ResourceArns": [own_id]}, "TagDescriptions[0].Tags || `[]`", "Tags")

_SWITCHES = Attributes(
    {
        "enableDeletionProtection": "deletion_protection.enabled",
        "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
        "dnsRecordClientRoutingPolicy": "dns_record.client_routing_policy",
        "enableZonalShift": "zonal_shift.config.enabled",
    }
)
_SET_SWITCHES = Call(
    "ModifyLoadBalancerAttributes",
    {"LoadBalancerArn": own_id, "Attributes": _SWITCHES.changed},
    when=_SWITCHES.has_changed,
)


def _loses_one(old: Any, new: Any) -> bool:
    """A subnet goes; what is not known yet is not taken for a loss."""
    if stands_in(new) or any(map(stands_in, new or [])):
        return False
    return not set(old or []) <= set(new or [])


def _first_or_last(old: Any, new: Any) -> bool:
    if stands_in(new) or any(map(stands_in, new or [])):
        return False
    return bool(old) != bool(new)


def _scheme(scope: Scope) -> Any:
    internal = scope.value("internal")
    return internal if stands_in(internal) else "internal" if internal else "internet-facing"


def _arn_suffix(scope: Scope) -> str:
    return str(own_id(scope)).split(":loadbalancer/", 1)[-1]


LOAD_BALANCER = Row(
    type="aws:lb/loadBalancer:LoadBalancer",
    service="elbv2",
    identity=Assigned(made="LoadBalancers[0].LoadBalancerArn", read="LoadBalancer.LoadBalancerArn"),
    properties=(
        Property(name="name", found="LoadBalancer.LoadBalancerName", computed=True, replaces=_BALANCER),
        Property(
            name="loadBalancerType",
            kind=Choice(("network",)),
            found="LoadBalancer.Type",
            required=True,
            replaces=_BALANCER,
        ),
        Property(
            name="internal", kind=BOOL, found="LoadBalancer.Scheme == 'internal'", default=False, replaces=_BALANCER
        ),
        Property(
            name="subnets",
            kind=TEXT_SET,
            found="LoadBalancer.AvailabilityZones[].SubnetId",
            required=True,
            replaces=_NETWORK,
            replaces_if=_loses_one,
        ),
        Property(
            name="securityGroups",
            kind=TEXT_SET,
            found="LoadBalancer.SecurityGroups",
            computed=True,
            replaces=_NETWORK,
            replaces_if=_first_or_last,
        ),
        Property(
            name="enableDeletionProtection", kind=BOOL, found=_SWITCHES.found("enableDeletionProtection"), default=False
        ),
        Property(
            name="enableCrossZoneLoadBalancing",
            kind=BOOL,
            found=_SWITCHES.found("enableCrossZoneLoadBalancing"),
            default=False,
        ),
        Property(
            name="dnsRecordClientRoutingPolicy",
            kind=Choice(("any_availability_zone", "availability_zone_affinity", "partial_availability_zone_affinity")),
            found=_SWITCHES.found("dnsRecordClientRoutingPolicy"),
            default="any_availability_zone",
        ),
        Property(name="enableZonalShift", kind=BOOL, found=_SWITCHES.found("enableZonalShift"), default=False),
        Property(name="arn", found=own_id, output=True),
        Property(name="arnSuffix", found=_arn_suffix, output=True),
        Property(name="dnsName", found="LoadBalancer.DNSName", output=True),
        Property(name="vpcId", found="LoadBalancer.VpcId", output=True),
        Property(name="zoneId", found="LoadBalancer.CanonicalHostedZoneId", output=True),
    ),
    autoname=Autoname("name", limit=32),
    create=(
        Call(
            "CreateLoadBalancer",
            {
                "Name": given("name"),
                "Type": given("loadBalancerType"),
                "Scheme": _scheme,
                "Subnets": given("subnets"),
                "SecurityGroups": given("securityGroups"),
                "Tags": new_tags("Key"),
            },
        ),
        _SET_SWITCHES,
    ),
    read=(
        Read("DescribeLoadBalancers", {"LoadBalancerArns": [own_id]}, "LoadBalancers[0]", "LoadBalancer"),
        Read("DescribeLoadBalancerAttributes", {"LoadBalancerArn": own_id}, "Attributes", "Attributes"),
        READ_TAGS,
    ),
    update=(
        Update(
            ("securityGroups",),
            (Call("SetSecurityGroups", {"LoadBalancerArn": own_id, "SecurityGroups": given("securityGroups")}),),
        ),
        Update(("subnets",), (Call("SetSubnets", {"LoadBalancerArn": own_id, "Subnets": given("subnets")}),)),
        Update(_SWITCHES.names, (_SET_SWITCHES,)),
    ),
    delete=(Call("DeleteLoadBalancer", {"LoadBalancerArn": own_id}),),
    tagging=TAGGING,
    pending="LoadBalancer.State.Code == 'provisioning'",
)

_TARGET = Struct(
    (
        Property(name="arn", api="TargetGroupArn", required=True),
        Property(name="weight", api="Weight", kind=Range(0, 999), default=1),
    )
)
_STICKINESS = Struct(
    (
        Property(name="enabled", api="Enabled", kind=BOOL, default=False),
        Property(name="duration", api="DurationSeconds", kind=Range(1, 604800)),
    )
)
_FORWARD = Struct(
    (
        Property(name="targetGroups", api="TargetGroups", kind=ListOf(_TARGET, ordered=False), required=True),
        Property(name="stickiness", api="TargetGroupStickinessConfig", kind=_STICKINESS),
    )
)


class Action(Struct):
    """What a listener does. One group alone and a list of that one group say the same, and AWS answers both."""

    def same(self, old: Any, new: Any) -> bool:
        return equal(_FORWARD, _forward(old), _forward(new))

    def from_api(self, value: Any) -> Any:
        found = super().from_api(value)
        groups = _forward(found).get("targetGroups", [])
        if len(groups) == 1:
            return {"type": found["type"], "targetGroupArn": groups[0]["arn"]}
        return {name: item for name, item in found.items() if name != "targetGroupArn"}


def _forward(action: Values) -> Values:
    forward: Values = action.get("forward") or {"targetGroups": [{"arn": action.get("targetGroupArn")}]}
    groups = forward["targetGroups"]
    # The weight of a single group means nothing.
    return {"targetGroups": [{"arn": groups[0]["arn"]}]} if len(groups) == 1 else forward


_ACTION = Action(
    (
        Property(name="type", api="Type", kind=Choice(("forward",)), required=True),
        Property(name="targetGroupArn", api="TargetGroupArn"),
        Property(name="forward", api="ForwardConfig", kind=_FORWARD),
    )
)

_IDLE = Attributes({"tcpIdleTimeoutSeconds": "tcp.idle_timeout.seconds"})
_SET_IDLE = Call(
    "ModifyListenerAttributes", {"ListenerArn": own_id, "Attributes": _IDLE.changed}, when=_IDLE.has_changed
)
_SETTINGS = {
    "Port": given("port"),
    "Protocol": given("protocol"),
    "SslPolicy": given("sslPolicy"),
    "Certificates": [{"CertificateArn": given("certificateArn")}],
    "AlpnPolicy": [given("alpnPolicy")],
    "DefaultActions": given("defaultActions"),
}

LISTENER = Row(
    type="aws:lb/listener:Listener",
    service="elbv2",
    identity=Assigned(made="Listeners[0].ListenerArn", read="Listener.ListenerArn"),
    properties=(
        Property(name="loadBalancerArn", found="Listener.LoadBalancerArn", required=True, replaces=_LISTENER),
        Property(name="port", kind=Range(1, 65535), found="Listener.Port", required=True),
        Property(
            name="protocol",
            kind=Choice(("TCP", "TLS", "UDP", "TCP_UDP")),
            found="Listener.Protocol",
            required=True,
        ),
        Property(name="defaultActions", kind=ListOf(_ACTION), found="Listener.DefaultActions", required=True),
        Property(name="certificateArn", found="Listener.Certificates[0].CertificateArn"),
        Property(name="sslPolicy", found="Listener.SslPolicy", computed=True),
        Property(
            name="alpnPolicy",
            kind=Choice(("HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None")),
            found="Listener.AlpnPolicy[0]",
        ),
        Property(
            name="tcpIdleTimeoutSeconds",
            kind=Range(60, 6000),
            found=_IDLE.found("tcpIdleTimeoutSeconds"),
            computed=True,
        ),
        Property(name="arn", found=own_id, output=True),
    ),
    create=(
        Call("CreateListener", {"LoadBalancerArn": given("loadBalancerArn"), **_SETTINGS, "Tags": new_tags("Key")}),
        _SET_IDLE,
    ),
    read=(
        Read("DescribeListeners", {"ListenerArns": [own_id]}, "Listeners[0]", "Listener"),
        Read("DescribeListenerAttributes", {"ListenerArn": own_id}, "Attributes || `[]`", "Attributes"),
        READ_TAGS,
    ),
    update=(
        Update(
            ("port", "protocol", "sslPolicy", "certificateArn", "alpnPolicy", "defaultActions"),
            (Call("ModifyListener", {"ListenerArn": own_id, **_SETTINGS}),),
        ),
        Update(_IDLE.names, (_SET_IDLE,)),
    ),
    delete=(Call("DeleteListener", {"ListenerArn": own_id}),),
    tagging=TAGGING,
)

ROWS = (LOAD_BALANCER, LISTENER)
