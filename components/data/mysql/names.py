"""Pure: the names by which MySQL's parts and its clients know each other.

Nobody may change one alone: games dial `PRIMARY`, certificates hold the members' names, claims are called after the
StatefulSet, and the agents ask for `STATE` and `LEASE` by name.
"""

import pulumi

from components.kube.labels import client_of, selector_labels

SYSTEM = "mysql"
STATEFUL_SET = "mysql"
# mysql-<n>.mysql-headless.<namespace>.svc.cluster.local: what the members of the group call each other.
HEADLESS = "mysql-headless"
PRIMARY, READ = "mysql-primary-service", "mysql-read-service"
EXPORT = "mysql-export"
CONFIG_MAP = "mysql-config"
USERS, EXPORTER_LOGIN, CONNECTION, CERTIFICATE = "mysql-users", "mysql-exporter", "mysql-connection", "mysql-tls"
# The agents' own: made by them, exactly once. Pulumi would reset the one or delete the other.
STATE, LEASE = "mysql-cluster-state", "mysql-bootstrap"

PORT, PORT_NAME = 3306, "tcp-mysql"
METRICS_PORT, METRICS_PORT_NAME = 9104, "tcp-metrics"

SELECTOR = selector_labels("mysql", "database")
# The agent of the member that writes sets it; no pod is born with it.
ROLE_LABEL, ROLE_PRIMARY = "role", "primary"
CLIENTS = client_of(SYSTEM)


def server_names(namespace: pulumi.Input[str]) -> list[pulumi.Input[str]]:
    """DNS names that the servers' certificate is good for, in `namespace`."""

    def within(name: str, suffix: str = "") -> pulumi.Output[str]:
        return pulumi.Output.concat(name, ".", namespace, ".svc", suffix)

    members = f"*.{HEADLESS}"
    services = (PRIMARY, READ)
    return [
        within(members, ".cluster.local"),
        within(members),
        *services,
        *(within(service) for service in services),
        "localhost",
    ]
