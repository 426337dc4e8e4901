"""Pure: when MySQL calls somebody. Series of mysqld_exporter, of kube-state-metrics and of the kubelets.

How long the last archived log is ago belongs to the backup, which writes that series.
"""

from typing import Any

from components.data.claims import CLAIM
from components.data.mysql.names import PRIMARY, STATEFUL_SET
from components.data.mysql.replica_names import CHANNEL, REPLICA
from components.monitoring.alert import PLATFORM_TEAM, alert

QUEUE = 10_000  # transactions that a member has received and not applied
DISK_SHARE, CONNECTION_SHARE = 0.75, 0.8
BEHIND_SECONDS = 300  # the copy in another region; the promised loss is 15 min at most
_RUNBOOK = "mysql.md"


def mysql_rules(namespace: str) -> list[dict[str, Any]]:
    """The group's rules, as groups of a PrometheusRule."""
    rules = [
        server_down(namespace),
        not_one_primary(namespace),
        member_missing(namespace),
        applier_queue(namespace),
        connections(namespace),
        volume_filling(namespace),
    ]
    return [{"name": "mysql.rules", "rules": rules}]


def replica_rules(namespace: str) -> list[dict[str, Any]]:
    """Rules of the copy of another region's data."""
    return [{"name": "mysql-replica.rules", "rules": [replica_stopped(namespace), replica_behind(namespace)]}]


def server_down(namespace: str) -> dict[str, Any]:
    """An exporter that gets no answer from its server."""
    return alert(
        "MysqlServerDown",
        f'mysql_up{{namespace="{namespace}",pod=~"{STATEFUL_SET}-[0-9]+"}} == 0',
        "1m",
        "critical",
        PLATFORM_TEAM,
        "{{ $labels.pod }} has not answered its exporter for a minute.",
        f"{_RUNBOOK}#a-member-is-missing",
    )


def not_one_primary(namespace: str) -> dict[str, Any]:
    """No pod, or more than one, behind the Service that clients write to. No series at all counts as none."""
    # By slice: the chart of kube-state-metrics leaves the older endpoints out.
    slices = f'namespace="{namespace}",endpointslice=~"{PRIMARY}-.+"'
    ready = f'kube_endpointslice_endpoints{{{slices},ready="true"}}'
    return alert(
        "MysqlNotOnePrimary",
        f"(count({ready}) or vector(0)) != 1",
        "1m",
        "critical",
        PLATFORM_TEAM,
        f"{PRIMARY} in {namespace} leads to {{{{ $value }}}} pods instead of one.",
        f"{_RUNBOOK}#failover",
    )


def member_missing(namespace: str) -> dict[str, Any]:
    """Fewer members ONLINE than the StatefulSet has, in the view of the pod that sees the most of them."""
    online = f'mysql_perf_schema_replication_group_member_info{{namespace="{namespace}",member_state="ONLINE"}}'
    wanted = f'kube_statefulset_replicas{{namespace="{namespace}",statefulset="{STATEFUL_SET}"}}'
    return alert(
        "MysqlMemberMissing",
        f"max by (namespace) (count by (namespace, pod) ({online})) < on (namespace) {wanted}",
        "5m",
        "warning",
        PLATFORM_TEAM,
        "Only {{ $value }} members of the group in {{ $labels.namespace }} are ONLINE.",
        f"{_RUNBOOK}#a-member-is-missing",
    )


def applier_queue(namespace: str) -> dict[str, Any]:
    """A member that receives faster than it applies: it would be late to take over."""
    return alert(
        "MysqlApplierQueue",
        f'mysql_perf_schema_transactions_remote_in_applier_queue{{namespace="{namespace}"}} > {QUEUE}',
        "5m",
        "warning",
        PLATFORM_TEAM,
        "{{ $labels.pod }} has {{ $value }} transactions still to apply.",
        f"{_RUNBOOK}#a-member-lags",
    )


def connections(namespace: str) -> dict[str, Any]:
    """A server that is about to turn clients away."""
    series = f'{{namespace="{namespace}"}}'
    used = f"mysql_global_status_threads_connected{series} / mysql_global_variables_max_connections{series}"
    return alert(
        "MysqlConnections",
        f"{used} > {CONNECTION_SHARE}",
        "5m",
        "warning",
        PLATFORM_TEAM,
        "{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its connections.",
        f"{_RUNBOOK}#too-many-connections",
    )


def volume_filling(namespace: str) -> dict[str, Any]:
    """A volume of the group, or of the copy, three quarters full."""
    claims = f'{{namespace="{namespace}",persistentvolumeclaim=~"{CLAIM}-({STATEFUL_SET}|{REPLICA})-[0-9]+"}}'
    used = f"kubelet_volume_stats_used_bytes{claims} / kubelet_volume_stats_capacity_bytes{claims}"
    return alert(
        "MysqlVolumeFilling",
        f"{used} > {DISK_SHARE}",
        "10m",
        "warning",
        PLATFORM_TEAM,
        "{{ $labels.persistentvolumeclaim }} is {{ $value | humanizePercentage }} full.",
        f"{_RUNBOOK}#grow-a-volume",
    )


def replica_stopped(namespace: str) -> dict[str, Any]:
    """One of the two threads of the copy does not run, or there is no channel at all."""
    channel = f'{{namespace="{namespace}",channel_name="{CHANNEL}"}}'
    running = f"mysql_slave_status_replica_io_running{channel} * mysql_slave_status_replica_sql_running{channel}"
    return alert(
        "MysqlReplicaStopped",
        f"(sum({running}) or vector(0)) == 0",
        "10m",
        "warning",
        PLATFORM_TEAM,
        f"The copy of another region's data in {namespace} does not follow its source.",
        f"{_RUNBOOK}#the-copy-does-not-follow",
    )


def replica_behind(namespace: str) -> dict[str, Any]:
    """The copy follows, minutes late."""
    lag = f'mysql_slave_status_seconds_behind_source{{namespace="{namespace}",channel_name="{CHANNEL}"}}'
    return alert(
        "MysqlReplicaBehind",
        f"{lag} > {BEHIND_SECONDS}",
        "10m",
        "warning",
        PLATFORM_TEAM,
        "{{ $labels.pod }} is {{ $value | humanizeDuration }} behind the region that it copies.",
        f"{_RUNBOOK}#the-copy-does-not-follow",
    )
