"""What an object names and could not do without: pods whose ConfigMap is missing wait for ever, and nobody says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from embedded.kubernetes.checks.basics import items_of, map_of
from embedded.kubernetes.checks.pods import CONTAINER_LISTS
from embedded.kubernetes.checks.workloads import pod_spec
from embedded.kubernetes.errors import Problem
from embedded.provider import Values

# Kind, namespace ("" for kinds without one), name -> the object, or None.
Lookup = Callable[[str, str, str], Values | None]

_CONTENTS: Final = {"ConfigMap": ("data", "binaryData"), "Secret": ("data",)}
_CLUSTER_WIDE: Final = ("PriorityClass", "StorageClass")
# A controller puts it into every namespace, for whoever mounts a token beside it; its key is ca.crt.
# pkg/controller/certificates/rootcacertpublisher
_EVERYWHERE: Final = ("ConfigMap", "kube-root-ca.crt")
_WAITS: Final = {
    "ConfigMap": "its pods would wait for ever",
    "Secret": "its pods would wait for ever",
    "PersistentVolumeClaim": "its pods would stay Pending for ever",
    "ServiceAccount": "the API would refuse its pods",
    "PriorityClass": "the API would refuse its pods",
    "StorageClass": "its volumes would stay Pending for ever",
}


@dataclass(frozen=True)
class Reference:
    """A name in a field, of an object of this kind, with the key of it that is wanted if one is."""

    path: str
    kind: str
    name: str
    key: str = ""


def missing(value: Values, lookup: Lookup) -> list[Problem]:
    """What the object names and its cluster does not have."""
    kind, metadata = value["kind"], value["metadata"]
    found = pod_spec(value)
    who = f"pod template of {kind} {metadata['name']}" if found and kind != "Pod" else f"{kind} {metadata['name']}"
    references = list(_pod(found[1], found[0])) if found else []
    references += _claims(value)
    problems = (_problem(who, reference, metadata.get("namespace", ""), lookup) for reference in references)
    return [problem for problem in problems if problem is not None]


def _problem(who: str, wanted: Reference, namespace: str, lookup: Lookup) -> Problem | None:
    if (wanted.kind, wanted.name) == _EVERYWHERE:
        return None
    wide = wanted.kind in _CLUSTER_WIDE
    there = lookup(wanted.kind, "" if wide else namespace, wanted.name)
    consequence = _WAITS[wanted.kind]
    if there is None:
        place = "" if wide else f" in namespace {namespace}"
        said = f'{who} names {wanted.kind} "{wanted.name}" which does not exist{place}: {consequence}'
        return Problem(wanted.path, said)
    if wanted.key and not any(wanted.key in map_of(there, part) for part in _CONTENTS[wanted.kind]):
        said = f'{who} names key "{wanted.key}" which {wanted.kind} "{wanted.name}" does not have: {consequence}'
        return Problem(wanted.path, said)
    return None


def _pod(spec: Values, path: str) -> Iterator[Reference]:
    for field, kind in (("serviceAccountName", "ServiceAccount"), ("priorityClassName", "PriorityClass")):
        if spec.get(field):
            yield Reference(f"{path}.{field}", kind, spec[field])
    for index, item in enumerate(items_of(spec, "imagePullSecrets")):
        if item.get("name"):
            yield Reference(f"{path}.imagePullSecrets[{index}]", "Secret", item["name"])
    for index, volume in enumerate(items_of(spec, "volumes")):
        yield from _volume(volume, f"{path}.volumes[{index}]")
    for field in CONTAINER_LISTS:
        for index, container in enumerate(items_of(spec, field)):
            yield from _environment(container, f"{path}.{field}[{index}]")


def _environment(container: Values, path: str) -> Iterator[Reference]:
    for index, variable in enumerate(items_of(container, "env")):
        source = map_of(variable, "valueFrom")
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            yield from _named(source, field, kind, f"{path}.env[{index}].valueFrom")
    for index, item in enumerate(items_of(container, "envFrom")):
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            yield from _named(item, field, kind, f"{path}.envFrom[{index}]")


def _volume(volume: Values, path: str) -> Iterator[Reference]:
    yield from _items(volume, "configMap", "ConfigMap", "name", path)
    yield from _items(volume, "secret", "Secret", "secretName", path)
    claim = map_of(volume, "persistentVolumeClaim").get("claimName")
    if claim:
        yield Reference(f"{path}.persistentVolumeClaim", "PersistentVolumeClaim", claim)
    for index, source in enumerate(items_of(map_of(volume, "projected"), "sources")):
        place = f"{path}.projected.sources[{index}]"
        yield from _items(source, "configMap", "ConfigMap", "name", place)
        yield from _items(source, "secret", "Secret", "name", place)


def _named(value: Values, field: str, kind: str, path: str) -> Iterator[Reference]:
    named = map_of(value, field)
    if named.get("name") and named.get("optional") is not True:
        yield Reference(f"{path}.{field}", kind, named["name"], named.get("key", ""))


def _items(value: Values, field: str, kind: str, name: str, path: str) -> Iterator[Reference]:
    """A volume of a ConfigMap or Secret: the whole, or each of the keys it picks."""
    named = map_of(value, field)
    if not named.get(name) or named.get("optional") is True:
        return
    keys: list[Any] = [item.get("key", "") for item in items_of(named, "items")] or [""]
    for key in keys:
        yield Reference(f"{path}.{field}", kind, named[name], key)


def _claims(value: Values) -> Iterator[Reference]:
    """Storage classes of claims; an empty name asks for a volume made by hand."""
    if value["kind"] == "PersistentVolumeClaim":
        claims = [("spec", map_of(value, "spec"))]
    else:
        templates = items_of(map_of(value, "spec"), "volumeClaimTemplates")
        claims = [(f"spec.volumeClaimTemplates[{i}].spec", map_of(claim, "spec")) for i, claim in enumerate(templates)]
    for path, claim in claims:
        if claim.get("storageClassName"):
            yield Reference(f"{path}.storageClassName", "StorageClass", claim["storageClassName"])
