"""Pure: what KEDA keeps."""

from components.promises import Promise, stateless
from components.scaling.keda import METRICS_SERVER, NAMESPACE, OPERATOR, WEBHOOKS


def keda_promises(replicas: int) -> tuple[Promise, ...]:
    """Of each of its three Deployments."""
    return tuple(stateless(NAMESPACE, name, replicas) for name in (OPERATOR, METRICS_SERVER, WEBHOOKS))
