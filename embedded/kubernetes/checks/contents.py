"""ConfigMaps, Secrets, quotas, limits, claims, budgets and roles."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from embedded.kubernetes import names
from embedded.kubernetes.checks.basics import Check, items_of, map_of
from embedded.kubernetes.checks.workloads import KindCheck
from embedded.kubernetes.errors import Problem, join
from embedded.kubernetes.quantities import quantity
from embedded.provider import Values

CONTENT_MAX_BYTES: Final = 1024 * 1024  # MaxSecretSize; etcd refuses larger objects
_SECRET_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
_SYSTEM_PRIORITY: Final = "system-"


def config_map(value: Values) -> Iterator[Problem]:
    """Keys, and no key in both maps."""
    data, binary = map_of(value, "data"), map_of(value, "binaryData")
    yield from _keys(data, "data")
    yield from _keys(binary, "binaryData")
    yield from (Problem(join("binaryData", key), "stands in data too") for key in sorted(data.keys() & binary.keys()))
    yield from _size([*data.values(), *binary.values()], "data")


def secret(value: Values) -> Iterator[Problem]:
    """Keys, base64, and what the Secret's type wants. Values are never quoted."""
    data, text = map_of(value, "data"), map_of(value, "stringData")
    yield from _keys(data, "data")
    yield from _keys(text, "stringData")
    yield from _size([*data.values(), *text.values()], "data")
    kind = value.get("type", "Opaque")
    for key in _SECRET_KEYS.get(kind, ()):
        if key not in data and key not in text:
            yield Problem(join("data", key), f"required value for a Secret of type {kind}")
    if kind == "kubernetes.io/dockerconfigjson":
        yield from _docker_config(data, text)


def _docker_config(data: Values, text: Values) -> Iterator[Problem]:
    key = ".dockerconfigjson"
    try:
        content = text[key] if key in text else base64.b64decode(data.get(key, "e30="))
        json.loads(content)
    except (ValueError, TypeError):
        yield Problem(join("data", key), "is not JSON")


def _keys(content: Values, path: str) -> Iterator[Problem]:
    for key in content:
        if reason := names.config_key(key):
            yield Problem(join(path, key), reason)


def _size(values: list[Any], path: str) -> Iterator[Problem]:
    size = sum(len(value.encode()) for value in values if isinstance(value, str))
    if size > CONTENT_MAX_BYTES:
        yield Problem(path, f"{size} bytes in all, at most {CONTENT_MAX_BYTES} are allowed")


def limits(value: Values, path: str) -> Iterator[Problem]:
    """Least, default request, default and most stand in this order for every resource."""
    order = ("min", "defaultRequest", "default", "max")
    for name in sorted({name for field in order for name in map_of(value, field)}):
        previous: tuple[str, Decimal] | None = None
        for field in order:
            amount = _amount(map_of(value, field).get(name))
            if amount is None:
                continue
            if previous is not None and amount < previous[1]:
                given, bound = map_of(value, field)[name], map_of(value, previous[0])[name]
                yield Problem(join(join(path, field), name), f"{given} is below {previous[0]} {bound}")
            previous = field, amount
    if value.get("type") == "Pod" and ("default" in value or "defaultRequest" in value):
        yield Problem(join(path, "default"), "may not be set when the type is Pod")


def quota(value: Values, path: str) -> Iterator[Problem]:
    """Bounds are not negative, and their names are names of resources."""
    for name, given in map_of(value, "hard").items():
        place = join(join(path, "hard"), name)
        amount = _amount(given)
        if reason := names.qualified_name(name):
            yield Problem(place, reason)
        elif amount is not None and amount < 0:
            yield Problem(place, f"{given} must not be negative")


def _amount(given: Any) -> Decimal | None:
    try:
        return None if given is None else quantity(given)
    except ValueError:
        return None  # said by the check of every quantity


def claim(value: Values, path: str) -> Iterator[Problem]:
    """A claim says how it is accessed and how much it wants."""
    if not value.get("accessModes"):
        yield Problem(join(path, "accessModes"), "required value")
    requests, place = map_of(map_of(value, "resources"), "requests"), f"{path}.resources.requests.storage"
    amount = _amount(requests.get("storage"))
    if amount is None and "storage" not in requests:
        yield Problem(place, "required value")
    elif amount is not None and amount <= 0:
        yield Problem(place, f"{requests['storage']} must be more than 0")


def budget(value: Values, path: str) -> Iterator[Problem]:
    """A budget counts from one side only."""
    if "minAvailable" in value and "maxUnavailable" in value:
        yield Problem(path, "minAvailable and maxUnavailable may not both be set")


def priority_class(value: Values) -> Iterator[Problem]:
    """The prefix is the system's own."""
    name = map_of(value, "metadata").get("name")
    if isinstance(name, str) and name.startswith(_SYSTEM_PRIORITY):
        yield Problem("metadata.name", f'names that begin with "{_SYSTEM_PRIORITY}" are reserved')


def rule(value: Values, path: str) -> Iterator[Problem]:
    """A rule has verbs, and resources with their groups or paths."""
    if not value.get("verbs"):
        yield Problem(join(path, "verbs"), "required value")
    if value.get("nonResourceURLs"):
        if value.get("resources") or value.get("apiGroups"):
            yield Problem(path, "nonResourceURLs may not stand beside resources")
        return
    for field in ("apiGroups", "resources"):
        if not value.get(field):
            yield Problem(join(path, field), "required value")


def namespaced_role(value: Values) -> Iterator[Problem]:
    """Paths belong to the whole cluster."""
    for index, item in enumerate(items_of(value, "rules")):
        if item.get("nonResourceURLs"):
            yield Problem(f"rules[{index}].nonResourceURLs", "a Role cannot grant paths; use a ClusterRole")


def subject(value: Values, path: str) -> Iterator[Problem]:
    """A ServiceAccount is named with its namespace."""
    if value.get("kind") == "ServiceAccount" and not value.get("namespace"):
        yield Problem(join(path, "namespace"), "required value for a ServiceAccount")


RULES: Final[dict[str, Check]] = {
    "core.v1.LimitRangeItem": limits,
    "core.v1.ResourceQuotaSpec": quota,
    "core.v1.PersistentVolumeClaimSpec": claim,
    "policy.v1.PodDisruptionBudgetSpec": budget,
    "rbac.v1.PolicyRule": rule,
    "rbac.v1.Subject": subject,
}
KIND_RULES: Final[dict[str, KindCheck]] = {
    "ConfigMap": config_map,
    "Secret": secret,
    "PriorityClass": priority_class,
    "Role": namespaced_role,
}
