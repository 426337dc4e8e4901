"""Pure: the three health probes that every game process answers on one port of its own."""

import pulumi_kubernetes as k8s

from components.kube.ports import HEALTH_PORT_NAME


def liveness() -> k8s.core.v1.ProbeArgs:
    """Restart after about 30 s without an answer."""
    return _probe("live", initial_delay=30, period=10, timeout=5, failures=3)


def readiness() -> k8s.core.v1.ProbeArgs:
    """Out of the endpoints after about 10 s without an answer."""
    return _probe("ready", initial_delay=10, period=5, timeout=3, failures=2)


def startup() -> k8s.core.v1.ProbeArgs:
    """About 110 s to start before the other two begin to count."""
    return _probe("startup", initial_delay=10, period=10, timeout=5, failures=10)


def _probe(what: str, *, initial_delay: int, period: int, timeout: int, failures: int) -> k8s.core.v1.ProbeArgs:
    return k8s.core.v1.ProbeArgs(
        http_get=k8s.core.v1.HTTPGetActionArgs(path=f"/health/{what}", port=HEALTH_PORT_NAME),
        initial_delay_seconds=initial_delay,
        period_seconds=period,
        timeout_seconds=timeout,
        success_threshold=1,
        failure_threshold=failures,
    )
