"""Settings of a region's own Prometheus; defaults are the game's own published figures."""

from typing import Annotated

from pydantic import Field

from stacks.setting_types import Settings, Whole


class MonitoringSettings(Settings):
    """Prometheus, Alertmanager and Grafana of a region."""

    replicas: Annotated[Whole, Field(ge=1, le=2)] = Field(
        default=2, description="Prometheus servers, each with all series; with 1 a moved server leaves a gap"
    )
    retention_days: Annotated[Whole, Field(ge=1, le=365)] = Field(default=30, description="days that series are kept")
    volume_gib: Annotated[Whole, Field(ge=10, le=16384)] = Field(
        default=50, description="size of each server's gp3 volume in GiB; its oldest series go when 90 % is used"
    )
