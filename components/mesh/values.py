"""Pure: the values of Istio's charts."""

from dataclasses import dataclass
from typing import Any

from components.charts import ISTIOD
from components.game.drain import drain_timers
from components.game.sessions import RECONCILE_SECONDS
from components.kube.chart_values import CLUSTER_CRITICAL, container_resources, zone_spread

# The source's own default points at a registry of test builds; the release's images are here.
HUB = "docker.io/istio"
ISTIOD_NAME = "istiod"
# Addresses: the load balancer's binding names the Service, Istio's Gateway objects select the pods.
GATEWAY = "istio-ingressgateway"
GATEWAY_LABELS = {"app": GATEWAY, "istio": "ingressgateway"}
HTTPS_PORT = 443
STATUS_PORT, READY_PATH = 15021, "/healthz/ready"
# Envoy's own drain at its end (ProxyConfig.terminationDrainDuration, 5 s): long enough for requests, and WebSockets are
# asked to come again elsewhere; nothing is saved. The load balancer must have let go before, so preStop comes first.
TIMERS = drain_timers(window_seconds=5, save_seconds=0, reconcile_seconds=RECONCILE_SECONDS)


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """Bounds between which an autoscaler moves a Deployment."""

    min: int
    max: int


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who a cluster is in the mesh: `mesh` is shared by all regions of a game, `cluster` and `network` are its own."""

    mesh: str
    cluster: str
    network: str


def identity(game: str, prefix: str) -> Identity:
    """One mesh per game; a cluster and a network per region, since no pod address is routed between regions."""
    return Identity(mesh=f"{game}-mesh", cluster=prefix, network=f"{prefix}-network")


def base_values() -> dict[str, Any]:
    """Chart `base`: the CRDs as templates, so that they are upgraded with the chart."""
    return {"defaultRevision": "default"}


def istiod_values(who: Identity, replicas: Replicas) -> dict[str, Any]:
    """Chart `istiod`: the control plane and what it tells every proxy."""
    return {
        "autoscaleMin": replicas.min,
        "autoscaleMax": replicas.max,
        "resources": container_resources("200m", "512Mi", "2Gi"),
        "pdb": {"maxUnavailable": 1},
        "topologySpreadConstraints": zone_spread({"app": ISTIOD_NAME}),
        "seccompProfile": {"type": "RuntimeDefault"},
        "meshConfig": {
            "accessLogFile": "/dev/stdout",
            "accessLogEncoding": "JSON",
            # An application that speaks before its proxy is ready speaks to nobody.
            "defaultConfig": {"holdApplicationUntilProxyStarts": True},
        },
        "global": {
            "hub": HUB,
            "tag": ISTIOD.version,
            "logAsJson": True,
            "priorityClassName": CLUSTER_CRITICAL,
            "meshID": who.mesh,
            "multiCluster": {"clusterName": who.cluster},
            "network": who.network,
        },
    }


def gateway_values(replicas: Replicas) -> dict[str, Any]:
    """Chart `gateway`: where TLS ends. Its Service is no load balancer: the program's own one sends to its pods."""
    return {
        "service": {
            "type": "ClusterIP",
            # The chart's list, replaced whole: plain HTTP has no way in from outside.
            "ports": [
                {"name": "status-port", "port": STATUS_PORT, "protocol": "TCP", "targetPort": STATUS_PORT},
                {"name": "https", "port": HTTPS_PORT, "protocol": "TCP", "targetPort": HTTPS_PORT},
            ],
        },
        "autoscaling": {"minReplicas": replicas.min, "maxReplicas": replicas.max},
        "resources": container_resources("100m", "128Mi", "1Gi"),
        "podDisruptionBudget": {"maxUnavailable": 1},
        "topologySpreadConstraints": zone_spread(GATEWAY_LABELS),
        "priorityClassName": CLUSTER_CRITICAL,
        # The chart's own sysctl again, since giving one key replaces all: Envoy listens on 443 without any capability.
        "securityContext": {
            "seccompProfile": {"type": "RuntimeDefault"},
            "sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
        },
        "lifecycle": {"preStop": {"sleep": {"seconds": TIMERS.pre_stop_seconds}}},
        "terminationGracePeriodSeconds": TIMERS.pod_grace_seconds,
    }
