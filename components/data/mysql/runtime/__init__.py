"""What runs in a MySQL pod beside mysqld: the agent that joins, founds and labels. Standard library only.

The pod's contract:

- container `agent`: `mysqlsh --pym runtime.agent` with PYTHONPATH=/etc/mysql-pod, HOME and MYSQLSH_USER_CONFIG_HOME on
  an emptyDir, MYSQLSH_CREDENTIAL_STORE_SAVE_PASSWORDS=never; the ServiceAccount's token mounted
- init container: `bash /etc/mysql-pod/init.sh`; container `mysql`: `mysqld --defaults-file=/etc/mysql-rendered/my.cnf`,
  probes `bash /etc/mysql-pod/probe.sh alive|ready`, preStop `bash /etc/mysql-pod/prestop.sh`
- ConfigMap at /etc/mysql-pod, read-only: my.cnf (by config.render_config), init.sh, probe.sh, prestop.sh, runtime/*.py
- Secret `mysql-users` at /etc/mysql-users: one password per file: root, gr_repl, monitor, exporter, backup, app, and
  migration (the account that may change the schema); a file that is missing is an account that is not made, and
  root, gr_repl and monitor must be there
- TLS at /etc/mysql/tls (ca.crt, tls.crt, tls.key), data at /var/lib/mysql, /etc/mysql-rendered and /var/run/mysqld on
  emptyDirs that init container, mysql and agent share
- environment of all three: POD_NAME, POD_NAMESPACE, POD_IP, MYSQL_SERVICE, MYSQL_REPLICAS, MYSQL_GROUP (a UUID);
  MYSQL_DATABASE (schema of app and migration, "game" if unset)
- rights in the namespace: get and patch of the pods by name, get and patch of ConfigMap `mysql-cluster-state`, get and
  update of Lease `mysql-bootstrap`, by name; create of configmaps and of leases, which cannot be named
- the agent labels its own pod role=primary or role=replica, and says what a human must decide in the pod's annotation
  `game-regions/mysql-condition`; a human lists lost members in the ConfigMap's key allowMissing ("mysql-1,mysql-2")
"""
