"""Pure: what PostgreSQL and its operator keep."""

from components.data.postgres.names import CLUSTER, INSTANCES
from components.data.postgres.operator import NAMESPACE, OPERATOR, PLUGIN, REPLICAS
from components.promises import Promise, stateless


def postgres_promises(namespace: str) -> tuple[Promise, ...]:
    """Two of three instances always; without a zone the third has none to stand in, and its volumes lie there."""
    instances = Promise(
        kind="StatefulSet",  # as the plan counts it: the operator makes bare pods, see plan/placement/operators.py
        namespace=namespace,
        name=CLUSTER,
        replicas=INSTANCES,
        minimum_ready=INSTANCES - 1,
        after_zone_loss=INSTANCES - 1,
        quorum=True,
    )
    return (instances, stateless(NAMESPACE, OPERATOR, REPLICAS), stateless(NAMESPACE, PLUGIN, 1))
