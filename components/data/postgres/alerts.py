"""Pure: when PostgreSQL calls, and what Prometheus reads of it. Metrics: cloudnative-pg.io/docs, Monitoring."""

from typing import Any

from components.data.postgres.names import CLUSTER, INSTANCES, METRICS_PORT_NAME, SELECTOR
from components.monitoring.alert import GAME_TEAM, PLATFORM_TEAM, alert
from components.monitoring.monitors import Target

RPO_SECONDS = 600  # two archive timeouts
LAG_SECONDS = 30
BACKUP_AGE_SECONDS = 36 * 3600  # half a day late
CONNECTIONS_SHARE = 0.8
FREEZE_AGE = 500_000_000  # a quarter of what PostgreSQL can count before it stops taking writes
_VOLUME_SHARE = 0.8


def postgres_target(namespace: str) -> Target:
    """Every instance, at the port that the operator gives it; `job` is the cluster's name."""
    return Target(
        name="postgres",
        kind="PodMonitor",
        namespace=namespace,
        labels=SELECTOR,
        port=METRICS_PORT_NAME,
        job_label="cnpg.io/cluster",
    )


def postgres_rules(namespace: str) -> list[dict[str, Any]]:
    """Groups of a PrometheusRule."""
    of = f'namespace="{namespace}",job="{CLUSTER}"'
    return [{"name": "postgres", "rules": [*_availability(of), *_archive(of), *_room(namespace, of)]}]


def _availability(of: str) -> list[dict[str, Any]]:
    page = "postgres.md"
    return [
        alert(
            "PostgresDown",
            f"(count(cnpg_collector_up{{{of}}} == 1) or vector(0)) == 0",
            "1m",
            "critical",
            GAME_TEAM,
            "No instance of PostgreSQL answers.",
            f"{page}#full-outage",
        ),
        alert(
            "PostgresInstanceMissing",
            f"(count(cnpg_collector_up{{{of}}} == 1) or vector(0)) < {INSTANCES}",
            "10m",
            "warning",
            GAME_TEAM,
            f"{{{{ $value }}}} of {INSTANCES} instances of PostgreSQL answer; one more fault may leave a single copy.",
            f"{page}#failover",
        ),
        alert(
            "PostgresReplicationLag",
            f"max by (pod) (cnpg_pg_replication_lag{{{of}}}) > {LAG_SECONDS}",
            "5m",
            "warning",
            GAME_TEAM,
            "{{ $labels.pod }} is {{ $value | humanizeDuration }} behind the primary.",
            f"{page}#failover",
        ),
    ]


def _archive(of: str) -> list[dict[str, Any]]:
    page = "postgres.md#wal-is-not-archived"
    last = f"max(cnpg_pg_stat_archiver_last_archived_time{{{of}}})"
    backup = f"max(barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{{{of}}})"
    return [
        alert(
            "PostgresArchiveLate",
            f"time() - {last} > {RPO_SECONDS} and on () "
            f'max(cnpg_collector_pg_wal_archive_status{{{of},value="ready"}}) > 0',
            "5m",
            "critical",
            GAME_TEAM,
            "WAL was last archived {{ $value | humanizeDuration }} ago; what came since exists on the volumes alone.",
            page,
        ),
        alert(
            "PostgresBackupLate",
            f"time() - {backup} > {BACKUP_AGE_SECONDS}",
            "30m",
            "critical",
            PLATFORM_TEAM,
            "The newest base backup of PostgreSQL is {{ $value | humanizeDuration }} old.",
            "postgres.md#backups",
        ),
    ]


def _room(namespace: str, of: str) -> list[dict[str, Any]]:
    claims = f'namespace="{namespace}",persistentvolumeclaim=~"{CLUSTER}-[0-9]+(-wal)?"'
    used = f"kubelet_volume_stats_used_bytes{{{claims}}} / kubelet_volume_stats_capacity_bytes{{{claims}}}"
    limit = f'cnpg_pg_settings_setting{{{of},name="max_connections"}}'
    return [
        alert(
            "PostgresVolumeFilling",
            f"{used} > {_VOLUME_SHARE}",
            "10m",
            "warning",
            PLATFORM_TEAM,
            "{{ $labels.persistentvolumeclaim }} is {{ $value | humanizePercentage }} full.",
            "postgres.md#resize-a-volume",
        ),
        alert(
            "PostgresConnectionsNearLimit",
            f"sum by (pod) (cnpg_backends_total{{{of}}}) / max by (pod) ({limit}) > {CONNECTIONS_SHARE}",
            "5m",
            "warning",
            GAME_TEAM,
            "{{ $labels.pod }} has {{ $value | humanizePercentage }} of its connections in use.",
            "postgres.md#too-many-connections",
        ),
        alert(
            "PostgresTransactionIdsOld",
            f"max by (datname) (cnpg_pg_database_xid_age{{{of}}}) > {FREEZE_AGE}",
            "1h",
            "warning",
            GAME_TEAM,
            "The oldest transaction of database {{ $labels.datname }} is {{ $value | humanize }} behind: vacuum lags.",
            "postgres.md#vacuum-lags",
        ),
    ]
