"""Data systems in a region's monitoring: their monitors, rules and dashboards, as Prometheus and Grafana take them."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from components.kube.placement import ZONE
from components.monitoring.alert import alert
from components.monitoring.monitoring import Monitoring
from components.monitoring.monitors import Target
from components.monitoring.watched import Watched
from plan.recorder import Recording
from tests.charts import check_custom_resource, needs_crds
from tests.components.test_monitoring import ARGS, POD_MONITOR, RULE, stack
from tests.engine import build, named

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
BOARDS = sorted((Path(__file__).parents[2] / "components" / "files" / "dashboards").glob("*.json"))
DOWN = alert("RedisDown", "up == 0", "1m", "critical", "infrastructure", "Redis is down.", "redis.md#down")
REDIS = Watched(
    name="redis",
    targets=(
        Target(name="redis", kind="PodMonitor", namespace="mmorpg-game", labels={"app": "redis"}, port="metrics"),
    ),
    groups=({"name": "redis.rules", "rules": [DOWN]},),
)


def monitoring(*systems: Watched) -> Recording:
    return build(lambda: Monitoring("us-east", dataclasses.replace(ARGS, systems=systems)))


def expressions(board: dict[str, Any]) -> list[list[str]]:
    """The queries of each panel but rows, which only part the others."""
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    return [[target["expr"] for target in panel.get("targets", [])] for panel in panels]


@needs_crds
def test_a_system_brings_its_monitor_and_its_rules_after_the_webhook_that_checks_them():
    built = monitoring(REDIS)
    release = named(built, "us-east-monitoring", "kubernetes:helm.sh/v3:Release").urn
    rule = named(built, "us-east-alerts-redis", RULE)
    assert rule.resolved["metadata"] == {"name": "redis-alerts", "namespace": "monitoring"}
    assert rule.resolved["spec"] == {"groups": [{"name": "redis.rules", "rules": [DOWN]}]}
    reader = named(built, "us-east-monitor-redis", POD_MONITOR)
    for found in (rule, reader):
        assert release in found.depends_on
        assert check_custom_resource(found.resolved) == []


def test_a_systems_dashboard_is_a_config_map_by_the_label_that_grafana_looks_for():
    found = named(monitoring(REDIS), "us-east-dashboard-redis", CONFIG_MAP).resolved
    assert found["metadata"] == {
        "name": "redis-dashboard",
        "namespace": "monitoring",
        "labels": {"grafana_dashboard": "1"},
    }
    ((file, text),) = found["data"].items()
    assert file == "redis.json"
    assert json.loads(text)["panels"]


def test_a_region_without_data_systems_has_no_dashboard_of_them():
    assert [found for found in monitoring().resources if found.type == CONFIG_MAP] == []


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_every_dashboard_has_panels_that_each_ask_something(path: Path):
    board = json.loads(path.read_text())
    assert board["title"]
    assert len(expressions(board)) >= 4
    assert all(queries and all(queries) for queries in expressions(board))
    assert path.stat().st_size < 2**20, "a ConfigMap holds a mebibyte"


def test_no_two_dashboards_have_one_title_or_one_identity():
    boards = [json.loads(path.read_text()) for path in BOARDS]
    for key in ("title", "uid"):
        assert len({board[key] for board in boards}) == len(boards), key


def test_nodes_carry_their_zone_for_the_alerts_that_ask_where_a_pod_stands():
    assert stack()["kube-state-metrics"]["metricLabelsAllowlist"] == [f"nodes=[{ZONE}]"]
