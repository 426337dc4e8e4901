"""Pure: what a container is promised and what it may use at most."""

import pulumi_kubernetes as k8s

from components.kube.compute import Compute


def resources(requests: Compute, limits: Compute) -> k8s.core.v1.ResourceRequirementsArgs:
    """Requests and limits of one container."""
    return k8s.core.v1.ResourceRequirementsArgs(requests=requests.quantities(), limits=limits.quantities())
