"""What Helm charts bring that others build on: their CustomResourceDefinitions, and the version of their software.

Facts of each chart at the version the program pins, from its Chart.yaml, values.yaml and folders (repositories in the
comments). Helm treats the two places of a CRD differently: one in `templates/` belongs to the release and goes with it
unless it is marked to be kept; one in `crds/` is made at the first install, never changed, and stays. Not told: kinds
of the charts that nobody here could use (most secret generators, group snapshots), webhooks, classes, workloads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from embedded.provider import Values


@dataclass(frozen=True)
class Crd:
    """One definition; `versions` are those served, the stored one first."""

    group: str
    kind: str
    plural: str
    namespaced: bool
    versions: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the definition: `nodepools.karpenter.sh`."""
        return f"{self.plural}.{self.group}"


def _crds(group: str, *lines: str) -> tuple[Crd, ...]:
    """Lines such as `NodePool nodepools Cluster v1`."""
    rows = [line.split() for line in lines]
    return tuple(Crd(group, kind, plural, scope == "Namespaced", tuple(rest)) for kind, plural, scope, *rest in rows)


_KARPENTER: Final = (
    *_crds("karpenter.k8s.aws", "EC2NodeClass ec2nodeclasses Cluster v1"),
    *_crds(
        "karpenter.sh",
        "NodeClaim nodeclaims Cluster v1",
        "NodeOverlay nodeoverlays Cluster v1alpha1",
        "NodePool nodepools Cluster v1",
    ),
    *_crds("autoscaling.x-k8s.io", "CapacityBuffer capacitybuffers Namespaced v1beta1"),
)
_LOAD_BALANCER: Final = (
    *_crds("aga.k8s.aws", "GlobalAccelerator globalaccelerators Namespaced v1beta1"),
    *_crds(
        "elbv2.k8s.aws",
        "ALBTargetControlConfig albtargetcontrolconfigs Namespaced v1beta1",
        "IngressClassParams ingressclassparams Cluster v1beta1",
        "TargetGroupBinding targetgroupbindings Namespaced v1beta1 v1alpha1",
    ),
    *_crds(
        "gateway.k8s.aws",
        "ListenerRuleConfiguration listenerruleconfigurations Namespaced v1 v1beta1",
        "LoadBalancerConfiguration loadbalancerconfigurations Namespaced v1 v1beta1",
        "TargetGroupConfiguration targetgroupconfigurations Namespaced v1 v1beta1",
    ),
)
_EXTERNAL_DNS: Final = _crds("externaldns.k8s.io", "DNSEndpoint dnsendpoints Namespaced v1alpha1")
_EXTERNAL_SECRETS: Final = (
    *_crds(
        "external-secrets.io",
        "ClusterExternalSecret clusterexternalsecrets Cluster v1",
        "ClusterPushSecret clusterpushsecrets Cluster v1alpha1",
        "ClusterSecretStore clustersecretstores Cluster v1",
        "ExternalSecret externalsecrets Namespaced v1",
        "PushSecret pushsecrets Namespaced v1alpha1",
        "SecretStore secretstores Namespaced v1",
    ),
    *_crds(
        "generators.external-secrets.io",
        "ECRAuthorizationToken ecrauthorizationtokens Namespaced v1alpha1",
        "Password passwords Namespaced v1alpha1",
    ),
)
_CERT_MANAGER: Final = (
    *_crds("acme.cert-manager.io", "Challenge challenges Namespaced v1", "Order orders Namespaced v1"),
    *_crds(
        "cert-manager.io",
        "CertificateRequest certificaterequests Namespaced v1",
        "Certificate certificates Namespaced v1",
        "ClusterIssuer clusterissuers Cluster v1",
        "Issuer issuers Namespaced v1",
    ),
)
_SNAPSHOT: Final = _crds(
    "snapshot.storage.k8s.io",
    "VolumeSnapshotClass volumesnapshotclasses Cluster v1",
    "VolumeSnapshotContent volumesnapshotcontents Cluster v1",
    "VolumeSnapshot volumesnapshots Namespaced v1",
)
_ISTIO: Final = (
    *_crds(
        "extensions.istio.io",
        "TrafficExtension trafficextensions Namespaced v1alpha1",
        "WasmPlugin wasmplugins Namespaced v1alpha1",
    ),
    *_crds(
        "networking.istio.io",
        "DestinationRule destinationrules Namespaced v1 v1beta1 v1alpha3",
        "EnvoyFilter envoyfilters Namespaced v1alpha3",
        "Gateway gateways Namespaced v1 v1beta1 v1alpha3",
        "ProxyConfig proxyconfigs Namespaced v1beta1",
        "ServiceEntry serviceentries Namespaced v1 v1beta1 v1alpha3",
        "Sidecar sidecars Namespaced v1 v1beta1 v1alpha3",
        "VirtualService virtualservices Namespaced v1 v1beta1 v1alpha3",
        "WorkloadEntry workloadentries Namespaced v1 v1beta1 v1alpha3",
        "WorkloadGroup workloadgroups Namespaced v1 v1beta1 v1alpha3",
    ),
    *_crds(
        "security.istio.io",
        "AuthorizationPolicy authorizationpolicies Namespaced v1 v1beta1",
        "PeerAuthentication peerauthentications Namespaced v1 v1beta1",
        "RequestAuthentication requestauthentications Namespaced v1 v1beta1",
    ),
    *_crds("telemetry.istio.io", "Telemetry telemetries Namespaced v1alpha1 v1"),
)
_PROMETHEUS: Final = _crds(
    "monitoring.coreos.com",
    "AlertmanagerConfig alertmanagerconfigs Namespaced v1alpha1",
    "Alertmanager alertmanagers Namespaced v1",
    "PodMonitor podmonitors Namespaced v1",
    "Probe probes Namespaced v1",
    "PrometheusAgent prometheusagents Namespaced v1alpha1",
    "Prometheus prometheuses Namespaced v1",
    "PrometheusRule prometheusrules Namespaced v1",
    "ScrapeConfig scrapeconfigs Namespaced v1alpha1",
    "ServiceMonitor servicemonitors Namespaced v1",
    "ThanosRuler thanosrulers Namespaced v1",
)
_KEDA: Final = (
    *_crds(
        "eventing.keda.sh",
        "CloudEventSource cloudeventsources Namespaced v1alpha1",
        "ClusterCloudEventSource clustercloudeventsources Cluster v1alpha1",
    ),
    *_crds(
        "keda.sh",
        "ClusterTriggerAuthentication clustertriggerauthentications Cluster v1alpha1",
        "ScaledJob scaledjobs Namespaced v1alpha1",
        "ScaledObject scaledobjects Namespaced v1alpha1",
        "TriggerAuthentication triggerauthentications Namespaced v1alpha1",
    ),
)
_CLOUDNATIVE_PG: Final = _crds(
    "postgresql.cnpg.io",
    "Backup backups Namespaced v1",
    "ClusterImageCatalog clusterimagecatalogs Cluster v1",
    "Cluster clusters Namespaced v1",
    "Database databases Namespaced v1",
    "FailoverQuorum failoverquorums Namespaced v1",
    "ImageCatalog imagecatalogs Namespaced v1",
    "Pooler poolers Namespaced v1",
    "Publication publications Namespaced v1",
    "ScheduledBackup scheduledbackups Namespaced v1",
    "Subscription subscriptions Namespaced v1",
)
_VELERO: Final = _crds(
    "velero.io",
    "BackupRepository backuprepositories Namespaced v1",
    "Backup backups Namespaced v1",
    "BackupStorageLocation backupstoragelocations Namespaced v1",
    "DataDownload datadownloads Namespaced v2alpha1",
    "DataUpload datauploads Namespaced v2alpha1",
    "DeleteBackupRequest deletebackuprequests Namespaced v1",
    "DownloadRequest downloadrequests Namespaced v1",
    "PodVolumeBackup podvolumebackups Namespaced v1",
    "PodVolumeRestore podvolumerestores Namespaced v1",
    "Restore restores Namespaced v1",
    "Schedule schedules Namespaced v1",
    "ServerStatusRequest serverstatusrequests Namespaced v1",
    "VolumeSnapshotLocation volumesnapshotlocations Namespaced v1",
)
_BARMAN_CLOUD: Final = _crds("barmancloud.cnpg.io", "ObjectStore objectstores Namespaced v1")


@dataclass(frozen=True)
class Switch:
    """A value of a chart that turns something on: its path, and what holds where it is not set."""

    path: str
    default: bool

    def on(self, values: Values) -> bool:
        """Whether these values turn it on."""
        found: Any = values
        for step in self.path.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        return self.default if found is None else found is True


@dataclass(frozen=True)
class ChartFacts:
    """`in_folder`: the definitions are in `crds/`. `keep`: they stay when the release goes; True, or by a value."""

    app_version: str
    crds: tuple[Crd, ...] = ()
    in_folder: bool = False
    wanted: Switch | None = None
    keep: Switch | bool = False

    def brings(self, values: Values) -> tuple[Crd, ...]:
        """The definitions in the chart with these values."""
        return self.crds if self.wanted is None or self.wanted.on(values) else ()

    def keeps(self, values: Values) -> bool:
        """Whether its definitions carry `helm.sh/resource-policy: keep`."""
        return self.keep.on(values) if isinstance(self.keep, Switch) else self.keep


# By chart name and version.
_CHARTS: Final[dict[tuple[str, str], ChartFacts]] = {
    # aws/karpenter-provider-aws charts/
    ("karpenter-crd", "1.14.1"): ChartFacts("1.14.1", _KARPENTER),
    ("karpenter", "1.14.1"): ChartFacts("1.14.1", _KARPENTER, in_folder=True),
    # aws/eks-charts stable/aws-load-balancer-controller/crds
    ("aws-load-balancer-controller", "3.5.0"): ChartFacts("v3.5.0", _LOAD_BALANCER, in_folder=True),
    # kubernetes-sigs/external-dns charts/external-dns/crds
    ("external-dns", "1.21.1"): ChartFacts("0.21.0", _EXTERNAL_DNS, in_folder=True),
    # external-secrets/external-secrets deploy/charts/external-secrets/templates/crds
    ("external-secrets", "2.9.0"): ChartFacts("v2.9.0", _EXTERNAL_SECRETS, wanted=Switch("installCRDs", True)),
    # cert-manager/cert-manager deploy/charts/cert-manager
    ("cert-manager", "v1.21.1"): ChartFacts(
        "v1.21.1", _CERT_MANAGER, wanted=Switch("crds.enabled", False), keep=Switch("crds.keep", True)
    ),
    # piraeusdatastore/helm-charts charts/snapshot-controller/templates/crds.yaml
    ("snapshot-controller", "5.2.0"): ChartFacts("v8.6.0", _SNAPSHOT, wanted=Switch("installCRDs", True)),
    ("cluster-autoscaler", "9.59.0"): ChartFacts("1.35.0"),
    # istio/istio manifests/charts/base: templates/crds.yaml, marked to be kept in files/crd-all.gen.yaml
    ("base", "1.30.3"): ChartFacts("1.30.3", _ISTIO, wanted=Switch("base.enableCRDTemplates", True), keep=True),
    ("istiod", "1.30.3"): ChartFacts("1.30.3"),
    ("gateway", "1.30.3"): ChartFacts("1.30.3"),
    # prometheus-community/helm-charts: charts/prometheus-operator-crds/charts/crds/templates,
    # charts/kube-prometheus-stack/charts/crds/crds
    ("prometheus-operator-crds", "31.0.1"): ChartFacts("v0.93.1", _PROMETHEUS),
    ("kube-prometheus-stack", "88.5.3"): ChartFacts(
        "v0.93.1", _PROMETHEUS, in_folder=True, wanted=Switch("crds.enabled", True)
    ),
    # kedacore/charts keda/templates/crds
    ("keda", "2.20.2"): ChartFacts("2.20.2", _KEDA, wanted=Switch("crds.install", True)),
    # cloudnative-pg/charts charts/*/templates/crds, marked to be kept
    ("cloudnative-pg", "0.29.0"): ChartFacts("1.30.0", _CLOUDNATIVE_PG, wanted=Switch("crds.create", True), keep=True),
    # vmware-tanzu/helm-charts charts/velero/crds
    ("velero", "12.1.0"): ChartFacts("1.18.1", _VELERO, in_folder=True),
    ("plugin-barman-cloud", "0.7.0"): ChartFacts("v0.13.0", _BARMAN_CLOUD, wanted=Switch("crds.create", True)),
}
_BY_NAME: Final = {name: facts for (name, _), facts in _CHARTS.items()}


def chart_name(chart: str) -> str:
    """The name of a chart that is given by name or by address: the last part."""
    return chart.rstrip("/").rpartition("/")[2]


def chart_facts(chart: str, version: str) -> ChartFacts:
    """What is known of a chart. An unknown one brings nothing.

    Another version of a known chart is taken to bring the same; the version of its software is then empty.
    """
    name = chart_name(chart)
    exact = _CHARTS.get((name, version))
    if exact is not None:
        return exact
    near = _BY_NAME.get(name)
    return ChartFacts("") if near is None else ChartFacts("", near.crds, near.in_folder, near.wanted, near.keep)


def known_crds() -> dict[tuple[str, str], Crd]:
    """Every definition of every chart in the table, by group and kind."""
    return {(crd.group, crd.kind): crd for facts in _CHARTS.values() for crd in facts.crds}
