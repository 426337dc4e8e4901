"""Containers, probes, volumes, environment and resources of a pod."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from embedded.kubernetes import names
from embedded.kubernetes.checks.basics import Check, exactly_one, items_of, map_of, one_of, unique
from embedded.kubernetes.errors import Problem, join
from embedded.kubernetes.quantities import quantity
from embedded.provider import Values

_HANDLERS: Final = ("exec", "grpc", "httpGet", "tcpSocket")
_STANDARD_RESOURCES: Final = ("cpu", "memory", "ephemeral-storage")
_POD_FIELDS: Final = (
    *(f"metadata.{field}" for field in ("name", "namespace", "uid", "labels", "annotations")),
    *(f"spec.{field}" for field in ("nodeName", "serviceAccountName")),
    *(f"status.{field}" for field in ("hostIP", "hostIPs", "podIP", "podIPs")),
)
CONTAINER_LISTS: Final = ("containers", "initContainers", "ephemeralContainers")


def pod(spec: Values, path: str) -> Iterator[Problem]:
    """A pod has containers, and every name in it stands once."""
    if not spec.get("containers"):
        yield Problem(join(path, "containers"), "at least one container is required")
    containers = [container for field in CONTAINER_LISTS for container in items_of(spec, field)]
    yield from unique(containers, join(path, "containers"), "name")
    yield from unique(items_of(spec, "volumes"), join(path, "volumes"), "name")
    for key, value in map_of(spec, "nodeSelector").items():
        reason = names.qualified_name(key) or names.label_value(str(value))
        if reason:
            yield Problem(join(join(path, "nodeSelector"), key), reason)
    constraints = join(path, "topologySpreadConstraints")
    yield from unique(items_of(spec, "topologySpreadConstraints"), constraints, "topologyKey", "whenUnsatisfiable")


def container(value: Values, path: str) -> Iterator[Problem]:
    """An image, ports with names and numbers of their own, environment and mounts without doubles."""
    image = value.get("image")
    if not image:
        yield Problem(join(path, "image"), "required value")
    elif isinstance(image, str) and image != image.strip():
        yield Problem(join(path, "image"), "must not have leading or trailing spaces")
    ports = [{"protocol": "TCP", **port} for port in items_of(value, "ports")]
    yield from unique(ports, join(path, "ports"), "name")
    yield from unique(ports, join(path, "ports"), "containerPort", "protocol")
    yield from unique(items_of(value, "volumeMounts"), join(path, "volumeMounts"), "mountPath")
    yield from unique(items_of(value, "env"), join(path, "env"), "name")
    for probe in ("livenessProbe", "startupProbe"):
        if map_of(value, probe).get("successThreshold", 1) != 1:
            yield Problem(join(join(path, probe), "successThreshold"), "must be 1")


def environment(value: Values, path: str) -> Iterator[Problem]:
    """A variable has a value or one source of it."""
    source = value.get("valueFrom")
    if source is None:
        return
    if value.get("value"):
        yield Problem(path, "value and valueFrom must not both be set")
    fields = ("configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef")
    yield from exactly_one(source, join(path, "valueFrom"), fields, "source")


def environment_source(value: Values, path: str) -> Iterator[Problem]:
    """envFrom names a ConfigMap or a Secret."""
    yield from exactly_one(value, path, ("configMapRef", "secretRef"), "source")


def probe(value: Values, path: str) -> Iterator[Problem]:
    """A probe has one handler."""
    yield from exactly_one(value, path, _HANDLERS, "probe handler")


def hook(value: Values, path: str) -> Iterator[Problem]:
    """A lifecycle hook has one handler."""
    yield from exactly_one(value, path, ("exec", "httpGet", "sleep", "tcpSocket"), "hook handler")


def volume(value: Values, path: str) -> Iterator[Problem]:
    """A volume has one source."""
    sources = sorted(value.keys() - {"name"})
    if len(sources) != 1:
        yield Problem(path, f"a volume has exactly one source, not {len(sources)}")


def mount(value: Values, path: str) -> Iterator[Problem]:
    """A mount's path has no colon; a sub-path stays inside the volume."""
    if ":" in str(value.get("mountPath", "")):
        yield Problem(join(path, "mountPath"), 'must not contain ":"')
    inner = str(value.get("subPath", ""))
    if inner.startswith("/") or ".." in inner.split("/"):
        yield Problem(join(path, "subPath"), 'must be a relative path without ".."')


def toleration(value: Values, path: str) -> Iterator[Problem]:
    """Exists takes no value; a toleration without key must be Exists."""
    if value.get("operator") == "Exists" and value.get("value"):
        yield Problem(join(path, "value"), "must be empty when operator is Exists")
    if not value.get("key") and value.get("operator") != "Exists":
        yield Problem(join(path, "operator"), "must be Exists when key is empty")
    if "tolerationSeconds" in value and value.get("effect") != "NoExecute":
        yield Problem(join(path, "effect"), "must be NoExecute when tolerationSeconds is set")


def resources(value: Values, path: str) -> Iterator[Problem]:
    """Requests are within limits; names of resources are known or qualified."""
    amounts: dict[str, dict[str, Decimal]] = {"limits": {}, "requests": {}}
    for field, found in amounts.items():
        for name, given in map_of(value, field).items():
            place = join(join(path, field), name)
            if name not in _STANDARD_RESOURCES and not name.startswith("hugepages-") and "/" not in name:
                known = ", ".join(_STANDARD_RESOURCES)
                yield Problem(place, f'"{name}" is neither {known} nor a qualified name such as vendor.com/gpu')
            try:
                found[name] = quantity(given)
            except ValueError:
                continue  # said by the check of every quantity
            if found[name] < 0:
                yield Problem(place, f"{given} must not be negative")
    for name, request in amounts["requests"].items():
        limit = amounts["limits"].get(name)
        if limit is not None and request > limit:
            wanted, most = value["requests"][name], value["limits"][name]
            place = join(join(path, "requests"), name)
            yield Problem(place, f"{wanted} must be at most the {name} limit of {most}")


def mounts_of(spec: Values, path: str, extra_volumes: set[str]) -> Iterator[Problem]:
    """Every mount names a volume of the pod, or a claim made for it."""
    known = {volume.get("name") for volume in items_of(spec, "volumes")} | extra_volumes
    for field in CONTAINER_LISTS:
        for index, value in enumerate(items_of(spec, field)):
            for number, item in enumerate(items_of(value, "volumeMounts")):
                if isinstance(item.get("name"), str) and item["name"] not in known:
                    place = f"{join(path, field)}[{index}].volumeMounts[{number}].name"
                    yield Problem(place, f'"{item["name"]}" is not a volume of this pod')


def object_field(value: Values, path: str) -> Iterator[Problem]:
    """The downward API serves a fixed list of fields."""
    field = str(value.get("fieldPath", ""))
    if field.startswith(("metadata.labels['", "metadata.annotations['")) and field.endswith("']"):
        return
    yield from one_of(value, path, "fieldPath", _POD_FIELDS)


RULES: Final[dict[str, Check]] = {
    "core.v1.PodSpec": pod,
    "core.v1.Container": container,
    "core.v1.EnvVar": environment,
    "core.v1.EnvFromSource": environment_source,
    "core.v1.Probe": probe,
    "core.v1.LifecycleHandler": hook,
    "core.v1.Volume": volume,
    "core.v1.VolumeMount": mount,
    "core.v1.Toleration": toleration,
    "core.v1.ResourceRequirements": resources,
    "core.v1.ObjectFieldSelector": object_field,
}
