"""Pure: the alerts by which somebody learns that a backup, or the proof of one, is missing.

A Job's success is what kube-state-metrics says of its CronJob; archivers and Velero have figures of their own.
"""

from typing import Any

from components.data.backup.names import DRILL, MYSQL_DUMP, REDIS_DUMP
from components.monitoring.alert import PLATFORM_TEAM, alert

ARCHIVE_SECONDS = 600
DUMP_HOURS, DRILL_DAYS = 26, 35
_PAGE = "backup.md"


def backup_rules(namespace: str, *, redis: bool, velero: bool) -> list[dict[str, Any]]:
    """Groups for a region whose data is in `namespace`."""
    rules = [archive_old(namespace), archive_failing(namespace), job_failed(namespace), drill_old(namespace)]
    rules += [dump_old(namespace, name) for name in (MYSQL_DUMP, *((REDIS_DUMP,) if redis else ()))]
    groups = [{"name": "backup.rules", "rules": rules}]
    if velero:
        groups.append({"name": "velero.rules", "rules": [velero_old(), velero_failed(), velero_location()]})
    return groups


def archive_old(namespace: str) -> dict[str, Any]:
    """Nobody archived all of the binary log for ten minutes, or there is no archiver at all."""
    series = f'mysql_archive_complete_timestamp_seconds{{namespace="{namespace}"}}'
    return alert(
        "MysqlArchiveOld",
        f"(time() - max({series}) > {ARCHIVE_SECONDS}) or absent({series})",
        "2m",
        "critical",
        PLATFORM_TEAM,
        "The binary log of MySQL was last archived {{ $value | humanizeDuration }} ago: the promised 15 min of lost "
        "transactions at most are near.",
        f"{_PAGE}#archive",
    )


def archive_failing(namespace: str) -> dict[str, Any]:
    """An archiver fails again and again; the next member may still do it."""
    return alert(
        "MysqlArchiveFailing",
        f'increase(mysql_archive_failures_total{{namespace="{namespace}"}}[15m]) > 3',
        "5m",
        "warning",
        PLATFORM_TEAM,
        "The archiver of {{ $labels.pod }} failed {{ $value | humanize }} times within 15 minutes.",
        f"{_PAGE}#archive",
    )


def dump_old(namespace: str, name: str) -> dict[str, Any]:
    """No nightly dump for more than a day."""
    system = "Mysql" if name == MYSQL_DUMP else "Redis"
    return alert(
        f"{system}DumpOld",
        _without_success(namespace, name, DUMP_HOURS * 3600),
        "10m",
        "critical",
        PLATFORM_TEAM,
        f"The last good run of {name} is older than {DUMP_HOURS} hours, or there was none.",
        f"{_PAGE}#dump",
    )


def drill_old(namespace: str) -> dict[str, Any]:
    """No restore has been proved for more than a month."""
    return alert(
        "RestoreDrillOld",
        _without_success(namespace, DRILL, DRILL_DAYS * 86_400),
        "1h",
        "critical",
        PLATFORM_TEAM,
        f"No restore of MySQL was proved for {DRILL_DAYS} days, or ever: backups may be there and no good.",
        f"{_PAGE}#drill",
    )


def job_failed(namespace: str) -> dict[str, Any]:
    """A dump or a drill ended in failure; the Job stays to be looked at."""
    return alert(
        "BackupJobFailed",
        f'kube_job_status_failed{{namespace="{namespace}",job_name=~"(mysql|redis)-(dump|restore).*"}} > 0',
        "1m",
        "warning",
        PLATFORM_TEAM,
        "Job {{ $labels.job_name }} failed; its pods' logs say why.",
        f"{_PAGE}#job",
    )


def velero_old() -> dict[str, Any]:
    """No backup of the namespace for more than a day."""
    series = 'velero_backup_last_successful_timestamp{schedule!=""}'
    return alert(
        "VeleroBackupOld",
        f"(time() - max({series}) > {DUMP_HOURS * 3600}) or absent({series})",
        "1h",
        "critical",
        PLATFORM_TEAM,
        f"Velero's last whole backup is older than {DUMP_HOURS} hours, or there was none.",
        f"{_PAGE}#velero",
    )


def velero_failed() -> dict[str, Any]:
    """A backup failed, or lacks a part."""
    counters = ("velero_backup_failure_total", "velero_backup_partial_failure_total")
    return alert(
        "VeleroBackupFailed",
        " or ".join(f'increase({counter}{{schedule!=""}}[2h]) > 0' for counter in counters),
        "1m",
        "warning",
        PLATFORM_TEAM,
        "A backup of schedule {{ $labels.schedule }} failed or lacks a part.",
        f"{_PAGE}#velero",
    )


def velero_location() -> dict[str, Any]:
    """Velero cannot reach the bucket."""
    return alert(
        "VeleroLocationUnavailable",
        "velero_backup_location_status_gauge == 0",
        "15m",
        "critical",
        PLATFORM_TEAM,
        "Velero does not reach its bucket: no backup can be made or restored.",
        f"{_PAGE}#velero",
    )


def _without_success(namespace: str, name: str, seconds: int) -> str:
    # A CronJob that never succeeded has no time of success, and is none that was made a minute ago either.
    chosen = f'{{namespace="{namespace}",cronjob="{name}"}}'
    success, made = f"kube_cronjob_status_last_successful_time{chosen}", f"kube_cronjob_created{chosen}"
    return f"time() - max({success} or {made}) > {seconds}"
