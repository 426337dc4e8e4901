"""Processor time and memory, as plain figures: read by settings too, which load no SDK."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Compute:
    """Processor time ("500m", "2") and memory ("2Gi") as Kubernetes quantities."""

    cpu: str
    memory: str

    def quantities(self) -> dict[str, str]:
        """As Kubernetes writes it."""
        return {"cpu": self.cpu, "memory": self.memory}
