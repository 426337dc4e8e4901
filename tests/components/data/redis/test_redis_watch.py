"""What watches Redis: alerts and a dashboard on series that its exporter writes, and the promise that plans check."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from components.data.redis.alerts import redis_rules
from components.data.redis.monitors import redis_target
from components.data.redis.promises import redis_promise
from components.monitoring.alerts import rule_groups
from components.monitoring.monitors import monitor
from components.promises import check

ROOT = Path(__file__).parents[4]
DASHBOARD = json.loads((ROOT / "components/files/dashboards/redis.json").read_text())
RUNBOOK = ROOT / "docs/runbooks/redis.md"
# github.com/oliver006/redis_exporter v1.94: exporter/exporter.go (names), exporter/metrics.go (cluster_*).
EXPORTED = frozenset(
    {
        "redis_aof_current_size_bytes",
        "redis_aof_delayed_fsync",
        "redis_aof_last_bgrewrite_status",
        "redis_aof_last_write_status",
        "redis_cluster_slots_ok",
        "redis_cluster_state",
        "redis_commands_duration_seconds_total",
        "redis_commands_processed_total",
        "redis_commands_total",
        "redis_connected_clients",
        "redis_connected_slave_lag_seconds",
        "redis_connected_slave_offset_bytes",
        "redis_connected_slaves",
        "redis_db_keys",
        "redis_evicted_keys_total",
        "redis_expired_keys_total",
        "redis_instance_info",
        "redis_keyspace_hits_total",
        "redis_keyspace_misses_total",
        "redis_latest_fork_seconds",
        "redis_master_last_io_seconds_ago",
        "redis_master_link_up",
        "redis_master_repl_offset",
        "redis_memory_max_bytes",
        "redis_memory_used_bytes",
        "redis_memory_used_rss_bytes",
        "redis_net_input_bytes_total",
        "redis_net_output_bytes_total",
        "redis_rdb_last_bgsave_status",
        "redis_rejected_connections_total",
        "redis_up",
    }
)


def alerts() -> dict[str, dict[str, Any]]:
    (group,) = redis_rules("mmorpg-game", masters=3, zones=3)
    return {rule["alert"]: rule for rule in group["rules"]}


def series(text: str) -> set[str]:
    return set(re.findall(r"\bredis_[a-z_]+", text))


def test_every_alert_reads_series_that_the_exporter_writes():
    for name, rule in alerts().items():
        assert series(rule["expr"]) <= EXPORTED, name
        assert 'namespace="mmorpg-game",job="redis-cluster"' in rule["expr"], f"{name} must not see another Redis"


def test_names_are_nobody_elses_and_none_begins_as_the_stacks_own_do():
    others = {rule["alert"] for group in rule_groups("mmorpg-game", "worlds", 2000) for rule in group["rules"]}
    assert not others & set(alerts())
    assert not [name for name in alerts() if re.match("Kube|Node|Prometheus|Alertmanager", name)]


@pytest.mark.parametrize(
    ("name", "expression", "lasting"),
    [
        ("RedisServerSilent", "(count(redis_up{S} == 1) or vector(0)) < 6", "5m"),
        ("RedisClusterNotOk", "redis_cluster_state{S} == 0", "30s"),
        ("RedisSlotsUncovered", "min(redis_cluster_slots_ok{S}) < 16384", "1m"),
        ("RedisReplicaCutOff", "redis_master_link_up{S} == 0", "2m"),
        ("RedisMemoryNearlyFull", "redis_memory_used_bytes{S} / (redis_memory_max_bytes{S} > 0) > 0.9", "10m"),
        ("RedisConnectionsRejected", "increase(redis_rejected_connections_total{S}[5m]) > 0", "1m"),
    ],
)
def test_figures(name: str, expression: str, lasting: str):
    rule = alerts()[name]
    assert rule["expr"].replace('{namespace="mmorpg-game",job="redis-cluster"}', "{S}") == expression
    assert rule["for"] == lasting


def test_a_master_without_a_replica_counts_only_masters():
    assert 'role="master"' in alerts()["RedisMasterWithoutReplica"]["expr"]


def test_a_zone_may_hold_as_many_masters_as_evenness_gives_it_and_the_healer_has_time_to_see_to_it():
    rule = alerts()["RedisMastersInOneZone"]
    assert rule["expr"].endswith("> 1")
    assert rule["for"] == "20m", "the healer waits ten minutes of quiet"
    (group,) = redis_rules("mmorpg-game", masters=5, zones=3)
    (five,) = [found for found in group["rules"] if found["alert"] == "RedisMastersInOneZone"]
    assert five["expr"].endswith("> 2")


def test_every_alert_leads_to_a_heading_of_the_runbook():
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in RUNBOOK.read_text().splitlines()
        if line.startswith("#")
    }
    for name, rule in alerts().items():
        page, _, heading = rule["annotations"]["runbook_url"].rpartition("#")
        assert page == "docs/runbooks/redis.md"
        assert heading in headings, name


def test_the_dashboard_asks_the_exporters_series_of_one_namespace_from_the_chosen_source():
    assert DASHBOARD["schemaVersion"] >= 39
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["current"]["value"] == "prometheus"
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids)) > 10
    for panel in DASHBOARD["panels"]:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        for target in panel["targets"]:
            assert series(target["expr"]) <= EXPORTED, panel["title"]
            assert 'namespace="$namespace"' in target["expr"], panel["title"]


def test_prometheus_reads_every_servers_exporter_ready_or_not():
    spec = monitor(redis_target("mmorpg-game"))
    assert spec["selector"] == {"matchLabels": {"app": "redis-cluster", "component": "database"}}
    assert [endpoint["port"] for endpoint in spec["podMetricsEndpoints"]] == ["http-metrics"]


def test_of_six_servers_four_run_whatever_node_or_zone_goes():
    promise = redis_promise("mmorpg-game", masters=3, zones=3)
    assert (promise.replicas, promise.minimum_ready, promise.after_zone_loss) == (6, 4, 4)
    assert check(promise, {"a": 2, "b": 2}, zone_lost=True) is None
    assert check(promise, {"a": 2, "b": 1}, zone_lost=True) is not None, "three of six are no quorum"


@pytest.mark.parametrize("masters", [3, 5, 6, 7, 9])
def test_the_servers_that_a_lost_zone_leaves_are_most_of_them(masters: int):
    promise = redis_promise("mmorpg-game", masters, zones=3)
    assert promise.after_zone_loss > promise.replicas // 2
