"""Changes of a region's data systems and their backups."""

from tests.stacks.sample import GONE
from tests.update_table.row import Row

_CLAIMS = [f"PersistentVolumeClaimPatch data-redis-cluster-{ordinal}" for ordinal in range(10)]
MYSQL_PASSWORDS = [
    f"RandomPassword mysql-password-{account}"
    for account in ("app", "backup", "exporter", "gr-repl", "migration", "monitor", "root")
]
_REDIS_PASSWORDS = {
    turn: [f"RandomPassword redis-{account}-{turn}" for account in ("admin", "app", "backup", "exporter", "repl")]
    for turn in ("even", "odd")
}
RABBITMQ_PASSWORDS = ["RandomPassword rabbitmq-admin", "RandomPassword rabbitmq-game"]
_REDIS = [
    "StatefulSet redis",
    *_CLAIMS[:6],
    *_REDIS_PASSWORDS["even"],
    *_REDIS_PASSWORDS["odd"],
    *(f"Secret redis-{name}" for name in ("connection", "users")),
    *(f"ConfigMap {name}" for name in ("dashboard-redis", "redis-client-config", "redis-server-config")),
    *(f"Service redis-{name}" for name in ("headless", "service")),
    *(f"NetworkPolicy redis-{name}" for name in ("bootstrap", "clients", "pods")),
    *(f"ServiceAccount redis-{name}" for name in ("jobs", "servers")),
    *("Role redis-pods", "RoleBinding redis-pods", "ClusterRole redis-zones", "ClusterRoleBinding redis-zones"),
    *("Job redis-bootstrap", "CronJob redis-dump", "Certificate redis-certificate", "PodDisruptionBudget redis-budget"),
    *("PodMonitor monitor-redis-cluster", "PrometheusRule alerts-redis"),
]
_BUCKET_SETTINGS = (
    *("LifecycleConfiguration", "ObjectLockConfiguration", "OwnershipControls", "Policy", "PublicAccessBlock"),
    *("ReplicationConfig", "ServerSideEncryptionConfiguration", "Versioning"),
)

DATA_ROWS: tuple[Row, ...] = (
    Row({"data.mysql.storage_gib": 40}, update=[f"PersistentVolumeClaimPatch data-mysql-{n}" for n in range(3)]),
    Row({"data.mysql.variables": {"long_query_time": 1}}, update=["ConfigMap mysql-config", "StatefulSet mysql"]),
    Row({"data.mysql.limits": {"cpu": "3", "memory": "4Gi"}}, update=["StatefulSet mysql"]),
    Row(
        {"data.mysql.rotation": 2},
        update=[f"Secret mysql-{of}" for of in ("connection", "exporter", "users")],
        replace=MYSQL_PASSWORDS,
        refused=MYSQL_PASSWORDS,
    ),
    Row({"data.redis.storage_gib": 10}, update=_CLAIMS[:6]),
    Row(
        {"data.redis.masters": 5},
        create=_CLAIMS[6:],
        update=["PrometheusRule alerts-redis", "StatefulSet redis"],
        replace=["Job redis-bootstrap"],
    ),
    Row(
        {"data.redis.settings": {"maxmemory-policy": "noeviction"}},
        update=["ConfigMap redis-server-config", "StatefulSet redis"],
    ),
    Row(
        {"data.redis.rotation": 1},
        update=["Secret redis-connection", "Secret redis-users", "StatefulSet redis"],
        replace=_REDIS_PASSWORDS["odd"],
        refused=_REDIS_PASSWORDS["odd"],
    ),
    Row(
        {"data.redis": GONE},
        update=["PrometheusRule alerts-backup", "StatefulSet worlds"],
        delete=_REDIS,
        refused=["StatefulSet redis", *_REDIS_PASSWORDS["even"], *_REDIS_PASSWORDS["odd"]],
    ),
    Row({"data.postgres.storage_gib": 40}, update=["Cluster postgres"]),
    Row({"data.postgres.memory_gib": 3}, update=["Cluster postgres"]),
    Row(
        {"data.postgres.password_rotation": 1},
        update=["Secret postgres-connection"],
        replace=["RandomPassword postgres-password"],
        refused=["RandomPassword postgres-password"],
    ),
    Row({"data.rabbitmq.storage_gib": 30}, update=["RabbitmqCluster rabbitmq"]),
    Row({"data.rabbitmq.memory_gib": 3}, update=["RabbitmqCluster rabbitmq"]),
    Row(
        {"data.rabbitmq.password_rotation": 1},
        update=[
            "RabbitmqCluster rabbitmq",
            *(f"Secret rabbitmq-{of}" for of in ("admin-secret", "connection", "credentials")),
        ],
        replace=RABBITMQ_PASSWORDS,
        refused=RABBITMQ_PASSWORDS,
    ),
    Row({"data.backup.archive_minutes": 3}, update=["StatefulSet mysql"]),
    Row(
        {"data.backup.hour": 4},
        update=[f"CronJob {job}" for job in ("mysql-dump", "mysql-restore", "mysql-restore-drill", "redis-dump")]
        + ["Release velero"],
    ),
    Row({"data.backup.retention_days": 40}, update=["BucketLifecycleConfiguration backup", "Release velero"]),
    Row(
        {"data.backup.copy_to": "us-west-2"},
        create=[
            "aws aws-copies",
            *(f"{type_} backup-copy" for type_ in ("Bucket", "Key", "Role", "RolePolicy")),
            *(f"Bucket{part} backup-copy" for part in _BUCKET_SETTINGS),
        ],
    ),
    Row(
        {"data.kafka": {"brokers": ["b-1.events.example.com:9094"], "cidrs": ["10.200.0.0/16"]}},
        create=["ConfigMap kafka", "NetworkPolicy kafka-clients"],
    ),
)
