"""What is told of one workload of a chart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ChartWorkload:
    """One workload of a chart. Paths are dotted keys of the values.

    `replicas` is a path with what holds where it is not set. `containers` gives for each container the path of its
    resources and the chart's own requests. `pod` is what the chart itself puts into the pod's spec; `spread` the path
    of topology spread constraints over it, `apart` that of a topology key for preferred anti-affinity.
    """

    name: str
    labels: Mapping[str, str]
    containers: tuple[tuple[str, Mapping[str, str]], ...]
    kind: str = "Deployment"
    replicas: tuple[str, int] = ("replicaCount", 1)
    priority: tuple[str, str | None] = ("priorityClassName", None)
    spread: str = "topologySpreadConstraints"
    apart: str | None = None
    claim: str | None = None
    namespace: str | None = None
    pod: Mapping[str, Any] = field(default_factory=dict)
