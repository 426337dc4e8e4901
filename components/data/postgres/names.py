"""Names, labels and ports of PostgreSQL: most are the operator's own, made from the cluster's name."""

from collections.abc import Mapping
from types import MappingProxyType

from components.kube.compute import Compute

SYSTEM = "postgres"  # label of clients; folder in the bucket
CLUSTER = "postgres"  # of the Cluster, its service account, its pods (postgres-1, ...)
PRIMARY_SERVICE, READ_SERVICE, ANY_SERVICE = f"{CLUSTER}-rw", f"{CLUSTER}-ro", f"{CLUSTER}-r"
CONNECTION_SECRET = "postgres-connection"
TLS_SECRET = "postgres-tls"
OBJECT_STORE = "postgres-backup"
SCHEDULED_BACKUP = "postgres-daily"

API_VERSION = "postgresql.cnpg.io/v1"
STORE_API_VERSION = "barmancloud.cnpg.io/v1"
PLUGIN = "barman-cloud.cloudnative-pg.io"

# cloudnative-pg.io/docs: labels of every pod of a cluster, those that run once (initdb, join, restore) too.
CLUSTER_LABEL = "cnpg.io/cluster"
SELECTOR: Mapping[str, str] = MappingProxyType({CLUSTER_LABEL: CLUSTER})
# A Secret with this label is read again as soon as it changes.
RELOAD: Mapping[str, str] = MappingProxyType({"cnpg.io/reload": "true"})

PORT = 5432
STATUS_PORT = 8000  # of the instance manager, for the operator
METRICS_PORT, METRICS_PORT_NAME = 9187, "metrics"
INSTANCES = 3  # a primary, a standby that must answer, and one that may be away
# What the plugin runs beside each instance.
SIDECAR, SIDECAR_LIMIT = Compute(cpu="50m", memory="128Mi"), Compute(cpu="500m", memory="512Mi")
