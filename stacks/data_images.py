"""Images of the data systems, by full version."""

# 8.4 is the long-term line; the newest patch that Docker's official image has, with mysqlsh of the same version.
# hub.docker.com/_/mysql
MYSQL = "mysql:8.4.11"
# From 0.16 on it asks 8.4 for replicas in the words that 8.4 knows. github.com/prometheus/mysqld_exporter
MYSQL_EXPORTER = "prom/mysqld-exporter:v0.20.0"
