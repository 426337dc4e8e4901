"""Every Helm chart that the program installs, and the one way to install it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

RELEASE_TYPE = "kubernetes:helm.sh/v3:Release"
# An add-on's pods wait for images and leader election; Helm's own 300 s end too early on new nodes.
TIMEOUT_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`name` is a chart of `repository` (an address), or, where that is None, itself an OCI address."""

    name: str
    version: str
    repository: str | None = None


KARPENTER_CRD = Chart(name="oci://public.ecr.aws/karpenter/karpenter-crd", version="1.14.1")
KARPENTER = Chart(name="oci://public.ecr.aws/karpenter/karpenter", version="1.14.1")
LOAD_BALANCER_CONTROLLER = Chart(
    name="aws-load-balancer-controller", version="3.5.0", repository="https://aws.github.io/eks-charts"
)
EXTERNAL_DNS = Chart(
    name="external-dns", version="1.21.1", repository="https://kubernetes-sigs.github.io/external-dns/"
)
EXTERNAL_SECRETS = Chart(name="external-secrets", version="2.9.0", repository="https://charts.external-secrets.io")
CERT_MANAGER = Chart(name="cert-manager", version="v1.21.1", repository="https://charts.jetstack.io")
SNAPSHOT_CONTROLLER = Chart(name="snapshot-controller", version="5.2.0", repository="https://piraeus.io/helm-charts/")
CLUSTER_AUTOSCALER = Chart(
    name="cluster-autoscaler", version="9.59.0", repository="https://kubernetes.github.io/autoscaler"
)
ISTIO_BASE = Chart(name="base", version="1.30.3", repository="https://blob.istio.io/istio-release/charts")
ISTIOD = Chart(name="istiod", version="1.30.3", repository="https://blob.istio.io/istio-release/charts")
ISTIO_GATEWAY = Chart(name="gateway", version="1.30.3", repository="https://blob.istio.io/istio-release/charts")
PROMETHEUS_CRDS = Chart(
    name="prometheus-operator-crds",
    version="31.0.1",
    repository="https://prometheus-community.github.io/helm-charts",
)
PROMETHEUS_STACK = Chart(
    name="kube-prometheus-stack", version="88.5.3", repository="https://prometheus-community.github.io/helm-charts"
)
KEDA = Chart(name="keda", version="2.20.2", repository="https://kedacore.github.io/charts")
VELERO = Chart(name="velero", version="12.1.0", repository="https://vmware-tanzu.github.io/helm-charts")
CLOUDNATIVE_PG = Chart(name="cloudnative-pg", version="0.29.0", repository="https://cloudnative-pg.github.io/charts")
BARMAN_CLOUD = Chart(name="plugin-barman-cloud", version="0.7.0", repository="https://cloudnative-pg.github.io/charts")


def install(
    logical_name: str,
    chart: Chart,
    *,
    name: str,
    namespace: pulumi.Input[str],
    values: Mapping[str, Any],
    parent: pulumi.Resource,
    after: tuple[pulumi.Resource, ...] = (),
    skip_crds: bool = False,
) -> k8s.helm.v3.Release:
    """A release called `name`, installed after `after`; one that fails is taken back whole, so the next run can start.

    `skip_crds` where another chart brings the CRDs: Helm itself installs them once and never upgrades them.
    """
    return k8s.helm.v3.Release(
        logical_name,
        name=name,
        namespace=namespace,
        chart=chart.name,
        version=chart.version,
        repository_opts=None if chart.repository is None else k8s.helm.v3.RepositoryOptsArgs(repo=chart.repository),
        values=dict(values),
        atomic=True,
        timeout=TIMEOUT_SECONDS,
        skip_crds=skip_crds,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(after)),
    )
