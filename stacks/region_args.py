"""Pure: a region's settings as the plain figures that components and Kubernetes want."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.data.backup.names import MYSQL_ROOT, REDIS_ROOT
from components.kube.compute import Compute
from components.network.existing import ExistingNetworkArgs
from components.node_pools import NodePool
from components.operations.namespaces import LimitRule, NamespacesArgs
from stacks.network_settings import SubnetSettings
from stacks.settings import LimitSettings, NodePoolSettings, QuotaSettings, RegionSettings, Resources


def compute(resources: Resources) -> Compute:
    """Processor time and memory of a container."""
    return Compute(cpu=resources.cpu, memory=resources.memory)


def node_pool(pool: NodePoolSettings) -> NodePool:
    """One managed node group."""
    return NodePool(
        workload=pool.workload,
        arch=pool.arch,
        capacity=pool.capacity,
        instance_types=pool.instance_types,
        min_size=pool.min_size,
        desired_size=pool.desired_size,
        max_size=pool.max_size,
        disk_gib=pool.disk_gib,
    )


def existing_network(settings: RegionSettings) -> ExistingNetworkArgs:
    """A landing zone's VPC; ValueError without one in the settings."""
    network = settings.network
    existing = network.existing
    if existing is None:
        raise ValueError("network: there is no existing VPC in these settings")
    return ExistingNetworkArgs(
        vpc_id=existing.vpc,
        account_id=existing.account_id,
        nat=network.nat,
        public=_ids(existing.public),
        private=_ids(existing.private),
        route_tables=existing.route_tables,
        blocks={"vpc": str(network.cidr)} | ({"pods": str(network.pods)} if network.pods else {}),
        pods=_ids(existing.pods),
        database=_ids(existing.database),
        control_plane=_ids(existing.control_plane),
    )


def _ids(subnets: Mapping[str, SubnetSettings] | None) -> dict[str, str]:
    return {zone: subnet.id for zone, subnet in (subnets or {}).items()}


def namespace(settings: RegionSettings, after: tuple[pulumi.Resource, ...]) -> NamespacesArgs:
    """The game's namespace, bounded as the settings say; `after` is what its pods and volumes need."""
    return NamespacesArgs(
        namespace=settings.namespace.name,
        kubernetes_version=settings.cluster.version,
        quota=quota(settings.namespace.quota),
        limits=limits(settings.namespace.limits),
        after=after,
    )


def quota(settings: QuotaSettings) -> dict[str, str]:
    """The namespace's budget by the names of the ResourceQuota API."""
    return {
        "requests.cpu": settings.requests.cpu,
        "requests.memory": settings.requests.memory,
        "limits.cpu": settings.limits.cpu,
        "limits.memory": settings.limits.memory,
        "requests.storage": settings.storage,
        "persistentvolumeclaims": str(settings.claims),
        "pods": str(settings.pods),
        "services": str(settings.services),
        "secrets": str(settings.secrets),
        "configmaps": str(settings.config_maps),
        "services.loadbalancers": str(settings.load_balancers),
        "services.nodeports": str(settings.node_ports),
    }


def limits(settings: LimitSettings) -> tuple[LimitRule, ...]:
    """The namespace's bounds per container, pod and volume claim."""
    container, pod, claim = settings.container, settings.pod, settings.claim
    return (
        LimitRule(
            type="Container",
            min=compute(container.min).quantities(),
            max=compute(container.max).quantities(),
            default=compute(container.default).quantities(),
            default_request=compute(container.default_request).quantities(),
        ),
        LimitRule(type="Pod", min=compute(pod.min).quantities(), max=compute(pod.max).quantities()),
        LimitRule(type="PersistentVolumeClaim", min={"storage": claim.min}, max={"storage": claim.max}),
    )


def node_facts(settings: RegionSettings, pool: str) -> dict[str, Any]:
    """What a summary says of one pool; `desired` is its size at first creation."""
    figures = settings.node_pools[pool]
    return {
        "workload": figures.workload or "system",
        "instance_types": list(figures.instance_types),
        "min": figures.min_size,
        "desired": figures.desired_size,
        "max": figures.max_size,
    }


def backup_prefix_days(region: RegionSettings) -> dict[str, int]:
    """How long what lies below each prefix of the backup bucket is kept; Velero drops its own."""
    backup = region.data.backup if region.data else None
    return {} if backup is None else {f"{root}/": backup.retention_days for root in (MYSQL_ROOT, REDIS_ROOT)}
