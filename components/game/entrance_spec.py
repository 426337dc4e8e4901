"""Pure: the ports that players come in by, what stands behind each, and the names on AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components.game.sessions import DRAIN
from components.kube.ports import GAME_PORT, GAME_UDP_PORT, HEALTH_PORT
from components.mesh.values import HTTPS_PORT, READY_PATH, STATUS_PORT
from components.mesh.values import TIMERS as GATEWAY_DRAIN

GAME_READY_PATH = "/health/ready"
# ELBv2 API, CreateLoadBalancer and CreateTargetGroup: Name.
NAME_LIMIT = 32
# How long a client stays with a weighted choice of target group: what the spec asks of the game's Service.
AFFINITY_SECONDS = 3600

Protocol = Literal["TCP", "UDP"]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One listener and what it sends to: `sticky` keeps a client's address on one pod, health is asked by HTTP."""

    key: str
    protocol: Protocol
    port: int
    health_port: int
    health_path: str
    sticky: bool
    deregistration_delay_seconds: int


GAME_TCP = Way(
    key="tcp",
    protocol="TCP",
    port=GAME_PORT,
    health_port=HEALTH_PORT,
    health_path=GAME_READY_PATH,
    sticky=True,
    deregistration_delay_seconds=DRAIN.deregistration_delay_seconds,
)
# Istio carries no UDP, so it goes straight to the pod. A load balancer cannot ask by UDP: the pod's HTTP health speaks
# for it.
GAME_UDP = Way(
    key="udp",
    protocol="UDP",
    port=GAME_UDP_PORT,
    health_port=HEALTH_PORT,
    health_path=GAME_READY_PATH,
    sticky=True,
    deregistration_delay_seconds=DRAIN.deregistration_delay_seconds,
)
# TLS ends in the mesh's gateway, whose pods are all alike.
HTTPS = Way(
    key="https",
    protocol="TCP",
    port=HTTPS_PORT,
    health_port=STATUS_PORT,
    health_path=READY_PATH,
    sticky=False,
    deregistration_delay_seconds=GATEWAY_DRAIN.deregistration_delay_seconds,
)
WAYS = (GAME_TCP, GAME_UDP, HTTPS)


def balancer_name(prefix: str) -> str:
    """Name of the load balancer of region `prefix` (`<game>-<region>`). ValueError above 32 characters."""
    return _fitting(f"{prefix}-players")


def target_group_name(prefix: str, way: Way, generation: str) -> str:
    """Name of a listener's target group for one generation of the cluster. ValueError above 32 characters."""
    return _fitting(f"{prefix}-{way.key}-{generation}")


def default_action(
    way: Way, arns: Mapping[str, pulumi.Input[str]], weights: Mapping[str, int]
) -> aws.lb.ListenerDefaultActionArgs:
    """What a listener does: all to one generation, or each new flow by weight to one of several.

    `arns` of target groups and `weights` (0 to 999) have the same keys.
    """
    if len(weights) == 1:
        (generation,) = weights
        return aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=arns[generation])
    # Else AWS refuses target groups that are sticky themselves, and a player would change the cluster mid-game.
    stickiness = aws.lb.ListenerDefaultActionForwardStickinessArgs(enabled=True, duration=AFFINITY_SECONDS)
    forward = aws.lb.ListenerDefaultActionForwardArgs(
        target_groups=[
            aws.lb.ListenerDefaultActionForwardTargetGroupArgs(arn=arns[generation], weight=weight)
            for generation, weight in weights.items()
        ],
        stickiness=stickiness if way.sticky else None,
    )
    return aws.lb.ListenerDefaultActionArgs(type="forward", forward=forward)


def binding(arn: pulumi.Input[str], service: pulumi.Input[str], port: int) -> dict[str, Any]:
    """Spec of a TargetGroupBinding (elbv2.k8s.aws/v1beta1): the pods behind `service` are the target group's targets.

    No `networking`: the program's own security group rules let the load balancer in, so the controller changes none.
    """
    return {"targetGroupARN": arn, "targetType": "ip", "serviceRef": {"name": service, "port": port}}


def _fitting(name: str) -> str:
    if len(name) > NAME_LIMIT:
        raise ValueError(
            f"load balancer name {name} has {len(name)} characters, above AWS's {NAME_LIMIT}; shorten the region's name"
        )
    return name
