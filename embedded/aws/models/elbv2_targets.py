"""Elastic Load Balancing: target groups of network load balancers, whose attributes moto does not know."""

from __future__ import annotations

import re
from typing import Any

from embedded.aws.account import Account
from embedded.aws.errors import AwsError
from embedded.aws.protocol import Answer, Call

NETWORK_PROTOCOLS = ("TCP", "TLS", "UDP", "TCP_UDP")
_DATAGRAMS = ("UDP", "TCP_UDP")
_DELAY = "deregistration_delay.timeout_seconds"
_BOUNDS = {_DELAY: (0, 3600), "target_health_state.unhealthy.draining_interval_seconds": (0, 360000)}


def _attributes(group: Any) -> dict[str, str]:
    """The attributes of a new group.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html and
    .../edit-target-group-attributes.html
    """
    datagrams = group.protocol in _DATAGRAMS
    preserved = datagrams or group.target_type == "instance"
    health = "target_group_health"
    found = {
        _DELAY: "300",
        "deregistration_delay.connection_termination.enabled": str(datagrams).lower(),
        "preserve_client_ip.enabled": str(preserved).lower(),
        "proxy_protocol_v2.enabled": "false",
        "stickiness.enabled": "false",
        "stickiness.type": "source_ip",
        "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
        f"{health}.dns_failover.minimum_healthy_targets.count": "1",
        f"{health}.dns_failover.minimum_healthy_targets.percentage": "off",
        f"{health}.unhealthy_state_routing.minimum_healthy_targets.count": "1",
        f"{health}.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
    }
    if group.protocol in ("TCP", "TLS"):
        found["target_health_state.unhealthy.connection_termination.enabled"] = "true"
        found["target_health_state.unhealthy.draining_interval_seconds"] = "0"
    return found


def create_target_group(account: Account, call: Call) -> Answer:
    """CreateTargetGroup: with the attributes and the health check of its protocol."""
    status, headers, body = account.execute(call)
    found = re.search(rb"<TargetGroupArn>([^<]+)</TargetGroupArn>", body)
    if found is not None and call.parameters.get("Protocol") in NETWORK_PROTOCOLS:
        group = account.moto("elbv2", call.region).target_groups[found[1].decode()]
        group.attributes = _attributes(group)
        _suit_health_check(group, call.parameters)
    return status, headers, body


def _suit_health_check(group: Any, given: dict[str, Any]) -> None:
    if group.health_check_protocol == "TCP":
        group.health_check_path = group.matcher = None
        return
    group.health_check_path = given.get("HealthCheckPath") or group.health_check_path or "/"
    before = getattr(group, "matcher", None) if "TargetGroupArn" in given else None
    group.matcher = given.get("Matcher") or before or {"HttpCode": "200-399"}


def modify_target_group(account: Account, call: Call) -> dict[str, Any]:
    """ModifyTargetGroup: what is given of the health check; moto forgets the HTTP codes of network groups."""
    given, group = call.parameters, _group(account, call)
    for parameter, name in (
        ("HealthCheckProtocol", "health_check_protocol"),
        ("HealthCheckPort", "health_check_port"),
        ("HealthCheckEnabled", "health_check_enabled"),
        ("HealthCheckIntervalSeconds", "health_check_interval_seconds"),
        ("HealthCheckTimeoutSeconds", "health_check_timeout_seconds"),
        ("HealthyThresholdCount", "healthy_threshold_count"),
        ("UnhealthyThresholdCount", "unhealthy_threshold_count"),
    ):
        if parameter in given:
            setattr(group, name, given[parameter])
    _suit_health_check(group, given)
    return {"TargetGroups": [{"TargetGroupArn": group.arn, "TargetGroupName": group.name}]}


def modify_target_group_attributes(account: Account, call: Call) -> dict[str, Any] | Answer:
    """ModifyTargetGroupAttributes: a delay of 3600 seconds is allowed, a key that the group does not have is not."""
    group = _group(account, call)
    if group.protocol not in NETWORK_PROTOCOLS:
        return account.execute(call)
    wanted = {pair["Key"]: pair["Value"] for pair in call.parameters["Attributes"]}
    for key, value in wanted.items():
        if key not in group.attributes:
            raise AwsError("ValidationError", f"Target group attribute key '{key}' is not recognized")
        least, most = _BOUNDS.get(key, (None, None))
        if least is not None and most is not None and not (value.isdigit() and least <= int(value) <= most):
            raise AwsError("ValidationError", f"'{key}' value '{value}' must be between '{least}-{most}' inclusive")
    group.attributes.update(wanted)
    return {"Attributes": [{"Key": key, "Value": value} for key, value in group.attributes.items()]}


def _group(account: Account, call: Call) -> Any:
    arn = call.parameters["TargetGroupArn"]
    group = account.moto("elbv2", call.region).target_groups.get(arn)
    if group is None:
        raise AwsError("TargetGroupNotFound", "One or more target groups not found")
    return group
