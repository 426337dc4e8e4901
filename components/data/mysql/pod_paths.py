"""Pure: where things stand inside a pod of MySQL; the scripts and the agent read them there."""

SCRIPTS = "/etc/mysql-pod"  # my.cnf's template, the scripts, and the agent's package `runtime`
RENDERED = "/etc/mysql-rendered"
OPTIONS = f"{RENDERED}/my.cnf"
USERS_PATH = "/etc/mysql-users"
EXPORTER_PATH = "/etc/mysql-exporter"
TLS_PATH = "/etc/mysql/tls"
DATA_PATH = "/var/lib/mysql"
RUN_PATH = "/var/run/mysqld"
SOCKET = f"{RUN_PATH}/mysqld.sock"
TEMPORARY = "/tmp"
# In the pods of clients, which mount the key ca.crt of the authority's Secret there.
CLIENT_CA = "/app/connections/mysql/ca.crt"  # as components/data/clients.py mounts it
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
