"""Keda: two of everything, one of which may be moved, and metrics only where somebody reads them."""

import dataclasses
from typing import Any

import pulumi
import pytest

from components.scaling.keda import Keda, KedaArgs
from tests.charts import RELEASE, check_release, needs_charts
from tests.engine import build, named, only

ARGS = KedaArgs(cluster_name="mmorpg-us-east", replicas=2, monitored=True)


def values(**changes: Any) -> dict[str, Any]:
    built = build(lambda: Keda("us-east", dataclasses.replace(ARGS, **changes)))
    found: dict[str, Any] = only(built, RELEASE).resolved["values"]
    return found


def test_each_deployment_has_the_replicas_given_of_which_one_may_be_missing():
    found = values(replicas=3)
    assert [found[part]["replicaCount"] for part in ("operator", "metricsServer", "webhooks")] == [3, 3, 3]
    assert found["podDisruptionBudget"] == {
        part: {"maxUnavailable": 1} for part in ("operator", "metricServer", "webhooks")
    }
    assert found["priorityClassName"] == "system-cluster-critical"


def test_each_deployment_spreads_its_own_pods_over_the_zones():
    spread = values()["topologySpreadConstraints"]
    assert {part: rule[0]["labelSelector"]["matchLabels"]["app"] for part, rule in spread.items()} == {
        "operator": "keda-operator",
        "metricsServer": "keda-operator-metrics-apiserver",
        "webhooks": "keda-admission-webhooks",
    }


@pytest.mark.parametrize("monitored", [True, False])
def test_it_asks_for_service_monitors_only_where_their_crd_is(monitored: bool):
    for part in values(monitored=monitored)["prometheus"].values():
        assert part == {"enabled": monitored, "serviceMonitor": {"enabled": monitored}}


def test_it_is_installed_after_what_it_is_given_in_a_namespace_of_the_strictest_level():
    def program() -> None:
        crds = pulumi.CustomResource("kubernetes:helm.sh/v3:Release", "us-east-prometheus-crds", {})
        Keda("us-east", dataclasses.replace(ARGS, after=(crds,)))

    built = build(program)
    assert named(built, "us-east-prometheus-crds").urn in named(built, "us-east-keda", RELEASE).depends_on
    namespace = only(built, "kubernetes:core/v1:Namespace")
    assert named(built, "us-east-prometheus-crds").urn in namespace.depends_on, "and deleted before them"
    labels = namespace.inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@needs_charts
def test_every_value_is_one_that_its_chart_knows():
    built = build(lambda: Keda("us-east", ARGS))
    assert check_release(only(built, RELEASE).resolved) == []
