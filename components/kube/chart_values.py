"""Pure: pieces of values that several Helm charts take, in the words of the Kubernetes API."""

from collections.abc import Mapping
from typing import Any

from components.kube.placement import ZONE

# A class that every cluster has: its pods get room before any pod of the game is placed.
CLUSTER_CRITICAL = "system-cluster-critical"


def container_resources(cpu: str, memory: str, memory_limit: str) -> dict[str, Any]:
    """Requests of a container and the memory at which it is ended; its processor time is never cut off."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory_limit}}


def zone_spread(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The pods with `labels` evenly over the zones, as far as the zones have room."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": ZONE,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
    ]
