"""Pure: what everything of Redis is called, and where it listens. Games and the pods' own scripts rely on these."""

from components.data.redis import config
from components.kube.labels import selector_labels

SYSTEM = "redis"  # in the label of its clients, `client-of-redis`
STATEFUL_SET = "redis-cluster"
HEADLESS = "redis-cluster-headless"  # a pod is redis-cluster-<n>.redis-cluster-headless.<namespace>.svc.cluster.local
SERVICE = "redis-cluster-service"  # what games dial first; from any pod they learn of all others
# Games read the key cluster-endpoint of it, so the pods' own files are called otherwise.
CLIENT_CONFIG, ENDPOINT_KEY = "redis-config", "cluster-endpoint"
SERVER_CONFIG = "redis-server-config"
USERS = "redis-users"
CONNECTION = "redis-connection"
TLS = "redis-tls"
BOOTSTRAP = "redis-bootstrap"

PORT, PORT_NAME = config.PORT, "tcp-redis"
BUS_PORT, BUS_PORT_NAME = config.BUS_PORT, "tcp-redis-bus"  # where pods agree who is master
METRICS_PORT, METRICS_PORT_NAME = 9121, "http-metrics"

# Constants: Kubernetes never lets a StatefulSet's selector change.
SELECTOR = selector_labels(STATEFUL_SET, "database")
BOOTSTRAP_SELECTOR = selector_labels(BOOTSTRAP, "database")


def pod_host(ordinal: int, namespace: str) -> str:
    """The one name by which a pod is known to its peers and to clients."""
    return f"{STATEFUL_SET}-{ordinal}.{HEADLESS}.{namespace}.svc.cluster.local"


def certificate_names(namespace: str) -> list[str]:
    """Every name by which Redis is dialled; localhost is for what runs in the pod itself."""
    within = f"{namespace}.svc"
    return [
        "localhost",
        SERVICE,
        f"{SERVICE}.{namespace}",
        f"{SERVICE}.{within}",
        f"{SERVICE}.{within}.cluster.local",
        f"*.{HEADLESS}.{within}",
        f"*.{HEADLESS}.{within}.cluster.local",
    ]
