"""Pure: what Karpenter may build: one EC2NodeClass and its NodePools (v1), and the values of its chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from components.kube.compute import Compute
from components.kube.placement import NODE_TYPE_LABEL, ZONE, node_labels, node_taint
from components.node_kinds import ROOT_DEVICE, SPOT, Arch
from components.tags import DISCOVERY_TAG

CLASS_GROUP, CLASS_VERSION, CLASS_KIND = "karpenter.k8s.aws", "v1", "EC2NodeClass"
NODE_CLASS = "al2023"  # NodePools name it
# With prefix delegation addresses are no bound any more; Karpenter would reckon with single ones, 58 on a c7i.xlarge.
# docs.aws.amazon.com/eks/latest/best-practices/prefix-mode-linux.html: 110 up to 30 vCPUs.
MAX_PODS = 110
# Socket buffers: a full world answers 2000 players in one burst.
SYSCTLS: Mapping[str, int] = MappingProxyType(
    {
        "net.core.rmem_default": 262_144,
        "net.core.rmem_max": 16_777_216,
        "net.core.wmem_default": 262_144,
        "net.core.wmem_max": 16_777_216,
    }
)
STATELESS_EXPIRY = "504h"  # three weeks: no node grows old unseen
STATELESS_GRACE = "30m"  # no service needs longer to stop, and none may hold an expired node for ever
# An empty node of players or data is kept a while: the next wave comes sooner than a new node (180 s).
KEPT_EMPTY = "10m"


@dataclass(frozen=True, kw_only=True)
class KarpenterPool:
    """Instance types are every family, all of one architecture, in every size.

    `limits` bounds all nodes of the pool together. `workload` keeps all other pods off them; without it the pool is for
    services. A database pool is made once per zone, since a volume never leaves its zone.
    """

    workload: Literal["game-server", "database"] | None
    arch: Arch
    families: tuple[str, ...]
    sizes: tuple[str, ...]
    limits: Compute


@dataclass(frozen=True, kw_only=True)
class PeakHours:
    """When most players are on: begin as five cron fields in UTC (Karpenter knows no other zone), and whole hours."""

    schedule: str
    hours: int


def chart_values(cluster_name: Any, queue_name: Any, *, region: str, zonal_shift: bool) -> dict[str, Any]:
    """Values of the controller's chart; its defaults keep it off nodes of its own and its two pods apart.

    Its alpha gate `spotToSpotConsolidation` stays off: docs/karpenter.md says what that costs.
    """
    return {
        "settings": {
            "clusterName": cluster_name,
            "interruptionQueue": queue_name,
            "eksControlPlane": True,
            "enableZonalShift": zonal_shift,
            # Pods have subnets of their own, so a node's first interface holds none of them.
            "reservedENIs": "1",
        },
        "replicas": 2,
        "priorityClassName": "system-cluster-critical",
        # The VPC's own resolver: a cluster that lost the nodes of its DNS gets new ones only from here.
        "dnsPolicy": "Default",
        "controller": {
            # Said, because pods cannot ask the node's metadata service; the wait for its nodes reads it here, too.
            "env": [{"name": "AWS_REGION", "value": region}],
            "resources": {"requests": {"cpu": "250m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}},
        },
    }


def image_alias(release: str) -> str:
    """Karpenter's name for a release of the EKS image, `<Kubernetes patch>-<day>`; it adds the cluster's own minor."""
    return f"al2023@v{release.rpartition('-')[2]}"


def node_class(
    cluster_name: str, node_role: Any, release: str, tags: Mapping[str, str], subnets: Sequence[Any] = ()
) -> dict[str, Any]:
    """Spec of the class of all nodes, whatever their architecture; `tags` go on all that is made of it.

    `subnets` are ids; without any, nodes stand in those with the cluster's discovery tag.
    """
    found = [{"tags": {DISCOVERY_TAG: cluster_name}}]
    return {
        "amiSelectorTerms": [{"alias": image_alias(release)}],
        "role": node_role,
        "subnetSelectorTerms": [{"id": id_} for id_ in subnets] or found,
        "securityGroupSelectorTerms": found,
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpProtocolIPv6": "disabled",
            "httpTokens": "required",
            # One hop ends at the node: a pod cannot fetch the node's own credentials.
            "httpPutResponseHopLimit": 1,
        },
        "blockDeviceMappings": [
            {
                "deviceName": ROOT_DEVICE,
                "rootVolume": True,
                "ebs": {
                    "volumeType": "gp3",
                    "volumeSize": "100Gi",
                    "iops": 3000,
                    "encrypted": True,
                    "deleteOnTermination": True,
                },
            }
        ],
        "kubelet": {"maxPods": MAX_PODS},
        "userData": user_data(),
        "tags": {**tags, "Name": f"{cluster_name}-karpenter", "ManagedBy": "karpenter"},
    }


def user_data() -> str:
    """The script that sets the kernel's figures, as MIME multipart: Karpenter adds nodeadm's own part to it."""
    lines = "\n".join(f"{key} = {value}" for key, value in SYSCTLS.items())
    return (
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="//"\n'
        "\n"
        "--//\n"
        'Content-Type: text/x-shellscript; charset="us-ascii"\n'
        "\n"
        "#!/bin/bash\n"
        "set -euo pipefail\n"
        "cat > /etc/sysctl.d/90-game.conf <<'EOF'\n"
        f"{lines}\n"
        "EOF\n"
        "sysctl --load /etc/sysctl.d/90-game.conf\n"
        "\n"
        "--//--\n"
    )


def node_pools(
    pools: Mapping[str, KarpenterPool], zones: tuple[str, ...], peak: PeakHours, grace_seconds: int
) -> dict[str, dict[str, Any]]:
    """Specs of all NodePools by name; a database pool as `<pool>-<zone>`.

    `grace_seconds` is how long players of a node that must go may stay; after it the node goes whoever is there. A pod
    that is still there gets its order to stop so early that its own grace ends with the node's.
    """
    specs = {}
    for name, pool in pools.items():
        if pool.workload == "database":
            for zone in zones:
                specs[f"{name}-{zone}"] = _kept_pool(pool, pool.workload, zone, peak, grace_seconds)
        elif pool.workload is not None:
            specs[name] = _kept_pool(pool, pool.workload, None, peak, grace_seconds)
        else:
            specs[name] = _stateless_pool(pool, peak)
    return specs


def _kept_pool(
    pool: KarpenterPool, workload: str, zone: str | None, peak: PeakHours, grace_seconds: int
) -> dict[str, Any]:
    # No expiry: it is forceful and asks no budget. A new image comes by drift, and since the nodes have a grace
    # Karpenter begins it in spite of pods that no one may disturb or evict: these budgets alone hold it back. One node
    # of a NodePool at a time, none at the peak. karpenter.sh/v1.14/concepts/disruption/#terminationgraceperiod
    where = [] if zone is None else [_in(ZONE, zone)]
    return {
        "template": _template(
            labels=node_labels(workload),
            taint=node_taint(workload),
            requirements=[*_requirements(pool, "on-demand"), *where],
            expire_after="Never",
            grace=f"{grace_seconds}s",
        ),
        "disruption": {
            "consolidationPolicy": "WhenEmpty",
            "consolidateAfter": KEPT_EMPTY,
            "budgets": [
                {"nodes": "100%", "reasons": ["Empty"]},
                {"nodes": "1", "reasons": ["Drifted", "Underutilized"]},
                {"nodes": "0", "reasons": ["Drifted", "Underutilized"], **_hours(peak)},
            ],
        },
        "limits": pool.limits.quantities(),
    }


def _stateless_pool(pool: KarpenterPool, peak: PeakHours) -> dict[str, Any]:
    return {
        "template": _template(
            # Services carry neither players nor data: spot is welcome, and only they bear it.
            labels={NODE_TYPE_LABEL: SPOT},
            taint=node_taint(SPOT),
            requirements=_requirements(pool, "spot", "on-demand"),
            expire_after=STATELESS_EXPIRY,
            grace=STATELESS_GRACE,
        ),
        "disruption": {
            "consolidationPolicy": "WhenEmptyOrUnderutilized",
            "consolidateAfter": "30s",
            # Packing goes on at the peak, since it follows the load; a new image waits until after.
            "budgets": [{"nodes": "10%"}, {"nodes": "0", "reasons": ["Drifted"], **_hours(peak)}],
        },
        "limits": pool.limits.quantities(),
    }


def _template(
    *,
    labels: Mapping[str, str],
    taint: tuple[str, str],
    requirements: list[dict[str, Any]],
    expire_after: str,
    grace: str,
) -> dict[str, Any]:
    key, value = taint
    return {
        "metadata": {"labels": dict(labels)},
        "spec": {
            "nodeClassRef": {"group": CLASS_GROUP, "kind": CLASS_KIND, "name": NODE_CLASS},
            "taints": [{"key": key, "value": value, "effect": "NoSchedule"}],
            "requirements": requirements,
            "expireAfter": expire_after,
            "terminationGracePeriod": grace,
        },
    }


def _requirements(pool: KarpenterPool, *capacity: str) -> list[dict[str, Any]]:
    return [
        _in("kubernetes.io/os", "linux"),
        _in("kubernetes.io/arch", pool.arch),
        _in("karpenter.sh/capacity-type", *capacity),
        _in(f"{CLASS_GROUP}/instance-family", *pool.families),
        _in(f"{CLASS_GROUP}/instance-size", *pool.sizes),
    ]


def _in(key: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": list(values)}


def _hours(peak: PeakHours) -> dict[str, str]:
    return {"schedule": peak.schedule, "duration": f"{peak.hours}h"}
