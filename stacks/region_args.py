"""Pure: a region's settings as the plain figures that components and Kubernetes want."""

from components.kube.resources import Compute
from components.node_pools import NodePool
from components.operations.namespaces import LimitRule
from stacks.settings import LimitSettings, NodePoolSettings, QuotaSettings, Resources


def compute(resources: Resources) -> Compute:
    """Processor time and memory of a container."""
    return Compute(cpu=resources.cpu, memory=resources.memory)


def node_pool(pool: NodePoolSettings) -> NodePool:
    """One managed node group."""
    return NodePool(
        workload=pool.workload,
        instance_types=pool.instance_types,
        min_size=pool.min_size,
        desired_size=pool.desired_size,
        max_size=pool.max_size,
        disk_gib=pool.disk_gib,
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
