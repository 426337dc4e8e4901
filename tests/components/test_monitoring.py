"""Monitoring: what is read and from where, what is kept for how long, when it calls, and who may look."""

import dataclasses
from typing import Any

import pytest

from components.data.postgres.operator import NAMESPACE as POSTGRES_OPERATOR_NAMESPACE
from components.game.world import SELECTOR, SERVICE, GameWorlds
from components.karpenter.roles import NAMESPACE as KARPENTER_NAMESPACE
from components.mesh.values import GATEWAY_LABELS
from components.monitoring.alerts import (
    database_connection_failure,
    high_memory_usage,
    high_player_load,
    high_response_time,
    pod_crash_looping,
    response_time_promise,
    rule_groups,
)
from components.monitoring.monitoring import Game, Monitoring, MonitoringArgs
from components.monitoring.monitors import CONTROLLERS, controllers, mesh, monitor, worlds
from components.monitoring.values import Store
from components.operations import velero
from components.platform import (
    cert_manager,
    cluster_autoscaler,
    external_dns,
    external_secrets,
    load_balancer_controller,
    snapshot_controller,
)
from components.ports import CALLED_BY_API_SERVER
from plan.recorder import Recording
from tests.charts import RELEASE, check_custom_resource, check_release, needs_charts, needs_crds
from tests.components.test_game_worlds import ARGS as WORLDS
from tests.engine import all_of, build, named, only

SERVICE_MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
POD_MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor"
RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
ARGS = MonitoringArgs(
    cluster="mmorpg-us-east",
    region="us-east",
    game=Game(namespace="mmorpg-game", selector=SELECTOR, port_name="metrics-port", port=9090, players_per_world=2000),
    store=Store(replicas=2, retention_days=30, volume_gib=50, storage_class="fast-ssd"),
    targets=(*mesh("istio-system", "istio-ingress", GATEWAY_LABELS), *controllers(CONTROLLERS)),
)


def monitoring(**changes: Any) -> Recording:
    return build(lambda: Monitoring("us-east", dataclasses.replace(ARGS, **changes)))


def stack(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = named(monitoring(**changes), "us-east-monitoring", RELEASE).resolved["values"]
    return found


def test_crds_come_by_their_own_chart_before_the_stack_which_brings_none():
    built = monitoring()
    crds, found = (named(built, f"us-east-{name}", RELEASE) for name in ("prometheus-crds", "monitoring"))
    assert crds.urn in found.depends_on
    assert found.inputs["skipCrds"] is True
    # Its own namespaces wait for nodes, so that they go before them; words for the API server need not.
    assert crds.inputs["namespace"] == "kube-system"
    assert found.inputs["values"]["crds"] == {"enabled": False}


def test_monitors_and_alerts_come_after_the_webhook_that_checks_them():
    built = monitoring()
    release = named(built, "us-east-monitoring", RELEASE).urn
    for type_, count in ((SERVICE_MONITOR, 3), (POD_MONITOR, 9), (RULE, 1)):
        assert [release in found.depends_on for found in all_of(built, type_)] == [True] * count


def test_series_are_read_every_15_s_and_kept_30_days_on_50_gi_of_the_fast_class():
    spec = stack()["prometheus"]["prometheusSpec"]
    assert (spec["scrapeInterval"], spec["evaluationInterval"], spec["retention"]) == ("15s", "15s", "30d")
    assert spec["storageSpec"]["volumeClaimTemplate"]["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast-ssd",
        "resources": {"requests": {"storage": "50Gi"}},
    }
    assert spec["retentionSize"] == "45GiB", "a full volume stops Prometheus; its oldest series go before"
    assert spec["externalLabels"] == {"cluster": "mmorpg-us-east", "region": "us-east"}


def test_prometheus_takes_the_monitors_and_rules_of_every_release():
    spec = stack()["prometheus"]["prometheusSpec"]
    assert [spec[f"{kind}SelectorNilUsesHelmValues"] for kind in ("rule", "serviceMonitor", "podMonitor")] == [
        False
    ] * 3


@pytest.mark.parametrize(("replicas", "budget"), [(1, False), (2, True)])
def test_a_lone_server_has_no_budget_that_would_hold_up_every_drain(replicas: int, budget: bool):
    found = stack(store=dataclasses.replace(ARGS.store, replicas=replicas))["prometheus"]
    assert found["podDisruptionBudget"]["enabled"] is budget
    assert found["prometheusSpec"]["replicas"] == replicas


def test_two_alertmanagers_of_which_one_always_runs():
    found = stack()["alertmanager"]
    assert found["alertmanagerSpec"]["replicas"] == 2
    assert found["podDisruptionBudget"] == {"enabled": True, "minAvailable": 1}


def test_what_eks_hides_is_neither_read_nor_missed():
    found = stack()
    for component in ("kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy"):
        assert found[component] == {"enabled": False}
    assert set(found["defaultRules"]["rules"].values()) == {False}


def test_only_the_exporter_of_the_nodes_own_figures_stands_in_a_privileged_namespace():
    built = monitoring()
    levels = {
        namespace.inputs["metadata"]["name"]: namespace.inputs["metadata"]["labels"][
            "pod-security.kubernetes.io/enforce"
        ]
        for namespace in all_of(built, "kubernetes:core/v1:Namespace")
    }
    assert levels == {"monitoring": "restricted", "monitoring-nodes": "privileged"}
    assert stack()["prometheus-node-exporter"]["namespaceOverride"] == "monitoring-nodes"


def test_grafanas_password_is_a_random_secret_and_stands_in_no_values():
    built = monitoring()
    assert only(built, "random:index/randomPassword:RandomPassword").inputs["length"] == 32
    secret = only(built, "kubernetes:core/v1:Secret")
    assert secret.resolved["metadata"] == {"name": "grafana-admin", "namespace": "monitoring"}
    assert secret.resolved["stringData"] == {"admin-user": "[secret]", "admin-password": "[secret]"}
    admin = stack()["grafana"]["admin"]
    assert admin == {"existingSecret": "grafana-admin", "userKey": "admin-user", "passwordKey": "admin-password"}
    assert secret.urn in named(built, "us-east-monitoring", RELEASE).depends_on


def test_the_worlds_monitor_hits_their_service_and_its_metrics_port():
    service = only(build(lambda: GameWorlds("us-east", WORLDS)), "kubernetes:core/v1:Service").resolved
    assert service["metadata"]["name"] == SERVICE
    spec = named(monitoring(), "us-east-monitor-game-worlds", SERVICE_MONITOR).resolved["spec"]
    assert spec["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert spec["namespaceSelector"] == {"matchNames": [service["metadata"]["namespace"]]}
    (endpoint,) = spec["endpoints"]
    ports = {port["name"]: port["port"] for port in service["spec"]["ports"]}
    assert ports[endpoint["port"]] == 9090
    assert (endpoint["path"], endpoint["interval"]) == ("/metrics", "15s")
    assert spec["jobLabel"] in service["metadata"]["labels"], "alerts select series by this job"


def test_series_say_which_node_they_come_from():
    for target in (worlds("mmorpg-game", SELECTOR, "metrics-port"), *ARGS.targets):
        spec = monitor(target)
        (endpoint,) = spec.get("endpoints") or spec["podMetricsEndpoints"]
        assert endpoint["relabelings"] == [{"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"}]


def test_the_meshs_control_plane_and_gateway_are_read_by_their_own_port_names():
    istiod, gateway = (monitor(target) for target in mesh("istio-system", "istio-ingress", GATEWAY_LABELS))
    assert istiod["selector"] == {"matchLabels": {"app": "istiod"}}
    assert istiod["endpoints"][0]["port"] == "http-monitoring"
    assert gateway["selector"] == {"matchLabels": {"app": "istio-ingressgateway", "istio": "ingressgateway"}}
    (endpoint,) = gateway["podMetricsEndpoints"]
    assert (endpoint["port"], endpoint["path"]) == ("http-envoy-prom", "/stats/prometheus")


def test_the_platforms_controllers_are_read_where_they_are_and_only_those_that_there_are():
    assert {name: target.namespace for name, target in CONTROLLERS.items()} == {
        "aws-load-balancer-controller": load_balancer_controller.NAMESPACE,
        "cert-manager": cert_manager.NAME,
        "cloudnative-pg": POSTGRES_OPERATOR_NAMESPACE,
        "cluster-autoscaler": cluster_autoscaler.NAMESPACE,
        "external-dns": external_dns.NAME,
        "external-secrets": external_secrets.NAME,
        "karpenter": KARPENTER_NAMESPACE,
        "snapshot-controller": snapshot_controller.NAMESPACE,
        "velero": velero.NAME,
    }
    assert controllers(("vpc-cni", "karpenter", "istiod")) == (CONTROLLERS["karpenter"],)
    assert CONTROLLERS.keys() <= CALLED_BY_API_SERVER.keys(), "one list of names for all that is installed"


def test_all_that_a_charts_release_runs_is_read_each_under_its_own_name():
    """cert-manager's webhook and injector too, which do not carry the chart's name."""
    spec = monitor(CONTROLLERS["cert-manager"])
    assert spec["jobLabel"] == "app.kubernetes.io/name"
    assert spec["selector"] == {"matchLabels": {"app.kubernetes.io/instance": "cert-manager"}}
    assert [endpoint["port"] for endpoint in spec["podMetricsEndpoints"]] == ["http-metrics"]


def test_every_chart_is_read_unless_there_is_a_reason():
    without_pods = {"base", "karpenter-crd", "prometheus-operator-crds"}
    by_the_stack = {"coredns", "kube-prometheus-stack"}
    by_their_own_charts = {"keda"}
    # Its one port is gRPC's and has no name; its metrics have none (charts/plugin-barman-cloud, deployment.yaml).
    names_no_port = {"plugin-barman-cloud"}
    by_the_mesh = {"istiod", "gateway"}
    eks_names_no_port = {"vpc-cni", "kube-proxy", "eks-pod-identity-agent", "aws-ebs-csi-driver", "metrics-server"}
    elsewhere = without_pods | by_the_stack | by_their_own_charts | by_the_mesh | eks_names_no_port | names_no_port
    assert CALLED_BY_API_SERVER.keys() == CONTROLLERS.keys() | elsewhere


def test_the_closed_game_namespace_lets_monitoring_read_metrics_and_nothing_else():
    policy = only(monitoring(), "kubernetes:networking.k8s.io/v1:NetworkPolicy").resolved
    assert policy["metadata"]["namespace"] == "mmorpg-game"
    assert policy["spec"]["podSelector"] == {"matchLabels": SELECTOR}
    assert policy["spec"]["ingress"] == [
        {
            "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "ports": [{"protocol": "TCP", "port": 9090}],
        }
    ]


@pytest.mark.parametrize(("players", "bound"), [(2000, 1800), (1000, 900), (15, 14)])
def test_a_world_is_too_full_at_nine_tenths_of_its_own_maximum(players: int, bound: int):
    alert = high_player_load('{namespace="mmorpg-game"}', players)
    assert alert["expr"] == f'game_server_active_players{{namespace="mmorpg-game"}} > {bound}'
    assert (alert["for"], alert["labels"]) == ("2m", {"severity": "warning", "team": "gameops"})


def test_slow_answers_warn_at_200_ms_and_call_at_the_promised_500():
    slow, broken = high_response_time('{job="worlds"}'), response_time_promise('{job="worlds"}')
    quantile = (
        'histogram_quantile(0.99, sum by (le, pod) (rate(http_request_duration_seconds_bucket{job="worlds"}[5m])))'
    )
    assert (slow["expr"], broken["expr"]) == (f"{quantile} > 0.2", f"{quantile} > 0.5")
    assert (slow["labels"]["severity"], broken["labels"]["severity"]) == ("warning", "critical")
    assert slow["for"] == broken["for"] == "1m"


def test_a_database_that_is_not_reached_eleven_times_in_five_minutes_calls():
    alert = database_connection_failure('{job="worlds"}')
    assert alert["expr"] == 'increase(game_server_database_connection_errors_total{job="worlds"}[5m]) > 10'
    assert (alert["for"], alert["labels"]) == ("30s", {"severity": "critical", "team": "gameops"})


def test_memory_is_the_working_set_of_real_containers_against_limits_that_there_are():
    expression = high_memory_usage()["expr"]
    assert 'container_memory_working_set_bytes{container!="",container!="POD"}' in expression
    assert '(kube_pod_container_resource_limits{resource="memory"} > 0)' in expression
    assert expression.endswith("> 0.9")
    # The monitoring chart drops cAdvisor's container_spec series: an alert on them would never fire.
    assert "container_spec" not in expression


def test_a_pod_loops_when_it_restarts_more_than_three_times_in_15_minutes():
    alert = pod_crash_looping()
    assert alert["expr"] == "increase(kube_pod_container_status_restarts_total[15m]) > 3"
    assert (alert["for"], alert["labels"]["severity"]) == ("5m", "critical")


def test_alerts_have_one_name_each_and_none_of_the_charts_own():
    groups = rule_groups("mmorpg-game", "game-world-server", 2000)
    names = [rule["alert"] for group in groups for rule in group["rules"]]
    assert names == [
        "HighPlayerLoad",
        "HighResponseTime",
        "ResponseTimePromiseBroken",
        "DatabaseConnectionFailure",
        "HighMemoryUsage",
        "PodCrashLooping",
    ]
    assert not any(name.startswith(("Kube", "Node", "Prometheus", "Alertmanager")) for name in names)
    assert len({group["name"] for group in groups}) == len(groups)


def test_the_alerts_job_is_the_one_that_the_worlds_monitor_gives():
    groups = only(monitoring(), RULE).resolved["spec"]["groups"]
    series = f'{{namespace="mmorpg-game",job="{SELECTOR["app"]}"}}'
    assert all(series in rule["expr"] for rule in groups[0]["rules"])


@needs_charts
def test_every_value_is_one_that_its_chart_knows():
    assert [problem for found in all_of(monitoring(), RELEASE) for problem in check_release(found.resolved)] == []


@needs_crds
@pytest.mark.parametrize("type_", [SERVICE_MONITOR, POD_MONITOR, RULE])
def test_every_monitor_and_rule_is_one_that_its_crd_accepts(type_: str):
    assert [found for item in all_of(monitoring(), type_) for found in check_custom_resource(item.resolved)] == []
