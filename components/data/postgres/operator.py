"""PostgresOperator: CloudNativePG, and its plugin that carries backups to S3."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.charts import BARMAN_CLOUD, CLOUDNATIVE_PG, install
from components.kube.chart_values import CLUSTER_CRITICAL, container_resources, zone_spread
from components.platform.namespaces import platform_namespace

NAMESPACE = "cnpg-system"
OPERATOR, PLUGIN = "cloudnative-pg", "plugin-barman-cloud"  # of the releases, and so of their Deployments
REPLICAS = 2
LABELS = {"app.kubernetes.io/name": OPERATOR}


@dataclass(frozen=True, kw_only=True)
class PostgresOperatorArgs:
    """`after` holds nodes and cluster DNS; `cert_manager` the plugin needs besides, for the operator asks who it is."""

    cert_manager: pulumi.Resource
    after: tuple[pulumi.Resource, ...] = ()


class PostgresOperator(pulumi.ComponentResource):
    """Both charts, in one namespace: the operator looks for plugins in its own alone.

    `ready` is what a Cluster or ObjectStore must come after.
    """

    ready: tuple[pulumi.Resource, ...]

    def __init__(self, name: str, args: PostgresOperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:PostgresOperator", name, None, opts)
        namespace = platform_namespace(f"{name}-{NAMESPACE}", NAMESPACE, "restricted", self, after=args.after)
        operator = install(
            f"{name}-{OPERATOR}",
            CLOUDNATIVE_PG,
            name=OPERATOR,
            namespace=namespace.metadata.name,
            values=operator_values(),
            parent=self,
            after=args.after,
        )
        plugin = install(
            f"{name}-{PLUGIN}",
            BARMAN_CLOUD,
            name=PLUGIN,
            namespace=namespace.metadata.name,
            values=plugin_values(),
            parent=self,
            after=(operator, args.cert_manager, *args.after),
        )
        # The chart has no budget of its own.
        k8s.policy.v1.PodDisruptionBudget(
            f"{name}-{OPERATOR}",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=OPERATOR, namespace=namespace.metadata.name),
            spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1, selector=k8s.meta.v1.LabelSelectorArgs(match_labels=LABELS)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.ready = (operator, plugin)
        self.register_outputs({})


def operator_values() -> dict[str, Any]:
    """Two, one of which leads: no failover is decided while there is none."""
    return {
        "replicaCount": REPLICAS,
        "crds": {"create": True},
        "priorityClassName": CLUSTER_CRITICAL,
        "topologySpreadConstraints": zone_spread(LABELS),
        "resources": container_resources("50m", "128Mi", "512Mi"),
    }


def plugin_values() -> dict[str, Any]:
    """One: WAL is archived by a sidecar of each instance, and goes on without it."""
    return {
        "replicaCount": 1,
        "crds": {"create": True},
        # Two at a time would take turns on one lease; the chart's own default is a rolling update.
        "updateStrategy": {"type": "Recreate"},
        "priorityClassName": CLUSTER_CRITICAL,
        "resources": container_resources("20m", "64Mi", "256Mi"),
    }
