"""Load balancer types: what a program would ask for, and how it would then change it in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.embedded.aws_types.driver import Engine, Made
from tests.embedded.aws_types.ground import TAGS, Example, gateway, subnets, vpc

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"


def security_group(engine: Engine, network: Made, name: str) -> str:
    return engine.make("aws:ec2/securityGroup:SecurityGroup", name, name=name, vpcId=network.id).id


def balancer(engine: Engine, network: Made, **more: Any) -> Made:
    """An internal network load balancer in two zones."""
    more = more if "subnets" in more else {"subnets": subnets(engine, network)} | more
    wanted = {"name": "mmorpg-us-east", "loadBalancerType": "network", "internal": True}
    return engine.make(BALANCER, "nlb", **wanted | more)


def targets(engine: Engine, network: Made, name: str, protocol: str = "TCP", **more: Any) -> Made:
    wanted = {"name": name, "port": 7777, "protocol": protocol, "vpcId": network.id, "targetType": "ip"}
    return engine.make(TARGETS, name, **wanted | more)


def _load_balancer(engine: Engine) -> Example:
    network = vpc(engine)
    gateway(engine, network)
    first, second = subnets(engine, network)
    groups = [security_group(engine, network, name) for name in ("edge", "players")]
    wanted = {
        "name": "mmorpg-us-east",
        "loadBalancerType": "network",
        "subnets": [first],
        "securityGroups": groups[:1],
        "enableCrossZoneLoadBalancing": True,
        "enableDeletionProtection": False,
        "dnsRecordClientRoutingPolicy": "availability_zone_affinity",
        "tags": TAGS,
    }
    later = {
        "subnets": [second, first],
        "securityGroups": groups,
        "enableCrossZoneLoadBalancing": False,
        "enableDeletionProtection": True,
        "dnsRecordClientRoutingPolicy": "partial_availability_zone_affinity",
        "enableZonalShift": True,
        "tags": {"a": "b"},
    }
    return Example(wanted, wanted | later)


def _target_group(engine: Engine) -> Example:
    wanted = {
        "name": "mmorpg-us-east-world",
        "port": 7777,
        "protocol": "TCP",
        "vpcId": vpc(engine).id,
        "targetType": "ip",
        "healthCheck": {"protocol": "HTTP", "port": "8888", "path": "/ready", "matcher": "200", "interval": 10},
        "deregistrationDelay": 3600,
        "connectionTermination": True,
        "preserveClientIp": "true",
        "stickiness": {"type": "source_ip"},
        "targetGroupHealth": {"dnsFailover": {"minimumHealthyTargetsCount": "1"}},
        "targetHealthStates": [{"enableUnhealthyConnectionTermination": False, "unhealthyDrainingInterval": 600}],
        "tags": TAGS,
    }
    later = {
        "healthCheck": {"protocol": "TCP", "port": "traffic-port", "interval": 30, "healthyThreshold": 2},
        "deregistrationDelay": 0,
        "preserveClientIp": "false",
        "stickiness": {"type": "source_ip", "enabled": False},
        "loadBalancingCrossZoneEnabled": "true",
        "proxyProtocolV2": True,
        "targetGroupHealth": {
            "dnsFailover": {"minimumHealthyTargetsCount": "2"},
            "unhealthyStateRouting": {"minimumHealthyTargetsCount": 2, "minimumHealthyTargetsPercentage": "50"},
        },
        "targetHealthStates": [{"enableUnhealthyConnectionTermination": True}],
        "tags": {"a": "b"},
    }
    return Example(wanted, wanted | later)


def _listener(engine: Engine) -> Example:
    network = vpc(engine)
    owner = balancer(engine, network)
    blue, green = (targets(engine, network, name).id for name in ("blue", "green"))
    wanted = {
        "loadBalancerArn": owner.id,
        "port": 443,
        "protocol": "TCP",
        "defaultActions": [{"type": "forward", "targetGroupArn": blue}],
        "tcpIdleTimeoutSeconds": 3600,
        "tags": TAGS,
    }
    weighted = [{"arn": blue, "weight": 90}, {"arn": green, "weight": 10}]
    later = {
        "port": 444,
        "defaultActions": [{"type": "forward", "forward": {"targetGroups": weighted}}],
        "tcpIdleTimeoutSeconds": 600,
        "tags": {"a": "b"},
    }
    return Example(wanted, wanted | later)


EDGE: dict[str, Callable[[Engine], Example]] = {
    BALANCER: _load_balancer,
    TARGETS: _target_group,
    LISTENER: _listener,
}
