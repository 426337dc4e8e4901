"""Pure: the labels of pods that an operator makes of a custom resource, as far as others select by them."""

from collections.abc import Mapping

# (group, kind) -> the label that holds the object's name on its pods.
_NAME_LABELS: Mapping[tuple[str, str], str] = {
    ("postgresql.cnpg.io", "Cluster"): "cnpg.io/cluster",
    ("rabbitmq.com", "RabbitmqCluster"): "app.kubernetes.io/name",
}


def operator_pods(group: str, kind: str, name: str) -> dict[str, str]:
    """Labels of the pods that the object stands for; empty for one that makes none."""
    label = _NAME_LABELS.get((group, kind))
    return {} if label is None else {label: name}
