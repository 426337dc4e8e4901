"""Pure: the values of kube-prometheus-stack."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.kube.chart_values import container_resources
from components.kube.placement import ZONE
from components.monitoring.monitors import INTERVAL

ADMIN_SECRET, ADMIN_USER_KEY, ADMIN_PASSWORD_KEY = "grafana-admin", "admin-user", "admin-password"
ALERTMANAGERS = 2
# Prometheus deletes its oldest blocks at this share of the volume, before the disk is full and it stops.
VOLUME_SHARE = 0.9


@dataclass(frozen=True, kw_only=True)
class Store:
    """How long series are kept and on what: `volume_gib` GiB of `storage_class` for each of `replicas` servers."""

    replicas: int
    retention_days: int
    volume_gib: int
    storage_class: pulumi.Input[str]


def stack_values(cluster: str, region: str, store: Store, node_namespace: pulumi.Input[str]) -> dict[str, Any]:
    """Values of the whole stack: `cluster` and `region` are put on every series that leaves it."""
    return {
        "crds": {"enabled": False},  # a chart of their own brings and upgrades them
        **_control_plane_that_eks_hides(),
        "prometheusOperator": {
            "resources": container_resources("50m", "128Mi", "256Mi"),
            "prometheusConfigReloader": {"resources": container_resources("10m", "32Mi", "64Mi")},
            "admissionWebhooks": {"patch": {"resources": container_resources("10m", "32Mi", "64Mi")}},
        },
        "prometheus": _prometheus(cluster, region, store),
        "alertmanager": _alertmanager(),
        "grafana": _grafana(),
        "kube-state-metrics": {
            "resources": container_resources("20m", "64Mi", "256Mi"),
            # RedisMastersInOneZone asks in which zone a node is; without the list kube_node_labels has no labels.
            "metricLabelsAllowlist": [f"nodes=[{ZONE}]"],
        },
        "prometheus-node-exporter": {
            "namespaceOverride": node_namespace,
            "resources": container_resources("20m", "32Mi", "64Mi"),
        },
    }


def _control_plane_that_eks_hides() -> dict[str, Any]:
    """AWS runs these where no pod can reach them, and kube-proxy there answers on its own node's loopback only."""
    hidden = ("kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy")
    rules = ("kubeControllerManager", "kubeSchedulerAlerting", "kubeSchedulerRecording", "etcd", "kubeProxy")
    return {
        **{component: {"enabled": False} for component in hidden},
        "defaultRules": {"rules": dict.fromkeys(rules, False)},
    }


def _prometheus(cluster: str, region: str, store: Store) -> dict[str, Any]:
    spec = {
        "replicas": store.replicas,
        "scrapeInterval": INTERVAL,
        "evaluationInterval": INTERVAL,
        "externalLabels": {"cluster": cluster, "region": region},
        "retention": f"{store.retention_days}d",
        "retentionSize": f"{int(store.volume_gib * VOLUME_SHARE)}GiB",
        "storageSpec": {"volumeClaimTemplate": {"spec": _claim(store)}},
        "resources": container_resources("200m", "1Gi", "4Gi"),
        "podAntiAffinityTopologyKey": ZONE,
    }
    # Monitors and rules of every chart and of the program, whatever release they carry as a label.
    for kind in ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig"):
        spec[f"{kind}SelectorNilUsesHelmValues"] = False
    # One server alone under a budget could never be moved off its node.
    budget = {"enabled": store.replicas > 1, "minAvailable": store.replicas - 1}
    return {"podDisruptionBudget": budget, "prometheusSpec": spec}


def _claim(store: Store) -> dict[str, Any]:
    return {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": store.storage_class,
        "resources": {"requests": {"storage": f"{store.volume_gib}Gi"}},
    }


def _alertmanager() -> dict[str, Any]:
    # Each tells the other what it has sent; while one is moved, the other sends.
    return {
        "podDisruptionBudget": {"enabled": True, "minAvailable": ALERTMANAGERS - 1},
        "alertmanagerSpec": {
            "replicas": ALERTMANAGERS,
            "resources": container_resources("10m", "64Mi", "128Mi"),
            "podAntiAffinityTopologyKey": ZONE,
        },
    }


def _grafana() -> dict[str, Any]:
    return {
        "admin": {
            "existingSecret": ADMIN_SECRET,
            "userKey": ADMIN_USER_KEY,
            "passwordKey": ADMIN_PASSWORD_KEY,
        },
        "testFramework": {"enabled": False},
        "resources": container_resources("50m", "128Mi", "512Mi"),
        "sidecar": {"resources": container_resources("10m", "96Mi", "192Mi")},
    }
