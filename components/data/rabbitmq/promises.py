"""Pure: what RabbitMQ and its operator keep."""

from components.data.rabbitmq.names import REPLICAS, STATEFUL_SET
from components.data.rabbitmq.operator import NAME, NAMESPACE
from components.data.rabbitmq.operator import REPLICAS as OPERATORS
from components.promises import Promise, stateless


def rabbitmq_promises(namespace: str) -> tuple[Promise, ...]:
    """Two of three nodes always: a majority of every queue. A lost zone takes its node, whose volume lies there."""
    nodes = Promise(
        kind="StatefulSet",
        namespace=namespace,
        name=STATEFUL_SET,
        replicas=REPLICAS,
        minimum_ready=REPLICAS - 1,
        after_zone_loss=REPLICAS - 1,
        quorum=True,
    )
    return (nodes, stateless(NAMESPACE, NAME, OPERATORS))
