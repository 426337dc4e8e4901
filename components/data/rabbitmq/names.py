"""Names, labels and ports of RabbitMQ: most are the operator's own, made from the cluster's name."""

from collections.abc import Mapping
from types import MappingProxyType

SYSTEM = "rabbitmq"  # label of clients
CLUSTER = "rabbitmq"  # of the RabbitmqCluster and of the Service that clients dial
STATEFUL_SET, NODES_SERVICE = f"{CLUSTER}-server", f"{CLUSTER}-nodes"
CONNECTION_SECRET, CREDENTIALS_SECRET = "rabbitmq-connection", "rabbitmq-credentials"
ADMIN_SECRET, TLS_SECRET = "rabbitmq-admin", "rabbitmq-tls"
API_VERSION = "rabbitmq.com/v1beta1"

# Labels that the operator gives to every pod.
SELECTOR: Mapping[str, str] = MappingProxyType({"app.kubernetes.io/name": CLUSTER})
# Without it the operator does not see a Secret: it keeps only those of RabbitMQ in memory.
SEEN: Mapping[str, str] = MappingProxyType({"app.kubernetes.io/part-of": "rabbitmq"})

PORT = 5671  # AMQP over TLS
MANAGEMENT_PORT = 15671
METRICS_PORT, METRICS_PORT_NAME = 15692, "prometheus"
# Between nodes: the port mapper, Erlang's distribution, and what the command line tools answer on.
EPMD_PORT, DISTRIBUTION_PORT = 4369, 25672
TOOL_PORTS = (35672, 35682)
REPLICAS = 3
VHOST = "/"
ADMIN, USER = "admin", "game"
