"""Pure: the labels of every object, from one place, so that selectors hit what they are meant to hit."""

from collections.abc import Mapping

WORKLOAD_LABEL = "workload-type"
"""On nodes: the only workload that they are kept for."""


def selector_labels(app: str, component: str) -> dict[str, str]:
    """Labels that Services, budgets and policies select by. Constants only: the selectors of workloads can't change."""
    return {"app": app, "component": component}


def object_labels(selector: Mapping[str, str], game: str) -> dict[str, str]:
    """Selector labels plus the recommended descriptive ones, which nothing may select by."""
    return {
        **selector,
        "app.kubernetes.io/name": selector["app"],
        "app.kubernetes.io/component": selector["component"],
        "app.kubernetes.io/part-of": game,
        "app.kubernetes.io/managed-by": "pulumi",
    }
