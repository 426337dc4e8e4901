"""Images of the data systems, by full version."""

# xtrabackup's image is the smallest that has mysqlbinlog and mysql of the 8.4 line; MySQL's own has no mysqlbinlog.
# docs.percona.com/percona-operator-for-mysql/latest/images.html
BACKUP_TOOLS = "percona/percona-xtrabackup:8.4.0-6.1"
# 1.14 goes with Velero 1.18. github.com/vmware-tanzu/velero-plugin-for-aws
VELERO_PLUGIN = "velero/velero-plugin-for-aws:v1.14.3"
# Valkey is the free branch of Redis 7.2; drills run the same line. valkey.io/download/8.1
REDIS = "valkey/valkey:8.1.11"
# github.com/oliver006/redis_exporter/releases
REDIS_EXPORTER = "oliver006/redis_exporter:v1.94.0"
# Runs scripts of the data systems that need the standard library and nothing else. hub.docker.com/_/python
PYTHON = "python:3.13.15-slim-bookworm"
# 8.4 is the long-term line; the newest patch that Docker's official image has, with mysqlsh of the same version.
# hub.docker.com/_/mysql
MYSQL = "mysql:8.4.11"
# From 0.16 on it asks 8.4 for replicas in the words that 8.4 knows. github.com/prometheus/mysqld_exporter
MYSQL_EXPORTER = "prom/mysqld-exporter:v0.20.0"

# The operator's own build of PostgreSQL 18.6: a tag of it has no third number, so the digest says which one.
# github.com/cloudnative-pg/postgres-containers
POSTGRES = (
    "ghcr.io/cloudnative-pg/postgresql:18.6-202608131513-minimal-trixie"
    "@sha256:e488b1434919f455f2ee4e18a181ce9b33f34cdd8dfb821126855486bce6ad34"
)
# The newest patch of 4.2, the line that the operator below is made with. hub.docker.com/_/rabbitmq
RABBITMQ = "rabbitmq:4.2.9-management"
# As the released manifest has it. github.com/rabbitmq/cluster-operator
RABBITMQ_OPERATOR = "ghcr.io/rabbitmq/cluster-operator:2.22.3"
