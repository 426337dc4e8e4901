"""Pure: where Prometheus reads MySQL's figures."""

from components.data.mysql.names import METRICS_PORT_NAME, SELECTOR, STATEFUL_SET
from components.data.mysql.replica_names import REPLICA, REPLICA_SELECTOR
from components.monitoring.monitors import Target


def mysql_target(namespace: str) -> Target:
    """The exporters beside the group's servers."""
    return Target(name=STATEFUL_SET, kind="PodMonitor", namespace=namespace, labels=SELECTOR, port=METRICS_PORT_NAME)


def replica_target(namespace: str) -> Target:
    """The exporter beside the copy of another region's data."""
    return Target(name=REPLICA, kind="PodMonitor", namespace=namespace, labels=REPLICA_SELECTOR, port=METRICS_PORT_NAME)
