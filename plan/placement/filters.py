"""Pure: whether one pod may stand on one node, by the node alone: taints, labels. The words of the Kubernetes API."""

from collections.abc import Mapping, Sequence
from typing import Any

from plan.objects import matches
from plan.placement.shapes import Pod

_KEEPS_OFF = ("NoSchedule", "NoExecute")


def untolerated(pod: Pod, taints: Sequence[Mapping[str, str]]) -> Mapping[str, str] | None:
    """The first taint that keeps the pod off, None if none does."""
    for taint in taints:
        if taint["effect"] in _KEEPS_OFF and not any(_tolerates(one, taint) for one in pod.tolerations):
            return taint
    return None


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, str]) -> bool:
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    exists: bool = toleration.get("operator", "Equal") == "Exists"
    if not toleration.get("key"):
        return exists
    same_value: bool = toleration.get("value", "") == taint.get("value", "")
    return bool(toleration["key"] == taint["key"]) and (exists or same_value)


def chosen(pod: Pod, labels: Mapping[str, str]) -> bool:
    """Whether a node with these labels is one that the pod's node selector and required node affinity take."""
    if any(labels.get(key) != value for key, value in pod.node_selector.items()):
        return False
    return not pod.requirements or any(term_holds(term, labels) for term in pod.requirements)


def term_holds(term: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a node selector term holds for these labels."""
    expressions = term.get("matchExpressions") or []
    # kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node: a term that says nothing takes no node.
    return bool(expressions) and all(_holds(expression, labels) for expression in expressions)


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    operator = expression["operator"]
    if operator not in ("Gt", "Lt"):
        return matches({"matchExpressions": [expression]}, labels)
    label = labels.get(expression["key"], "")
    if not label.isdigit():
        return False
    bound = int(expression["values"][0])
    return int(label) > bound if operator == "Gt" else int(label) < bound
