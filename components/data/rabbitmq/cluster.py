"""Pure: the RabbitmqCluster, and what it adds to rabbitmq.conf."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.data.rabbitmq.names import (
    ADMIN_SECRET,
    CLUSTER,
    NODES_SERVICE,
    PORT,
    REPLICAS,
    SELECTOR,
    TLS_SECRET,
    USER,
    VHOST,
)
from components.kube.placement import HOST, ZONE, node_selector, node_taint

WORKLOAD = "database"
AWAY_SECONDS = 60  # how long a pod stays bound to a node that does not answer
# A node leaves only when every queue has a majority without it. The operator's own week would hold up every drain;
# after ten minutes something else is wrong, and a drain that ends is worth more.
GRACE_SECONDS = 600
DEFINITIONS_PATH = "/etc/rabbitmq-definitions"
DEFINITIONS_KEY = "definitions.json"
USER_ID = 999  # of the official image
CHECKSUM = "checksum/definitions"

# rabbitmq.com/docs/configure. The operator adds peer discovery, the cluster's name and size, and TLS files.
CONF: Mapping[str, str] = {
    "default_queue_type": "quorum",
    "queue_leader_locator": "balanced",
    # A queue that is made while a node is away gets its third copy when the node is back.
    "quorum_queue.continuous_membership_reconciliation.enabled": "true",
    "quorum_queue.continuous_membership_reconciliation.target_group_size": str(REPLICAS),
    "quorum_queue.continuous_membership_reconciliation.auto_remove": "false",
    # Not load_definitions: a node does not start that has it beside another option of definitions.
    "definitions.import_backend": "local_filesystem",
    "definitions.local.path": f"{DEFINITIONS_PATH}/{DEFINITIONS_KEY}",
    "definitions.skip_if_unchanged": "true",
    "ssl_options.versions.1": "tlsv1.3",
    "ssl_options.versions.2": "tlsv1.2",
    # By queue, of which there are few: an alert can say which one fills.
    "prometheus.return_per_object_metrics": "true",
    "log.console.formatter": "json",
}


@dataclass(frozen=True, kw_only=True)
class RabbitmqSize:
    """Of each node: processor requests and limit, memory (request and limit alike) and volume in GiB."""

    cpu: str
    cpu_limit: str
    memory_gib: int
    storage_gib: int


def conf(memory_gib: int) -> str:
    """additionalConfig. Publishers wait where less disk is free than there is memory: all of it may be written."""
    lines = {**CONF, "disk_free_limit.absolute": f"{memory_gib}GiB"}
    return "".join(f"{key} = {value}\n" for key, value in sorted(lines.items()))


def cluster_spec(
    *,
    image: pulumi.Input[str],
    size: RabbitmqSize,
    storage_class: pulumi.Input[str],
    priority_class: pulumi.Input[str],
    checksum: pulumi.Input[str],
) -> dict[str, Any]:
    """Three nodes in three zones (rabbitmq.com/v1beta1 RabbitmqCluster)."""
    return {
        "replicas": REPLICAS,
        "image": image,
        "service": {"type": "ClusterIP"},
        "persistence": {"storageClassName": storage_class, "storage": f"{size.storage_gib}Gi"},
        "resources": {
            "requests": {"cpu": size.cpu, "memory": f"{size.memory_gib}Gi"},
            "limits": {"cpu": size.cpu_limit, "memory": f"{size.memory_gib}Gi"},
        },
        "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [_apart()]}},
        "tolerations": tolerations(),
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        # An upgrade to the next minor refuses to start with a flag of the last one still off.
        "autoEnableAllFeatureFlags": True,
        "secretBackend": {"externalSecret": {"name": ADMIN_SECRET}},
        # Plain AMQP stays open inside the pod for the operator's readiness probe; the network policy lets nobody to it.
        "tls": {"secretName": TLS_SECRET, "disableNonTLSListeners": False},
        "rabbitmq": {"additionalConfig": conf(size.memory_gib)},
        "override": {"statefulSet": {"spec": {"template": _template(priority_class, checksum)}}},
    }


def tolerations() -> list[dict[str, Any]]:
    """Onto the nodes kept for databases, and off one that is gone within a minute."""
    key, value = node_taint(WORKLOAD)
    away = [
        {
            "key": f"node.kubernetes.io/{what}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": AWAY_SECONDS,
        }
        for what in ("not-ready", "unreachable")
    ]
    return [{"key": key, "operator": "Equal", "value": value, "effect": "NoSchedule"}, *away]


def server_names(namespace: str) -> list[str]:
    """Names of the Service, and of each node."""
    ends = ("", f".{namespace}", f".{namespace}.svc", f".{namespace}.svc.cluster.local")
    nodes = [f"*.{NODES_SERVICE}.{namespace}", f"*.{NODES_SERVICE}.{namespace}.svc.cluster.local"]
    return [*(f"{CLUSTER}{end}" for end in ends), *nodes]


def connection(password: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
    """What a client needs; the authority's certificate is `ca.crt` of the Secret `rabbitmq-tls`."""
    url = pulumi.Output.concat(f"amqps://{USER}:", password, f"@{CLUSTER}:{PORT}/%2F")
    return {"username": USER, "password": password, "host": CLUSTER, "port": str(PORT), "vhost": VHOST, "url": url}


def checksum_of(text: str) -> str:
    """Another text rolls the nodes one by one, since they read definitions at their start alone."""
    return hashlib.sha256(text.encode()).hexdigest()


def _apart() -> dict[str, Any]:
    return {"labelSelector": {"matchLabels": dict(SELECTOR)}, "topologyKey": HOST}


def _template(priority_class: pulumi.Input[str], checksum: pulumi.Input[str]) -> dict[str, Any]:
    """What the operator has no field for; it merges this into its own pod template, containers by name."""
    spread = {
        "maxSkew": 1,
        "minDomains": REPLICAS,
        "topologyKey": ZONE,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": dict(SELECTOR)},
    }
    definitions = {
        "name": "definitions",
        "secret": {"secretName": ADMIN_SECRET, "items": [{"key": DEFINITIONS_KEY, "path": DEFINITIONS_KEY}]},
    }
    mount = {"name": "definitions", "mountPath": DEFINITIONS_PATH, "readOnly": True}
    return {
        "metadata": {
            "labels": {"sidecar.istio.io/inject": "false"},
            "annotations": {"karpenter.sh/do-not-disrupt": "true", CHECKSUM: checksum},
        },
        "spec": {
            "priorityClassName": priority_class,
            "nodeSelector": node_selector(WORKLOAD),
            "topologySpreadConstraints": [spread],
            "enableServiceLinks": False,
            "automountServiceAccountToken": False,  # peers are found by their names; 4.1 and later ask no API server
            "securityContext": _pod_security(),
            "initContainers": [{"name": "setup-container", "securityContext": _container_security()}],
            "containers": [
                {"name": "rabbitmq", "securityContext": _container_security(), "volumeMounts": [mount]},
            ],
            "volumes": [definitions],
        },
    }


def _pod_security() -> dict[str, Any]:
    return {
        "runAsNonRoot": True,
        "runAsUser": USER_ID,
        "runAsGroup": USER_ID,
        "fsGroup": USER_ID,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def _container_security() -> dict[str, Any]:
    # Not a read-only root: the image's start script writes its own configuration.
    return {
        "allowPrivilegeEscalation": False,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
