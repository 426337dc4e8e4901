"""Settings of a region's mesh and of its scaler; defaults are the game's own published figures."""

from typing import Annotated

from pydantic import Field

from stacks.setting_types import Settings, Whole


class ReplicaSettings(Settings):
    """Bounds between which an autoscaler moves a Deployment."""

    # Two at least: with one, a drained node takes the whole service with it.
    min: Annotated[Whole, Field(ge=2, le=100)] = Field(description="pods that always run")
    max: Annotated[Whole, Field(ge=2, le=100)] = Field(description="pods that run at most")


class MeshSettings(Settings):
    """Istio in a region: mutual TLS between services, and the gateway where TLS from outside ends."""

    control_plane: ReplicaSettings = Field(
        default=ReplicaSettings(min=2, max=5), description="pods of istiod, by processor use"
    )
    gateway: ReplicaSettings = Field(
        default=ReplicaSettings(min=3, max=10), description="pods of the ingress gateway, by processor use"
    )


class ScalingSettings(Settings):
    """KEDA in a region: what scales by players, queues and the clock."""

    replicas: Annotated[Whole, Field(ge=2, le=5)] = Field(
        default=2, description="pods of each of KEDA's three Deployments"
    )
