"""Pure: what a container is promised and what it may use at most."""

from dataclasses import dataclass

import pulumi_kubernetes as k8s


@dataclass(frozen=True, kw_only=True)
class Compute:
    """Processor time ("500m", "2") and memory ("2Gi") as Kubernetes quantities."""

    cpu: str
    memory: str

    def quantities(self) -> dict[str, str]:
        """As Kubernetes writes it."""
        return {"cpu": self.cpu, "memory": self.memory}


def resources(requests: Compute, limits: Compute) -> k8s.core.v1.ResourceRequirementsArgs:
    """Requests and limits of one container."""
    return k8s.core.v1.ResourceRequirementsArgs(requests=requests.quantities(), limits=limits.quantities())
