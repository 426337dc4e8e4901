"""What the state says of a Helm release."""

from collections.abc import Mapping
from typing import Any

from components.charts import RELEASE_TYPE, Chart
from stacks.delete_hooks.waits import Doomed


def is_release_of(chart: Chart, type_: str, inputs: Mapping[str, Any]) -> bool:
    """Whether a resource installs this chart, of whatever version."""
    return type_ == RELEASE_TYPE and inputs.get("chart") == chart.name


def values_of(release: Doomed) -> Mapping[str, Any]:
    """The values that the release was last installed with."""
    values: Mapping[str, Any] = release.inputs.get("values") or {}
    return values
