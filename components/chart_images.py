"""Which values of each chart say where its images come from, and those values for a region's own places."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pulumi

from components import charts
from components.charts import Chart
from components.operations.image_source import ImageSource

Transformation = Callable[[pulumi.ResourceTransformationArgs], pulumi.ResourceTransformationResult | None]

_EXTERNAL_SECRETS = "ghcr.io/external-secrets/external-secrets"
# Key of the values -> what the chart has there. Charts that run no pods are not here, nor parts that we switch off.
IMAGES: Mapping[Chart, Mapping[str, str]] = MappingProxyType(
    {
        charts.KARPENTER: {"controller.image.repository": "public.ecr.aws/karpenter/controller"},
        charts.LOAD_BALANCER_CONTROLLER: {"image.repository": "public.ecr.aws/eks/aws-load-balancer-controller"},
        charts.EXTERNAL_DNS: {"image.repository": "registry.k8s.io/external-dns/external-dns"},
        charts.EXTERNAL_SECRETS: {
            "image.repository": _EXTERNAL_SECRETS,
            "webhook.image.repository": _EXTERNAL_SECRETS,
            "certController.image.repository": _EXTERNAL_SECRETS,
        },
        charts.CERT_MANAGER: {"imageRegistry": "quay.io"},
        charts.SNAPSHOT_CONTROLLER: {
            "controller.image.repository": "registry.k8s.io/sig-storage/snapshot-controller",
        },
        charts.CLUSTER_AUTOSCALER: {"image.repository": "registry.k8s.io/autoscaling/cluster-autoscaler"},
        # Of sidecars and gateways too: istiod writes them into the pods.
        charts.ISTIOD: {"global.hub": "docker.io/istio"},
        charts.PROMETHEUS_STACK: {
            "alertmanager.alertmanagerSpec.image.registry": "quay.io",
            "grafana.image.registry": "docker.io",
            "grafana.sidecar.image.registry": "quay.io",
            "kube-state-metrics.image.registry": "registry.k8s.io",
            "prometheus-node-exporter.image.registry": "quay.io",
            "prometheus.prometheusSpec.image.registry": "quay.io",
            "prometheusOperator.admissionWebhooks.patch.image.registry": "ghcr.io",
            "prometheusOperator.image.registry": "quay.io",
            "prometheusOperator.prometheusConfigReloader.image.registry": "quay.io",
        },
        # Its plug-in is another image, in a list of containers: the component is given it as nodes pull it.
        charts.VELERO: {
            "image.repository": "docker.io/velero/velero",
            "kubectl.image.repository": "registry.k8s.io/kubectl",
        },
        charts.KEDA: {
            "image.keda.registry": "ghcr.io",
            "image.metricsApiServer.registry": "ghcr.io",
            "image.webhooks.registry": "ghcr.io",
        },
        charts.CLOUDNATIVE_PG: {"image.repository": "ghcr.io/cloudnative-pg/cloudnative-pg"},
        # The sidecar runs in the database's own pods.
        charts.BARMAN_CLOUD: {"image.registry": "ghcr.io", "sidecarImage.registry": "ghcr.io"},
    }
)


def images_from(source: ImageSource) -> list[Transformation]:
    """Transformations that let every release below a component take its images from there; none without a cache."""
    if not source.cached:
        return []
    keys = {chart.name: places for chart, places in IMAGES.items()}

    def placed(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != charts.RELEASE_TYPE:
            return None
        props: dict[str, Any] = {**args.props}
        for key, place in keys.get(props["chart"], {}).items():
            if place.partition("/")[0] in source.cached:
                props["values"] = _with(props["values"], key.split("."), source.place(place))
        return pulumi.ResourceTransformationResult(props=props, opts=args.opts)

    return [placed]


def _with(values: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """The values with another one at this path; the mappings given stay as they are."""
    key, *rest = path
    return {**values, key: _with(values.get(key, {}), rest, value) if rest else value}
