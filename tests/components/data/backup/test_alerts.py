"""Whatever backup is missing, somebody learns of it before the promise is broken, and finds the page."""

import re
from pathlib import Path
from typing import Any

import pytest

from components.data.backup.alerts import backup_rules
from components.data.backup.monitors import archivers
from components.data.backup.promises import RPO_SECONDS
from components.monitoring.monitors import monitor

RUNBOOK = Path(__file__).parents[4] / "docs" / "runbooks" / "backup.md"


def rules(**changes: Any) -> dict[str, dict[str, Any]]:
    groups = backup_rules("mmorpg-game", **{"redis": True, "velero": True, **changes})
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def test_the_archive_is_missed_before_fifteen_minutes_are():
    found = rules()["MysqlArchiveOld"]
    seconds = int(re.search(r"> (\d+)\)", found["expr"])[1])
    assert seconds + 120 < RPO_SECONDS, "two minutes until somebody is told"
    assert "absent(mysql_archive_complete_timestamp_seconds" in found["expr"], "no archiver at all is worse"


@pytest.mark.parametrize(
    ("name", "job", "seconds"),
    [
        ("MysqlDumpOld", "mysql-dump", 26 * 3600),
        ("RedisDumpOld", "redis-dump", 26 * 3600),
        ("RestoreDrillOld", "mysql-restore-drill", 35 * 86400),
    ],
)
def test_a_job_without_success_for_too_long_is_told_even_if_it_never_had_any(name: str, job: str, seconds: int):
    expression = rules()[name]["expr"]
    assert f'cronjob="{job}"' in expression
    assert expression.endswith(f"> {seconds}")
    assert "kube_cronjob_status_last_successful_time" in expression
    assert "or kube_cronjob_created" in expression


def test_what_a_region_has_not_alerts_nobody():
    assert "RedisDumpOld" not in rules(redis=False)
    assert not [name for name in rules(velero=False) if name.startswith("Velero")]


def test_every_alert_has_a_name_of_its_own_and_a_heading_in_the_runbook():
    found = rules()
    assert len(found) == 9
    assert not [name for name in found if name.startswith(("Kube", "Node", "Prometheus", "Alertmanager"))]
    lines = RUNBOOK.read_text().splitlines()
    headings = {line[3:].strip().lower().replace(" ", "-") for line in lines if line[:3] == "## "}
    for name, rule in found.items():
        page, heading = rule["annotations"]["runbook_url"].rpartition("/")[2].split("#")
        assert page == "backup.md", name
        assert heading in headings, name


def test_each_archiver_is_read_by_itself():
    spec = monitor(archivers("mmorpg-game"))
    assert spec["selector"]["matchLabels"] == {"app": "mysql", "component": "database"}
    assert spec["podMetricsEndpoints"][0]["port"] == "tcp-archive"
