"""What MySQL promises, how long a failover takes, and when somebody is called."""

import json
import re
from pathlib import Path

import pytest

from components.data.mysql.alerts import mysql_rules, replica_rules
from components.data.mysql.config import ServerFigures, render_config
from components.data.mysql.containers import COLLECTED
from components.data.mysql.failover import PROMISED_SECONDS, failover_seconds
from components.data.mysql.monitors import mysql_target, replica_target
from components.data.mysql.promises import mysql_promise
from components.monitoring.alerts import rule_groups
from components.monitoring.monitors import monitor
from tests.charts import check_custom_resource, needs_crds
from tests.components.data.mysql.recordings import STATEFUL_SET, mysql, replica
from tests.engine import only

ROOT = Path(__file__).resolve().parents[4]
DASHBOARD = ROOT / "components" / "files" / "dashboards" / "mysql.json"
RUNBOOK = ROOT / "docs" / "runbooks" / "mysql.md"
# Series of mysqld_exporter 0.20 by the collectors that the exporter is started with: performance_schema's groups, SHOW
# GLOBAL STATUS, SHOW GLOBAL VARIABLES, SHOW REPLICA STATUS. kube-state-metrics 2.20; the kubelet.
KNOWN = {
    "mysql_up",
    "mysql_perf_schema_replication_group_member_info",
    "mysql_perf_schema_transactions_in_queue",
    "mysql_perf_schema_transactions_checked_total",
    "mysql_perf_schema_conflicts_detected_total",
    "mysql_perf_schema_transactions_remote_in_applier_queue",
    "mysql_perf_schema_transactions_remote_applied_total",
    "mysql_perf_schema_transactions_local_proposed_total",
    "mysql_perf_schema_transactions_local_rollback_total",
    "mysql_global_status_threads_connected",
    "mysql_global_status_threads_running",
    "mysql_global_status_queries",
    "mysql_global_status_slow_queries",
    "mysql_global_status_aborted_connects",
    "mysql_global_status_commands_total",
    "mysql_global_status_innodb_buffer_pool_reads",
    "mysql_global_status_innodb_buffer_pool_read_requests",
    "mysql_global_status_innodb_row_lock_waits",
    "mysql_global_status_bytes_received",
    "mysql_global_status_bytes_sent",
    "mysql_global_variables_max_connections",
    "mysql_global_variables_super_read_only",
    "mysql_slave_status_replica_io_running",
    "mysql_slave_status_replica_sql_running",
    "mysql_slave_status_seconds_behind_source",
    "kube_endpointslice_endpoints",
    "kube_statefulset_replicas",
    "kubelet_volume_stats_used_bytes",
    "kubelet_volume_stats_capacity_bytes",
    "container_memory_working_set_bytes",
}
SERIES = re.compile(r"\b(?:mysql|kube|kubelet|container)_[a-z_]+(?=\{)")


def expressions() -> list[str]:
    groups = [*mysql_rules("mmorpg-game"), *replica_rules("mmorpg-game")]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return found


def test_a_failover_is_the_sum_of_its_parts_and_within_the_promise():
    failover = failover_seconds(render_config(ServerFigures()))
    assert failover.seconds == 10.6
    assert failover.kept
    assert failover.arithmetic == (
        "suspicion 5 s + expulsion 0 s + election 2.6 s + the agent's label 2 s + the Service's endpoints 1 s "
        "= 10.6 s, within the promised 23 s"
    )


@pytest.mark.parametrize(("expel", "measured"), [(0, 7.6), (1, 22), (3, 22), (5, 22)])
def test_the_groups_own_parts_are_what_was_measured(expel: int, measured: float):
    failover = failover_seconds(f"loose_group_replication_member_expel_timeout = {expel}")
    own = sum(part.seconds for part in failover.parts[:3])
    assert own == pytest.approx(measured, abs=1)
    assert failover.kept is (expel == 0), "the label and the endpoints come on top"


def test_options_without_an_expel_timeout_are_refused():
    with pytest.raises(ValueError, match="says no expel timeout"):
        failover_seconds("[mysqld]\n")


def test_the_promised_failover_is_the_games():
    assert PROMISED_SECONDS == 23


@pytest.mark.parametrize(("replicas", "zones", "left"), [(3, 3, 2), (5, 5, 4)])
def test_a_majority_runs_whatever_goes(replicas: int, zones: int, left: int):
    promise = mysql_promise("mmorpg-game", replicas, zones)
    assert (promise.kind, promise.name, promise.quorum) == ("StatefulSet", "mysql", True)
    assert (promise.minimum_ready, promise.after_zone_loss) == (replicas - 1, left)
    assert promise.needed(zone_lost=True) > replicas // 2


def test_alerts_have_names_of_their_own_and_lead_to_a_heading_of_the_runbook():
    rules = [rule for group in [*mysql_rules("x"), *replica_rules("x")] for rule in group["rules"]]
    names = [rule["alert"] for rule in rules]
    others = {rule["alert"] for group in rule_groups("x", "y", 1) for rule in group["rules"]}
    assert len(names) == len(set(names)) == 8
    assert not set(names) & others
    assert not [name for name in names if name.startswith(("Kube", "Node", "Prometheus", "Alertmanager"))]
    headings = re.findall(r"^#+ (.+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for rule in rules:
        page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert page == "docs/runbooks/mysql.md"
        assert anchor in anchors, rule["alert"]


def test_alerts_and_dashboard_ask_for_series_that_the_exporters_write():
    asked = {name for text in [*expressions(), DASHBOARD.read_text(encoding="utf-8")] for name in SERIES.findall(text)}
    assert asked - KNOWN == set()
    assert len(asked) > 15


def test_the_groups_own_tables_are_collected():
    assert {"perf_schema.replication_group_members", "perf_schema.replication_group_member_stats"} <= set(COLLECTED)


def test_missing_series_call_as_well():
    named = {rule["alert"]: rule for group in mysql_rules("mmorpg-game") for rule in group["rules"]}
    assert named["MysqlNotOnePrimary"]["expr"].startswith("(count(")
    assert "or vector(0)) != 1" in named["MysqlNotOnePrimary"]["expr"], "no endpoint at all has no series"


@pytest.mark.parametrize(("target", "recorded"), [(mysql_target, mysql), (replica_target, replica)])
def test_prometheus_reads_a_port_that_the_pods_have(target, recorded):
    template = only(recorded(), STATEFUL_SET).resolved["spec"]["template"]
    found = target("mmorpg-game")
    assert found.labels.items() <= template["metadata"]["labels"].items()
    ports = {
        port["name"]: port["containerPort"] for item in template["spec"]["containers"] for port in item.get("ports", [])
    }
    assert ports[found.port] == 9104
    exporter = next(item for item in template["spec"]["containers"] if item["name"] == "exporter")
    assert "--config.my-cnf=/etc/mysql-exporter/my.cnf" in exporter["args"]


@needs_crds
def test_rules_and_monitors_are_what_the_operator_takes():
    rules = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "mysql"},
        "spec": {"groups": [*mysql_rules("mmorpg-game"), *replica_rules("mmorpg-game")]},
    }
    reader = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {"name": "mysql"},
        "spec": monitor(mysql_target("mmorpg-game")),
    }
    assert check_custom_resource(rules) == check_custom_resource(reader) == []


def test_the_dashboard_is_one_that_grafana_takes():
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    assert dashboard["schemaVersion"] >= 39
    assert (dashboard["uid"], dashboard["title"]) == ("mysql", "MySQL")
    identities = [panel["id"] for panel in panels()]
    assert len(identities) == len(set(identities)) >= 10
    for panel in panels():
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]
        assert panel["targets"], panel["title"]
