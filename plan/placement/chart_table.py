"""The workloads of each chart and EKS add-on: names, who is kept where, and the paths of their figures in the values.

Facts of the charts at the pinned versions, from their values.yaml and templates (sources beside each entry). Not told:
hook Jobs, and what a chart has switched off by default. `{release}` in a name is the release's own.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from components.kube.chart_values import CLUSTER_CRITICAL, zone_spread
from components.kube.placement import HOST
from plan.placement.chart_workload import ChartWorkload

_NONE: Mapping[str, Any] = MappingProxyType({})
_NODE_CRITICAL = "system-node-critical"
_ANYWHERE = ({"operator": "Exists"},)


def _name_label(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name}


def _host_apart(labels: Mapping[str, str]) -> dict[str, Any]:
    term = {"labelSelector": {"matchLabels": dict(labels)}, "topologyKey": HOST}
    preferred = [{"weight": 100, "podAffinityTerm": term}]
    return {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}}


# aws/karpenter-provider-aws charts/karpenter: apart by rule, off its own nodes, hard spread over the zones.
_KARPENTER_LABELS = _name_label("karpenter")
_KARPENTER = ChartWorkload(
    name="karpenter",
    labels=_KARPENTER_LABELS,
    replicas=("replicas", 2),
    priority=("priorityClassName", CLUSTER_CRITICAL),
    containers=(("controller.resources", _NONE),),
    pod={
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {"matchExpressions": [{"key": "karpenter.sh/nodepool", "operator": "DoesNotExist"}]}
                    ]
                }
            },
            "podAntiAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {"labelSelector": {"matchLabels": _KARPENTER_LABELS}, "topologyKey": HOST}
                ]
            },
        },
        "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
        "topologySpreadConstraints": [
            {**rule, "whenUnsatisfiable": "DoNotSchedule"} for rule in zone_spread(_KARPENTER_LABELS)
        ],
    },
)


def _section(chart: str, section: str, labels: Mapping[str, str], priority: str) -> ChartWorkload:
    """A workload whose figures lie in a section of the values, or at their top."""
    dot = f"{section}." if section else ""
    return ChartWorkload(
        name=chart,
        labels=labels,
        replicas=(f"{dot}replicaCount", 1),
        priority=(priority, None),
        spread=f"{dot}topologySpreadConstraints",
        containers=((f"{dot}resources", _NONE),),
    )


_SECRETS = "external-secrets"
# external-secrets/external-secrets deploy/charts/external-secrets
_EXTERNAL_SECRETS = tuple(
    _section(f"{_SECRETS}{suffix}", section, _name_label(f"{_SECRETS}{suffix}"), f"{dot}priorityClassName")
    for suffix, section, dot in (
        ("", "", ""),
        ("-webhook", "webhook", "webhook."),
        ("-cert-controller", "certController", "certController."),
    )
)
# cert-manager/cert-manager deploy/charts/cert-manager
_CERT_MANAGER = tuple(
    _section(name, section, {"app.kubernetes.io/component": component}, "global.priorityClassName")
    for name, section, component in (
        ("cert-manager", "", "controller"),
        ("cert-manager-webhook", "webhook", "webhook"),
        ("cert-manager-cainjector", "cainjector", "cainjector"),
    )
)
# kedacore/charts keda: replicas and requests lie in different sections, each with its own spelling.
_KEDA = tuple(
    ChartWorkload(
        name=name,
        labels={"app": name},
        replicas=(f"{section}.replicaCount", 1),
        spread=f"topologySpreadConstraints.{section}",
        containers=((f"resources.{resources}", {"cpu": "100m", "memory": "100Mi"}),),
    )
    for name, section, resources in (
        ("keda-operator", "operator", "operator"),
        ("keda-operator-metrics-apiserver", "metricsServer", "metricServer"),
        ("keda-admission-webhooks", "webhooks", "webhooks"),
    )
)
_RELOADER = ("prometheusOperator.prometheusConfigReloader.resources", _NONE)
# prometheus-community/helm-charts charts/kube-prometheus-stack; its names are cut at 26 characters before a role. The
# servers are StatefulSets that the operator makes of Prometheus and Alertmanager objects.
_PROMETHEUS = (
    ChartWorkload(
        name="{release}-kube-prometheus-operator",
        labels={"app": "kube-prometheus-stack-operator"},
        replicas=("prometheusOperator.replicas", 1),
        priority=("prometheusOperator.priorityClassName", None),
        containers=(("prometheusOperator.resources", _NONE),),
    ),
    ChartWorkload(
        kind="StatefulSet",
        name="prometheus-{release}-kube-prometheus-prometheus",
        labels=_name_label("prometheus"),
        replicas=("prometheus.prometheusSpec.replicas", 1),
        priority=("prometheus.prometheusSpec.priorityClassName", None),
        apart="prometheus.prometheusSpec.podAntiAffinityTopologyKey",
        claim="prometheus.prometheusSpec.storageSpec.volumeClaimTemplate.spec",
        containers=(("prometheus.prometheusSpec.resources", _NONE), _RELOADER),
    ),
    ChartWorkload(
        kind="StatefulSet",
        name="alertmanager-{release}-kube-prometheus-alertmanager",
        labels=_name_label("alertmanager"),
        replicas=("alertmanager.alertmanagerSpec.replicas", 1),
        priority=("alertmanager.alertmanagerSpec.priorityClassName", None),
        apart="alertmanager.alertmanagerSpec.podAntiAffinityTopologyKey",
        containers=(("alertmanager.alertmanagerSpec.resources", _NONE), _RELOADER),
    ),
    ChartWorkload(
        name="{release}-grafana",
        labels=_name_label("grafana"),
        replicas=("grafana.replicas", 1),
        priority=("grafana.priorityClassName", None),
        # The server, and two sidecars that bring dashboards and data sources.
        containers=(
            ("grafana.resources", _NONE),
            ("grafana.sidecar.resources", _NONE),
            ("grafana.sidecar.resources", _NONE),
        ),
    ),
    ChartWorkload(
        name="{release}-kube-state-metrics",
        labels=_name_label("kube-state-metrics"),
        replicas=("kube-state-metrics.replicas", 1),
        priority=("kube-state-metrics.priorityClassName", None),
        containers=(("kube-state-metrics.resources", _NONE),),
    ),
    ChartWorkload(
        kind="DaemonSet",
        name="{release}-prometheus-node-exporter",
        labels=_name_label("prometheus-node-exporter"),
        priority=("prometheus-node-exporter.priorityClassName", None),
        namespace="prometheus-node-exporter.namespaceOverride",
        containers=(("prometheus-node-exporter.resources", _NONE),),
        pod={"tolerations": [{"effect": "NoSchedule", "operator": "Exists"}]},
    ),
)
# istio/istio manifests/charts
_ISTIOD = ChartWorkload(
    name="istiod",
    labels={"app": "istiod"},
    replicas=("autoscaleMin", 1),
    priority=("global.priorityClassName", None),
    containers=(("resources", {"cpu": "500m", "memory": "2048Mi"}),),
)
_GATEWAY = ChartWorkload(
    name="{release}",
    labels={"app": "istio-ingressgateway", "istio": "ingressgateway"},
    replicas=("autoscaling.minReplicas", 1),
    containers=(("resources", {"cpu": "100m", "memory": "128Mi"}),),
)
# vmware-tanzu/helm-charts charts/velero: the server is one by the chart's own template.
_VELERO = (
    ChartWorkload(
        name="{release}",
        labels={"name": "velero"},
        replicas=("replicas", 1),
        containers=(("resources", _NONE),),
    ),
    ChartWorkload(
        kind="DaemonSet",
        name="node-agent",
        labels={"name": "node-agent"},
        priority=("nodeAgent.priorityClassName", None),
        containers=(("nodeAgent.resources", _NONE),),
        pod={"tolerations": list(_ANYWHERE)},
    ),
)
_BALANCER = _name_label("aws-load-balancer-controller")

CHART_WORKLOADS: Mapping[str, tuple[ChartWorkload, ...]] = MappingProxyType(
    {
        "karpenter": (_KARPENTER,),
        # aws/eks-charts stable/aws-load-balancer-controller
        "aws-load-balancer-controller": (
            ChartWorkload(
                name="aws-load-balancer-controller",
                labels=_BALANCER,
                replicas=("replicaCount", 2),
                priority=("priorityClassName", CLUSTER_CRITICAL),
                containers=(("resources", _NONE),),
                pod=_host_apart(_BALANCER),
            ),
        ),
        # kubernetes-sigs/external-dns charts/external-dns
        "external-dns": (_section("external-dns", "", _name_label("external-dns"), "priorityClassName"),),
        "external-secrets": _EXTERNAL_SECRETS,
        "cert-manager": _CERT_MANAGER,
        # piraeusdatastore/helm-charts charts/snapshot-controller
        "snapshot-controller": (
            _section(
                "snapshot-controller", "controller", _name_label("snapshot-controller"), "controller.priorityClassName"
            ),
        ),
        # kubernetes/autoscaler charts/cluster-autoscaler
        "cluster-autoscaler": (
            ChartWorkload(
                name="{release}-aws-cluster-autoscaler",
                labels={"app.kubernetes.io/instance": "cluster-autoscaler"},
                priority=("priorityClassName", CLUSTER_CRITICAL),
                containers=(("resources", _NONE),),
            ),
        ),
        "istiod": (_ISTIOD,),
        "gateway": (_GATEWAY,),
        "kube-prometheus-stack": _PROMETHEUS,
        "keda": _KEDA,
        "velero": _VELERO,
        # cloudnative-pg/charts charts/cloudnative-pg and charts/plugin-barman-cloud
        "cloudnative-pg": (_section("cloudnative-pg", "", _name_label("cloudnative-pg"), "priorityClassName"),),
        "plugin-barman-cloud": (
            _section("plugin-barman-cloud", "", _name_label("plugin-barman-cloud"), "priorityClassName"),
        ),
    }
)

_SMALL = {"cpu": "10m", "memory": "40Mi"}
_DNS = {"k8s-app": "kube-dns"}
_CORE_DNS = ChartWorkload(
    name="coredns",
    labels=_DNS,
    replicas=("autoScaling.minReplicas", 2),
    priority=("", CLUSTER_CRITICAL),
    containers=(("resources", {"cpu": "100m", "memory": "70Mi"}),),
    pod={**_host_apart(_DNS), "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}]},
)


def _on_every_node(name: str, *requests: Mapping[str, str]) -> ChartWorkload:
    return ChartWorkload(
        kind="DaemonSet",
        name=name,
        labels={"k8s-app": name},
        priority=("", _NODE_CRITICAL),
        containers=tuple(("", request) for request in requests),
        pod={"tolerations": list(_ANYWHERE)},
    )


# All in kube-system. Requests: aws/amazon-vpc-cni-k8s charts/aws-vpc-cni (the CNI and the network policy agent),
# aws/eks-pod-identity-agent charts (none), kubernetes-sigs charts/aws-ebs-csi-driver (six containers, and three on each
# node) and charts/metrics-server; kube-proxy and coredns as in the manifests that EKS installs.
ADDON_WORKLOADS: Mapping[str, tuple[ChartWorkload, ...]] = MappingProxyType(
    {
        "vpc-cni": (_on_every_node("aws-node", {"cpu": "25m"}, {"cpu": "25m"}),),
        "kube-proxy": (_on_every_node("kube-proxy", {"cpu": "100m"}),),
        "eks-pod-identity-agent": (_on_every_node("eks-pod-identity-agent", _NONE),),
        "coredns": (_CORE_DNS,),
        "metrics-server": (
            ChartWorkload(
                name="metrics-server",
                labels=_name_label("metrics-server"),
                replicas=("replicas", 2),
                priority=("", CLUSTER_CRITICAL),
                containers=(("resources", {"cpu": "100m", "memory": "200Mi"}),),
            ),
        ),
        "aws-ebs-csi-driver": (
            ChartWorkload(
                name="ebs-csi-controller",
                labels={"app": "ebs-csi-controller"},
                replicas=("controller.replicaCount", 2),
                priority=("", CLUSTER_CRITICAL),
                containers=(("controller.resources", _SMALL),) * 6,
                pod=_host_apart({"app": "ebs-csi-controller"}),
            ),
            _on_every_node("ebs-csi-node", _SMALL, _SMALL, _SMALL),
        ),
    }
)
