"""Images of the data systems, by full version."""

# Valkey is the free branch of Redis 7.2; the image has redis-server and redis-cli as its second names.
# valkey.io/download/8.1
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
