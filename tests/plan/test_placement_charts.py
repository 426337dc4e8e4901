"""The workloads of charts and EKS add-ons: each chart is known, and the table says what the chart itself says."""

from typing import Any

import pytest

from components import charts
from components.charts import Chart
from components.kube.placement import HOST, ZONE
from plan.placement.chart_table import ADDON_WORKLOADS, CHART_WORKLOADS
from plan.placement.chart_workload import ChartWorkload
from plan.placement.charts import manifest
from plan.values import lookup
from stacks.versions import ADDONS
from tests.charts import defaults, needs_charts

PINS = {pin.name.rpartition("/")[2]: pin for pin in vars(charts).values() if isinstance(pin, Chart)}
# They bring words for the API server, and no pods.
WITHOUT_PODS = {"karpenter-crd", "base", "prometheus-operator-crds"}
WORKLOADS = [
    pytest.param(PINS[chart], workload, id=workload.name)
    for chart, workloads in CHART_WORKLOADS.items()
    for workload in workloads
]
# Where a chart has no such value its template has a figure of its own, or Kubernetes' default.
NOT_THERE = {
    ("external-dns", "replicaCount"),
    ("kube-prometheus-stack", "prometheusOperator.replicas"),
    ("kube-prometheus-stack", "prometheusOperator.priorityClassName"),
    ("kube-prometheus-stack", "prometheus-node-exporter.priorityClassName"),
    ("kube-prometheus-stack", "kube-state-metrics.priorityClassName"),
    ("kube-prometheus-stack", "grafana.priorityClassName"),
    ("velero", "replicas"),
}


def made(workload: ChartWorkload, values: dict[str, Any]) -> dict[str, Any]:
    return manifest(workload, "it", "place", values)


def requests(found: dict[str, Any]) -> list[dict[str, str]]:
    return [one["resources"]["requests"] for one in found["spec"]["template"]["spec"]["containers"]]


def paths(workload: ChartWorkload) -> set[str]:
    optional = {workload.apart, workload.namespace} - {None}
    figures = {path for path, _ in workload.containers}
    if workload.kind != "DaemonSet":
        figures.add(workload.replicas[0])
    return {*figures, workload.priority[0], *(str(path) for path in optional)}


def test_every_chart_that_the_program_installs_is_told():
    assert set(CHART_WORKLOADS) | WITHOUT_PODS == set(PINS)


def test_every_addon_of_every_version_is_told():
    assert {addon for versions in ADDONS.values() for addon in versions} == set(ADDON_WORKLOADS)


@needs_charts
def test_every_path_leads_to_a_value_of_the_chart():
    missing = {
        (chart, path)
        for chart, workloads in CHART_WORKLOADS.items()
        for workload in workloads
        for path in paths(workload)
        if not _there(defaults(PINS[chart]), path)
    }
    assert missing == NOT_THERE


@needs_charts
@pytest.mark.parametrize(("chart", "workload"), WORKLOADS)
def test_what_the_table_takes_for_unsaid_is_what_the_chart_has(chart: Chart, workload: ChartWorkload):
    unsaid, said = made(workload, {}), made(workload, defaults(chart))
    assert requests(unsaid) == requests(said)
    assert unsaid["spec"].get("replicas") == said["spec"].get("replicas")
    priority = ("spec", "template", "spec", "priorityClassName")
    assert lookup(unsaid, *priority) == lookup(said, *priority)


def test_the_values_decide_on_replicas_requests_priority_and_spread():
    spread = [{"maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": "ScheduleAnyway"}]
    values = {
        "autoscaleMin": 4,
        "resources": {"requests": {"cpu": "1", "memory": "3Gi"}},
        "global": {"priorityClassName": "high"},
        "topologySpreadConstraints": spread,
    }
    (istiod,) = CHART_WORKLOADS["istiod"]
    found = made(istiod, values)
    pod = found["spec"]["template"]["spec"]
    assert (found["metadata"]["name"], found["metadata"]["namespace"]) == ("istiod", "place")
    assert found["spec"]["replicas"] == 4
    assert requests(found) == [{"cpu": "1", "memory": "3Gi"}]
    assert (pod["priorityClassName"], pod["topologySpreadConstraints"]) == ("high", spread)


def test_a_server_with_a_claim_has_a_volume_and_stands_apart_by_the_key_of_the_values():
    claim = {"storageClassName": "fast-ssd"}
    spec = {"replicas": 2, "podAntiAffinityTopologyKey": ZONE, "storageSpec": {"volumeClaimTemplate": {"spec": claim}}}
    prometheus = next(one for one in CHART_WORKLOADS["kube-prometheus-stack"] if one.claim)
    found = made(prometheus, {"prometheus": {"prometheusSpec": spec}})
    assert found["spec"]["volumeClaimTemplates"] == [{"metadata": {"name": "data"}, "spec": claim}]
    affinity = found["spec"]["template"]["spec"]["affinity"]["podAntiAffinity"]
    (preferred,) = affinity["preferredDuringSchedulingIgnoredDuringExecution"]
    assert preferred["podAffinityTerm"]["topologyKey"] == ZONE
    assert "volumeClaimTemplates" not in made(prometheus, {})["spec"]


def test_karpenter_never_stands_on_a_node_of_its_own_nor_twice_on_one_node():
    (karpenter,) = CHART_WORKLOADS["karpenter"]
    affinity = made(karpenter, {})["spec"]["template"]["spec"]["affinity"]
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    (term,) = affinity["nodeAffinity"][required]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "karpenter.sh/nodepool", "operator": "DoesNotExist"}]
    assert affinity["podAntiAffinity"][required][0]["topologyKey"] == HOST


def _there(values: dict[str, Any], path: str) -> bool:
    *way, last = path.split(".")
    above = lookup(values, *way) if way else values
    return isinstance(above, dict) and last in above
