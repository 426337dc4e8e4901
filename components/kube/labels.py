"""Pure: the labels of every object, from one place, so that selectors hit what they are meant to hit."""

from collections.abc import Mapping

WORKLOAD_LABEL = "workload-type"
"""On nodes: the only workload that they are kept for."""


CLIENT_LABEL = "client-of-"
"""On pods, with a data system's name after it and "true" for its value: who may ask that system, see `client_of`."""


def client_of(system: str) -> dict[str, str]:
    """The label of pods that may ask `system` (mysql, redis, postgres, rabbitmq); its network policies select by it."""
    return {f"{CLIENT_LABEL}{system}": "true"}


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
