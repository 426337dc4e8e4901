"""Pure: what a region's monitoring keeps. Names are those that the chart gives with our release's name."""

from components.monitoring.monitoring import NAMESPACE
from components.monitoring.values import ALERTMANAGERS
from components.promises import Promise, stateless

_STACK = "monitoring-kube-prometheus"


def monitoring_promises(servers: int) -> tuple[Promise, ...]:
    """Of the Prometheus servers, each of which waits with its volume for its zone, and of what stands around them."""
    prometheus = Promise(
        kind="StatefulSet",
        namespace=NAMESPACE,
        name=f"prometheus-{_STACK}-prometheus",
        replicas=servers,
        minimum_ready=servers - 1,
        after_zone_loss=servers - 1,
    )
    alone = (f"{_STACK}-operator", "monitoring-grafana", "monitoring-kube-state-metrics")
    return (
        prometheus,
        stateless(NAMESPACE, f"alertmanager-{_STACK}-alertmanager", ALERTMANAGERS, "StatefulSet"),
        *(stateless(NAMESPACE, name, 1) for name in alone),
    )
