"""Pure: where Prometheus reads Redis."""

from components.data.redis.names import METRICS_PORT_NAME, SELECTOR, STATEFUL_SET
from components.monitoring.monitors import JOB_LABEL, Target

JOB = SELECTOR[JOB_LABEL]  # of the series


def redis_target(namespace: str) -> Target:
    """The exporter beside each server; pods and not a Service, so that one that is not ready is read as well."""
    return Target(name=STATEFUL_SET, kind="PodMonitor", namespace=namespace, labels=SELECTOR, port=METRICS_PORT_NAME)
