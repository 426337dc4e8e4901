"""Changes that the guard refuses."""

from tests.stacks.sample import GONE
from tests.update_table.data_rows import MYSQL_PASSWORDS, RABBITMQ_PASSWORDS
from tests.update_table.row import Row

# What the guard refuses until each resource is named; of each a few of those that it names.
REFUSED: tuple[Row, ...] = (
    Row(
        {"namespace.name": "mmo"},
        replace=[
            *("Namespace namespace", "StatefulSet worlds", "StatefulSet mysql", "StatefulSet redis"),
            *("Cluster postgres", "RabbitmqCluster rabbitmq"),
        ],
    ),
    Row({"network.cidr": "10.11.0.0/16"}, replace=["Vpc vpc", "Subnet private-us-east-1a"]),
    Row({"network.pods": "100.65.0.0/16"}, replace=["Subnet pods-us-east-1a", "Subnet pods-us-east-1b"]),
    Row({"scaling": GONE}, delete=["Namespace keda"]),
    Row(
        {"buckets": GONE, "data.backup": GONE, "data.postgres.backup": None},
        delete=["Bucket backup", "Bucket logs", "Bucket traces", "Key storage-key", "Namespace velero"],
    ),
    Row({"data.mysql": GONE, "data.backup": GONE}, delete=["StatefulSet mysql", *MYSQL_PASSWORDS]),
    Row(
        {"data.postgres": GONE},
        delete=["Cluster postgres", "Namespace cnpg-system", "RandomPassword postgres-password"],
    ),
    Row(
        {"data.rabbitmq": GONE},
        delete=[
            *("CustomResourceDefinition rabbitmq-definition", "Namespace rabbitmq-system", "RabbitmqCluster rabbitmq"),
            *RABBITMQ_PASSWORDS,
        ],
    ),
    Row({"edge.domain": "mmo.example.com"}, replace=["Zone edge-zone", "Zone edge-zone-us-east"], stack="prod"),
)
