"""Keda: the scaler that counts players and queues, and the external metrics API that it alone serves."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.charts import KEDA, install
from components.kube.chart_values import CLUSTER_CRITICAL, container_resources, zone_spread
from components.platform.namespaces import platform_namespace

NAMESPACE = "keda"
# Names that the chart gives: the value of each Deployment's label `app`.
OPERATOR, METRICS_SERVER, WEBHOOKS = "keda-operator", "keda-operator-metrics-apiserver", "keda-admission-webhooks"


@dataclass(frozen=True, kw_only=True)
class KedaArgs:
    """`cluster_name` is the region's `<game>-<region>`; `replicas` is of each of its three Deployments.

    `monitored` where Prometheus' CRDs are among `after`; nodes and cluster DNS must be too.
    """

    cluster_name: str
    replicas: int
    monitored: bool
    after: tuple[pulumi.Resource, ...] = ()


class Keda(pulumi.ComponentResource):
    """KEDA with its metrics server and webhooks. `ready` is what every ScaledObject must come after."""

    ready: pulumi.Resource

    def __init__(self, name: str, args: KedaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:scaling:Keda", name, None, opts)
        namespace = platform_namespace(f"{name}-{NAMESPACE}", NAMESPACE, "restricted", self, after=args.after)
        self.ready = install(
            f"{name}-keda",
            KEDA,
            name="keda",
            namespace=namespace.metadata.name,
            values=keda_values(args),
            parent=self,
            after=args.after,
        )
        self.register_outputs({})


def keda_values(args: KedaArgs) -> dict[str, Any]:
    """Two of everything: one of each leads or answers, the other takes over while a node is drained."""
    metrics = {"enabled": args.monitored, "serviceMonitor": {"enabled": args.monitored}}
    one_down = {"maxUnavailable": 1}
    return {
        "clusterName": args.cluster_name,
        "image": {"pullPolicy": "IfNotPresent"},  # the tag is a full version: a restart needs no registry
        "operator": {"replicaCount": args.replicas},
        "metricsServer": {"replicaCount": args.replicas},
        "webhooks": {"replicaCount": args.replicas},
        "podDisruptionBudget": {"operator": one_down, "metricServer": one_down, "webhooks": one_down},
        "topologySpreadConstraints": {
            "operator": zone_spread({"app": OPERATOR}),
            "metricsServer": zone_spread({"app": METRICS_SERVER}),
            "webhooks": zone_spread({"app": WEBHOOKS}),
        },
        "resources": {
            "operator": container_resources("50m", "128Mi", "512Mi"),
            "metricServer": container_resources("50m", "100Mi", "256Mi"),
            "webhooks": container_resources("20m", "64Mi", "128Mi"),
        },
        "prometheus": {"operator": metrics, "metricServer": metrics, "webhooks": metrics},
        "priorityClassName": CLUSTER_CRITICAL,
    }
