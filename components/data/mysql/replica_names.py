"""Pure: the names of the copy of another region's data."""

from components.kube.labels import selector_labels

REPLICA = "mysql-replica"  # StatefulSet, its pod mysql-replica-0, and its headless Service
REPLICA_SELECTOR = selector_labels("mysql-replica", "database")
REPLICA_CONFIG, REPLICA_USERS, REPLICA_CERTIFICATE = "mysql-replica-config", "mysql-replica-users", "mysql-replica-tls"
REPLICA_EXPORTER_LOGIN = "mysql-replica-exporter"
# Two servers with one server_id never replicate; members of a group have 100 and up, this is none of them.
REPLICA_SERVER_ID = 900
CHANNEL = "dr"
