"""What one system beside the worlds brings to the region's monitoring."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.files import text
from components.monitoring.monitors import Target

DASHBOARD_LABEL: Mapping[str, str] = {"grafana_dashboard": "1"}
"""ConfigMaps with it are Grafana's dashboards: grafana.sidecar.dashboards of the chart."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """`groups` are those of a PrometheusRule; the dashboard is components/files/dashboards/<name>.json."""

    name: str
    targets: tuple[Target, ...]
    groups: tuple[Mapping[str, Any], ...]

    @property
    def dashboard(self) -> dict[str, str]:
        """Data of the dashboard's ConfigMap: file name and text."""
        file = f"{self.name}.json"
        return {file: text(f"dashboards/{file}")}
