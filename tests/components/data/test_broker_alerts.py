"""Alerts of PostgreSQL and RabbitMQ: unique names, a runbook that is there, and balanced expressions."""

import re
from pathlib import Path
from typing import Any

import pytest

from components.data.postgres.alerts import postgres_rules, postgres_target
from components.data.rabbitmq.alerts import rabbitmq_rules, rabbitmq_target
from components.monitoring.alerts import rule_groups
from components.monitoring.monitors import monitor
from tests.custom_resources import check_custom_resource, needs_crds

NAMESPACE = "mmorpg-game"
GROUPS = [*postgres_rules(NAMESPACE), *rabbitmq_rules(NAMESPACE)]
RULES = [rule for group in GROUPS for rule in group["rules"]]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])


def heading(text: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", text.lower()).replace(" ", "-")


def by_name(name: str) -> dict[str, Any]:
    (found,) = [rule for rule in RULES if rule["alert"] == name]
    return found


def test_no_alert_has_the_name_of_another():
    game = [rule["alert"] for group in rule_groups(NAMESPACE, "worlds", 2000) for rule in group["rules"]]
    names = [*game, *(rule["alert"] for rule in RULES)]
    assert len({*names}) == len(names)
    assert not [name for name in names if name.startswith(("Kube", "Node", "Prometheus", "Alertmanager"))]


@each_rule
def test_its_runbook_has_the_heading(rule: dict[str, Any]):
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    headings = {heading(line.lstrip("# ")) for line in Path(page).read_text().splitlines() if line.startswith("#")}
    assert anchor in headings


@each_rule
def test_its_expression_is_of_the_system_alone_and_balanced(rule: dict[str, Any]):
    expression = rule["expr"]
    assert f'namespace="{NAMESPACE}"' in expression
    for opening, closing in ("()", "{}", "[]"):
        assert expression.count(opening) == expression.count(closing)


def test_a_database_of_which_nothing_answers_is_told_although_it_writes_no_series():
    assert by_name("PostgresDown")["expr"].startswith("(count(")
    assert "or vector(0)" in by_name("PostgresDown")["expr"]
    assert "or vector(0)" in by_name("RabbitmqNoMajority")["expr"]


def test_the_archive_is_late_after_two_timeouts_with_something_left_to_archive():
    expression = by_name("PostgresArchiveLate")["expr"]
    assert "> 600 and" in expression
    assert 'value="ready"' in expression, "an idle database archives nothing new, and loses nothing"


def test_a_partition_is_six_links_of_which_one_is_missing_while_all_nodes_answer():
    assert "== 3 and" in by_name("RabbitmqPartitioned")["expr"]
    assert by_name("RabbitmqPartitioned")["expr"].endswith("< 6")


@needs_crds
@pytest.mark.parametrize("target", [postgres_target(NAMESPACE), rabbitmq_target(NAMESPACE)], ids=lambda t: t.name)
def test_prometheus_reads_every_pod_by_the_name_that_the_operator_gives_its_port(target: Any):
    made = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {"name": target.name, "namespace": "monitoring"},
        "spec": monitor(target),
    }
    assert check_custom_resource(made) == []
    ports = {"postgres": "metrics", "rabbitmq": "prometheus"}
    assert made["spec"]["podMetricsEndpoints"][0]["port"] == ports[target.name]


@needs_crds
def test_the_rules_are_what_the_prometheus_operator_takes():
    made = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "brokers", "namespace": "monitoring"},
        "spec": {"groups": GROUPS},
    }
    assert check_custom_resource(made) == []
