"""Pure: what Prometheus reads of the backups: the archiver in each of MySQL's pods."""

from components.data.backup.names import METRICS_PORT_NAME, MYSQL_SELECTOR
from components.monitoring.monitors import Target


def archivers(namespace: str) -> Target:
    """Pods and not a Service: which of them archives is of interest."""
    return Target(
        name="mysql-archivers",
        kind="PodMonitor",
        namespace=namespace,
        labels=MYSQL_SELECTOR,
        port=METRICS_PORT_NAME,
    )
