"""Pure: one formula for every timer between "this pod must go" and "its node is gone"."""

from dataclasses import dataclass

# An NLB keeps a deregistered target's connections for 0 to 3600 s.
# docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
DEREGISTRATION_LIMIT_SECONDS = 3600
# However short the delay: for about two minutes after deregistration an NLB still sends new connections.
# github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2366, github.com/aws/containers-roadmap/issues/470
WITHDRAWAL_SECONDS = 120
# What kubelet and the runtime need between the steps, so that the kill never comes in the middle of a save.
POD_MARGIN_SECONDS = 10
# Karpenter asks by eviction for as long, and deletes the pods that still stand when their own grace is all that is left
# of the node's. karpenter.sh/v1.14/concepts/disruption/#terminationgraceperiod
NODE_MARGIN_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class DrainTimers:
    """Seconds: a pod's preStop sleep, its target's deregistration delay, its grace period, and its node's."""

    pre_stop_seconds: int
    deregistration_delay_seconds: int
    pod_grace_seconds: int
    node_grace_seconds: int


def drain_timers(*, window_seconds: int, save_seconds: int, reconcile_seconds: int) -> DrainTimers:
    """Timers of a pod whose players get `window_seconds` to leave and whose state takes `save_seconds` to write.

    `reconcile_seconds` is what the load balancer controller takes from a pod's end to its target's deregistration.
    Until the pod's own withdrawal is over (preStop) it takes players as before; then it lets those go that are there.
    ValueError where a figure is negative or the window is more than a load balancer can wait.
    """
    for name, seconds in (("window", window_seconds), ("save time", save_seconds), ("reconcile", reconcile_seconds)):
        if seconds < 0:
            raise ValueError(f"drain {name}: {seconds} s is below 0; give a number of seconds")
    if window_seconds > DEREGISTRATION_LIMIT_SECONDS:
        raise ValueError(
            f"drain window: {window_seconds} s is above the {DEREGISTRATION_LIMIT_SECONDS} s that an NLB keeps the "
            f"connections of a target it lets go; let longer sessions log in again elsewhere, or give each pod an "
            f"address of its own"
        )
    pre_stop = WITHDRAWAL_SECONDS + reconcile_seconds
    pod_grace = pre_stop + window_seconds + save_seconds + POD_MARGIN_SECONDS
    return DrainTimers(
        pre_stop_seconds=pre_stop,
        # A shorter one would not be kept anyway.
        deregistration_delay_seconds=max(window_seconds, WITHDRAWAL_SECONDS),
        pod_grace_seconds=pod_grace,
        node_grace_seconds=pod_grace + NODE_MARGIN_SECONDS,
    )
