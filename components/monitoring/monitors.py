"""Pure: what Prometheus reads from where. Nodes, kubelets, DNS and the API server are the monitoring chart's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

INTERVAL = "15s"
JOB_LABEL = "app"
NAME_LABEL = "app.kubernetes.io/name"
RELEASE_LABEL = "app.kubernetes.io/instance"
_NODE = {"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """A workload to read: Services or pods with `labels` in `namespace`, at `path` of the port called `port`.

    Its series have for `job` what stands in the label `job_label` of the Service or pod.
    """

    name: str
    kind: Literal["ServiceMonitor", "PodMonitor"]
    namespace: str
    labels: Mapping[str, str]
    port: str
    path: str = "/metrics"
    job_label: str = JOB_LABEL


def monitor(target: Target) -> dict[str, Any]:
    """Spec of a ServiceMonitor or PodMonitor (monitoring.coreos.com/v1); each series also says its node."""
    endpoints = "endpoints" if target.kind == "ServiceMonitor" else "podMetricsEndpoints"
    return {
        "jobLabel": target.job_label,
        "namespaceSelector": {"matchNames": [target.namespace]},
        "selector": {"matchLabels": dict(target.labels)},
        endpoints: [{"port": target.port, "path": target.path, "interval": INTERVAL, "relabelings": [_NODE]}],
    }


def worlds(namespace: str, selector: Mapping[str, str], port: str) -> Target:
    """The game worlds, each pod behind their headless Service; `port` is the Service's name for it."""
    return Target(name="game-worlds", kind="ServiceMonitor", namespace=namespace, labels=selector, port=port)


def mesh(system_namespace: str, ingress_namespace: str, gateway_labels: Mapping[str, str]) -> tuple[Target, ...]:
    """Istio's control plane and the gateway's proxies, by the port names of Istio's own charts."""
    return (
        Target(
            name="istiod",
            kind="ServiceMonitor",
            namespace=system_namespace,
            labels={"app": "istiod"},
            port="http-monitoring",
        ),
        Target(
            name="istio-gateway",
            kind="PodMonitor",
            namespace=ingress_namespace,
            labels=gateway_labels,
            port="http-envoy-prom",
            path="/stats/prometheus",
        ),
    )


def _controller(
    chart: str, namespace: str, port: str, kind: Literal["ServiceMonitor", "PodMonitor"] = "PodMonitor"
) -> Target:
    # By the release, which is called as its chart: webhooks and all else that the chart runs have names of their own.
    return Target(
        name=chart, kind=kind, namespace=namespace, labels={RELEASE_LABEL: chart}, port=port, job_label=NAME_LABEL
    )


# Add-ons by the names of their charts, with the port names of their pods. Pods and not Services, since few of the
# charts have one for metrics; cluster-autoscaler has, and no name for its pod's port. What is not in the table has no
# metrics that can be read by a name, or brings its monitor itself.
CONTROLLERS: Mapping[str, Target] = MappingProxyType(
    {
        target.name: target
        for target in (
            _controller("aws-load-balancer-controller", "kube-system", "metrics-server"),
            _controller("cert-manager", "cert-manager", "http-metrics"),
            _controller("cloudnative-pg", "cnpg-system", "metrics"),
            _controller("cluster-autoscaler", "kube-system", "http", "ServiceMonitor"),
            _controller("external-dns", "external-dns", "http"),
            _controller("external-secrets", "external-secrets", "metrics"),
            _controller("karpenter", "kube-system", "http-metrics"),
            _controller("snapshot-controller", "kube-system", "http"),
            _controller("velero", "velero", "http-monitoring"),
        )
    }
)


def controllers(addons: Iterable[str]) -> tuple[Target, ...]:
    """Those of `addons` (charts and EKS add-ons, by name) that are read here."""
    return tuple(CONTROLLERS[addon] for addon in sorted(addons) if addon in CONTROLLERS)
