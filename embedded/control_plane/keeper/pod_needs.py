"""Pure: what a pod asks of a node, and whether a node has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from embedded.kubernetes.quantities import quantity
from embedded.provider import Values

_BLOCKING: Final = ("NoSchedule", "NoExecute")


def requests(pod: Values) -> Counter[str]:
    """What the scheduler counts of a pod, as k8s.io/component-helpers/resource.PodRequests does; "pods" is 1."""
    spec = pod["spec"]
    total = _sum(_requested(each) for each in spec["containers"])
    before: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for each in spec.get("initContainers", []):
        if each.get("restartPolicy") == "Always":  # a sidecar: it stays
            before = _sum([before, _requested(each)])
            most |= before
        else:
            most |= _sum([before, _requested(each)])
    return _sum([_sum([total, before]) | most, _quantities(spec.get("overhead", {})), Counter({"pods": 1})])


def _requested(container: Values) -> Counter[str]:
    return _quantities(container.get("resources", {}).get("requests", {}))


def _quantities(resources: Mapping[str, Any]) -> Counter[str]:
    return Counter({name: _thousandths(amount) for name, amount in resources.items()})


def _thousandths(amount: Any) -> int:
    return int((quantity(amount) * Decimal(1000)).to_integral_value())


def _sum(counts: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return total


def room_of(node: Values) -> Counter[str]:
    """Allocatable resources of an empty node, in the same thousandths; "pods" counts whole."""
    allocatable = _quantities(node["status"]["allocatable"])
    allocatable["pods"] //= 1000
    return allocatable


def fits(needs: Counter[str], room: Counter[str]) -> bool:
    """Whether there is room."""
    return all(room[name] >= amount for name, amount in needs.items())


def may_stand_on(pod: Values, node: Values) -> bool:
    """Whether a node's labels and taints let a pod onto it: selector, required node affinity, tolerations."""
    spec, labels = pod["spec"], node["metadata"]["labels"]
    if any(labels.get(key) != value for key, value in spec.get("nodeSelector", {}).items()):
        return False
    affinity = spec.get("affinity", {}).get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution")
    if affinity and not any(_term(term, labels) for term in affinity["nodeSelectorTerms"]):
        return False
    taints = (taint for taint in node["spec"].get("taints", []) if taint["effect"] in _BLOCKING)
    return all(any(_tolerates(each, taint) for each in spec.get("tolerations", [])) for taint in taints)


def volume_allows(volume: Values, node: Values) -> bool:
    """Whether a PersistentVolume can be had on a node."""
    required = volume["spec"].get("nodeAffinity", {}).get("required")
    return not required or any(_term(term, node["metadata"]["labels"]) for term in required["nodeSelectorTerms"])


def one_per_host(pod: Values) -> bool:
    """Whether a pod keeps those with its own labels off its host."""
    anti = pod["spec"].get("affinity", {}).get("podAntiAffinity", {})
    labels = pod["metadata"].get("labels", {})
    return any(
        term["topologyKey"] == "kubernetes.io/hostname"
        and all(labels.get(key) == value for key, value in term.get("labelSelector", {}).get("matchLabels", {}).items())
        for term in anti.get("requiredDuringSchedulingIgnoredDuringExecution", [])
    )


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    if not toleration.get("key"):
        return toleration.get("operator") == "Exists"
    if toleration["key"] != taint["key"]:
        return False
    return toleration.get("operator") == "Exists" or toleration.get("value", "") == taint.get("value", "")


def _term(term: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    expressions = term.get("matchExpressions", [])
    return bool(expressions) and all(_expression(each, labels) for each in expressions)


def _expression(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values", [])
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt":
            return value is not None and int(value) > int(values[0])
        case _:
            return value is not None and int(value) < int(values[0])
