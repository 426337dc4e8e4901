"""Pure: the names of what backs up and restores, and those of MySQL's and Redis's parts that it relies on."""

from components.kube.labels import selector_labels

ACCOUNT = "data-backup"  # ServiceAccount of the Jobs
CONFIG_MAP = "data-backup"
CONTROLLER = "data-backup"  # ends the name of the role
MYSQL_DUMP, REDIS_DUMP = "mysql-dump", "redis-dump"
DRILL, RESTORE = "mysql-restore-drill", "mysql-restore"
SELECTOR = selector_labels("data-backup", "backup")

# Below these keys of the bucket; Velero has its own.
MYSQL_ROOT, REDIS_ROOT = "mysql", "redis"

# MySQL's: components/data/mysql has the same.
MYSQL_ACCOUNT = "mysql"
MYSQL_SELECTOR = selector_labels("mysql", "database")
MYSQL_READ = "mysql-read-service"
MYSQL_USERS = "mysql-users"
MYSQL_CERTIFICATE = "mysql-tls"
MYSQL_CLAIM = "data-mysql-0"

METRICS_PORT, METRICS_PORT_NAME = 9105, "tcp-archive"
