"""Elastic Load Balancing: deletion protection, names, places, groups and listeners that do not fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from embedded.aws.account import Account
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

LISTENERS_PER_BALANCER = 50
GROUPS_PER_ACTION = 5
_API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/"
_GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/"

# Protocol of a listener -> protocols of the groups it may forward to.
_FORWARDS_TO = {
    "TCP": ("TCP", "TCP_UDP"),
    "TLS": ("TCP", "TLS"),
    "UDP": ("UDP", "TCP_UDP"),
    "TCP_UDP": ("TCP_UDP",),
}


def _elb(account: Account, call: Call) -> Any:
    return account.moto("elbv2", call.region)


def _balancer(account: Account, call: Call) -> Any:
    return _elb(account, call).load_balancers.get(call.parameters.get("LoadBalancerArn"))


def _owner(account: Account, call: Call) -> Any:
    """The load balancer of the listener that a call makes or changes."""
    arn = call.parameters.get("ListenerArn")
    if arn is None:
        return _balancer(account, call)
    return next((it for it in _elb(account, call).load_balancers.values() if arn in it.listeners), None)


def _protected(account: Account, call: Call) -> Verdict:
    balancer = _balancer(account, call)
    on = balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true"
    return {"arn": balancer.arn} if on else None


def _bad_name(_: Account, call: Call) -> Verdict:
    name = call.parameters["Name"]
    if len(name) > 32:
        return {"name": name, "fault": "cannot be longer than '32' characters"}
    if not re.fullmatch(r"[A-Za-z0-9-]+", name):
        return {"name": name, "fault": "can only contain characters that are alphanumeric characters and hyphens(-)"}
    if name.startswith("-") or name.endswith("-"):
        return {"name": name, "fault": "cannot begin or end with '-'"}
    return {"name": name, "fault": "cannot begin with 'internal-'"} if name.startswith("internal-") else None


def _same_name(account: Account, call: Call) -> Verdict:
    # AWS lets an exact repetition pass and answers the first one; no provider asks for that.
    name = call.parameters["Name"]
    return {"name": name} if any(it.name == name for it in _elb(account, call).load_balancers.values()) else None


def _subnets(account: Account, call: Call) -> list[Any]:
    ec2 = account.moto("ec2", call.region)
    wanted = call.parameters.get("Subnets", [])
    return [subnet for subnets in ec2.subnets.values() for subnet in subnets.values() if subnet.id in wanted]


def _no_way_out(account: Account, call: Call) -> Verdict:
    if call.parameters.get("Scheme") == "internal":
        return None
    gateways = account.moto("ec2", call.region).internet_gateways.values()
    open_networks = {gateway.vpc.id for gateway in gateways if gateway.vpc is not None}
    closed = [subnet.vpc_id for subnet in _subnets(account, call) if subnet.vpc_id not in open_networks]
    return {"vpc": closed[0]} if closed else None


def _same_zone(account: Account, call: Call) -> Verdict:
    zones = [subnet.availability_zone for subnet in _subnets(account, call)]
    return {} if len(set(zones)) < len(zones) else None


def _no_such_group(account: Account, call: Call) -> Verdict:
    ec2 = account.moto("ec2", call.region)
    wanted = call.parameters.get("SecurityGroups", [])
    missing = [ident for ident in wanted if ec2.get_security_group_from_id(ident) is None]
    return {"group": missing[0]} if missing else None


def _groups_from_nothing(account: Account, call: Call) -> Verdict:
    balancer = _balancer(account, call)
    if balancer is None or balancer.type != "network":
        return None
    differ = bool(balancer.security_groups) != bool(call.parameters["SecurityGroups"])
    return {"arn": balancer.arn} if differ else None


def _unhealthy_protocol(_: Account, call: Call) -> Verdict:
    protocol = call.parameters.get("HealthCheckProtocol", "TCP")
    return {"protocol": protocol} if protocol not in ("HTTP", "HTTPS", "TCP") else None


def _too_many(account: Account, call: Call) -> Verdict:
    balancer = _balancer(account, call)
    full = balancer is not None and len(balancer.listeners) >= LISTENERS_PER_BALANCER
    return {"most": LISTENERS_PER_BALANCER, "arn": balancer.arn} if full else None


def _port_taken(account: Account, call: Call) -> Verdict:
    balancer, given = _owner(account, call), call.parameters
    if balancer is None or "Port" not in given:
        return None
    others = (it for it in balancer.listeners.values() if it.arn != given.get("ListenerArn"))
    return {"arn": balancer.arn} if any(int(it.port) == given["Port"] for it in others) else None


def _protocol(account: Account, call: Call) -> str:
    """The protocol that the listener will have after the call."""
    balancer, arn = _owner(account, call), call.parameters.get("ListenerArn")
    before = balancer.listeners[arn].protocol if balancer is not None and arn is not None else ""
    return str(call.parameters.get("Protocol", before))


def _targets(call: Call) -> Iterator[list[str]]:
    for action in call.parameters.get("DefaultActions", []):
        groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
        yield [group["TargetGroupArn"] for group in groups] or [action.get("TargetGroupArn", "")]


def _mismatch(account: Account, call: Call) -> Verdict:
    protocol = _protocol(account, call)
    if protocol not in _FORWARDS_TO:
        return None
    groups = _elb(account, call).target_groups
    for arn in (arn for arns in _targets(call) for arn in arns if arn in groups):
        if groups[arn].protocol not in _FORWARDS_TO[protocol]:
            return {"group": arn, "listener": protocol, "target": groups[arn].protocol}
    return None


def _too_many_groups(_: Account, call: Call) -> Verdict:
    most = max((len(arns) for arns in _targets(call)), default=0)
    return {"count": most, "most": GROUPS_PER_ACTION} if most > GROUPS_PER_ACTION else None


def _certificate(account: Account, call: Call) -> Verdict:
    protocol, has = _protocol(account, call), bool(call.parameters.get("Certificates"))
    if protocol == "TLS" and not has and "ListenerArn" not in call.parameters:
        return {"fault": "A certificate must be specified for TLS listeners"}
    if protocol in ("TCP", "UDP", "TCP_UDP") and has:
        return {"fault": f"A certificate cannot be specified for {protocol} listeners"}
    return None


TABLE = (
    Refusal(
        ("DeleteLoadBalancer",),
        _protected,
        "OperationNotPermitted",
        "Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        f"{_API}API_DeleteLoadBalancer.html",
    ),
    Refusal(
        ("CreateLoadBalancer",),
        _bad_name,
        "ValidationError",
        "The load balancer name '{name}' {fault}",
        f"{_API}API_CreateLoadBalancer.html",
    ),
    Refusal(
        ("CreateLoadBalancer",),
        _same_name,
        "DuplicateLoadBalancerName",
        "A load balancer with the same name '{name}' exists, but with different settings",
        f"{_API}API_CreateLoadBalancer.html",
    ),
    Refusal(
        ("CreateLoadBalancer",),
        _no_way_out,
        "InvalidSubnet",
        "VPC {vpc} has no internet gateway",
        f"{_API}API_CreateLoadBalancer.html",
    ),
    Refusal(
        ("CreateLoadBalancer", "SetSubnets"),
        _same_zone,
        "InvalidConfigurationRequest",
        "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        f"{_API}API_CreateLoadBalancer.html",
    ),
    Refusal(
        ("CreateLoadBalancer",),
        _no_such_group,
        "InvalidSecurityGroup",
        "Security group '{group}' does not exist",
        f"{_API}API_CreateLoadBalancer.html",
    ),
    Refusal(
        ("SetSecurityGroups",),
        _groups_from_nothing,
        "InvalidConfigurationRequest",
        "Load balancer '{arn}': security groups must be associated when a network load balancer is made, and the last "
        "one cannot be taken away",
        f"{_GUIDE}load-balancer-security-groups.html",
    ),
    Refusal(
        ("CreateTargetGroup", "ModifyTargetGroup"),
        _unhealthy_protocol,
        "InvalidConfigurationRequest",
        "Health check protocol '{protocol}' is not supported; it must be one of [HTTP, HTTPS, TCP]",
        f"{_API}API_CreateTargetGroup.html",
    ),
    Refusal(
        ("CreateListener",),
        _too_many,
        "TooManyListeners",
        "The maximum number of listeners per load balancer '{most}' has been reached on load balancer '{arn}'",
        f"{_GUIDE}load-balancer-limits.html",
    ),
    Refusal(
        ("CreateListener", "ModifyListener"),
        _port_taken,
        "DuplicateListener",
        "A listener already exists on this port for this load balancer '{arn}'",
        f"{_API}API_CreateListener.html",
    ),
    Refusal(
        ("CreateListener", "ModifyListener"),
        _mismatch,
        "IncompatibleProtocols",
        "The listener and its associated target group '{group}' have incompatible protocols: '{listener}' and "
        "'{target}'",
        f"{_GUIDE}load-balancer-listeners.html",
    ),
    Refusal(
        ("CreateListener", "ModifyListener"),
        _too_many_groups,
        "ValidationError",
        "An action can forward to at most {most} target groups, not {count}",
        f"{_GUIDE}load-balancer-limits.html",
    ),
    Refusal(
        ("CreateListener", "ModifyListener"),
        _certificate,
        "ValidationError",
        "{fault}",
        f"{_GUIDE}create-tls-listener.html",
    ),
)
