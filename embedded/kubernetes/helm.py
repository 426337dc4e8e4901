"""Helm's own part of a cluster: releases as Secrets, and the definitions that charts bring. Nothing is rendered or run.

Source: pkg/action (install, upgrade, uninstall), pkg/storage/driver/secrets.go and pkg/kube of Helm 3.
"""

from __future__ import annotations

import base64
import copy
import gzip
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from embedded.kubernetes import bootstrap
from embedded.kubernetes.charts import Crd, chart_facts, chart_name
from embedded.kubernetes.cluster import admitted, now
from embedded.kubernetes.custom import DEFINITION, ClusterSchemas, definition
from embedded.kubernetes.dependents import of_definition
from embedded.kubernetes.errors import ApiError, not_found
from embedded.kubernetes.protocol import Objects
from embedded.kubernetes.store import Change, Key, Stored
from embedded.provider import Values

SECRET_TYPE: Final = "helm.sh/release.v1"
_KEEP: Final = {"helm.sh/resource-policy": "keep"}
_MANAGED: Final = {"app.kubernetes.io/managed-by": "Helm"}


@dataclass(frozen=True)
class Wanted:
    """A release as a program asks for it."""

    name: str
    namespace: str
    chart: str
    version: str
    values: Values
    create_namespace: bool = False
    skip_crds: bool = False
    history: int = 0
    """How many revisions are kept; 0: all."""


@dataclass(frozen=True)
class Release:
    """A revision of a release as Helm keeps it."""

    name: str
    namespace: str
    revision: int
    status: str
    chart: str
    version: str
    app_version: str
    values: Values


def installed(store: Objects, namespace: str, name: str) -> Release | None:
    """The newest revision of a release; None without one."""
    found = [_read(stored) for stored in _secrets(store, namespace, name)]
    return max(found, key=lambda release: release.revision, default=None)


def install(schemas: ClusterSchemas, store: Objects, wanted: Wanted) -> Release:
    """Make a release with all it brings, in one change. ApiError if its name is in use or it takes another's CRDs."""
    if installed(store, wanted.namespace, wanted.name) is not None:
        said = f'release "{wanted.name}" in namespace "{wanted.namespace}": cannot re-use a name that is still in use'
        raise ApiError(409, "AlreadyExists", said)
    change = Change()
    if store.get(Key("", "Namespace", "", wanted.namespace)) is None:
        if not wanted.create_namespace:
            raise not_found("namespaces", wanted.namespace)
        change.put += _namespace(schemas, wanted.namespace)
    facts = chart_facts(wanted.chart, wanted.version)
    if facts.in_folder and not wanted.skip_crds:
        fresh = (crd for crd in facts.brings(wanted.values) if _definition(store, crd.name) is None)
        change.put += [Stored(admitted(schemas, definition(crd, {}, {}))) for crd in fresh]
    release = _revision(wanted, 1)
    change.put += [*_owned(schemas, store, wanted), _stored(schemas, release)]
    store.commit(change)
    return release


def upgrade(schemas: ClusterSchemas, store: Objects, wanted: Wanted) -> Release:
    """The next revision. CRDs of `crds/` are left as they are, those among the templates follow the chart."""
    before = installed(store, wanted.namespace, wanted.name)
    if before is None:
        raise ApiError(404, "NotFound", f'"{wanted.name}" has no deployed releases')
    release = _revision(wanted, before.revision + 1)
    put = _owned(schemas, store, wanted)
    kept = {stored.key for stored in put}
    gone = [item for item in _definitions_of(store, before) if item.key not in kept]
    secrets = sorted(_secrets(store, wanted.namespace, wanted.name), key=lambda stored: _read(stored).revision)
    old = secrets[: max(0, len(secrets) + 1 - wanted.history)] if wanted.history else []
    put += [_superseded(item) for item in secrets if item not in old and _read(item).status == "deployed"]
    change = Change([*put, _stored(schemas, release)], [*_with_objects(store, gone), *(item.key for item in old)])
    store.commit(change)
    return release


def uninstall(store: Objects, namespace: str, name: str) -> None:
    """Remove every revision, and the CRDs that the release owns with all objects of theirs. Nothing if it is gone."""
    release = installed(store, namespace, name)
    if release is None:
        return
    secrets = [stored.key for stored in _secrets(store, namespace, name)]
    store.commit(Change(remove=[*_with_objects(store, _definitions_of(store, release)), *secrets]))


def _revision(wanted: Wanted, revision: int) -> Release:
    facts = chart_facts(wanted.chart, wanted.version)
    return Release(
        name=wanted.name,
        namespace=wanted.namespace,
        revision=revision,
        status="deployed",
        chart=chart_name(wanted.chart),
        version=wanted.version,
        app_version=facts.app_version,
        values=copy.deepcopy(wanted.values),
    )


def _namespace(schemas: ClusterSchemas, name: str) -> list[Stored]:
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"name": name}}}
    brought = [Stored(admitted(schemas, value), furniture=True) for value in bootstrap.of_namespace(name)]
    return [Stored(admitted(schemas, made)), *brought]


def _definition(store: Objects, name: str) -> Stored | None:
    return store.get(Key(*DEFINITION, "", name))


def _owned(schemas: ClusterSchemas, store: Objects, wanted: Wanted) -> list[Stored]:
    """The definitions among the chart's templates, as the cluster will hold them."""
    facts = chart_facts(wanted.chart, wanted.version)
    if facts.in_folder:
        return []
    owner = {"meta.helm.sh/release-name": wanted.name, "meta.helm.sh/release-namespace": wanted.namespace}
    annotations = owner | (_KEEP if facts.keeps(wanted.values) else {})
    return [_taken(schemas, store, crd, owner, annotations) for crd in facts.brings(wanted.values)]


def _taken(schemas: ClusterSchemas, store: Objects, crd: Crd, owner: Values, annotations: Values) -> Stored:
    """A definition made, or taken over where it is this release's own (checkOwnership in pkg/action/validate.go)."""
    new = admitted(schemas, definition(crd, _MANAGED, annotations))
    live = _definition(store, crd.name)
    if live is None:
        return Stored(new)
    metadata = live.value["metadata"]
    found = metadata.get("labels", {}) | metadata.get("annotations", {})
    for key, wanted in (_MANAGED | owner).items():
        if found.get(key) != wanted:
            said = (
                f'CustomResourceDefinition "{crd.name}" exists and cannot be imported into the current release: '
                f'invalid ownership metadata; {key} must be "{wanted}": current value is "{found.get(key, "")}"'
            )
            raise ApiError(409, "Conflict", said)
    kept = {field: metadata[field] for field in ("uid", "creationTimestamp", "generation") if field in metadata}
    return Stored(new | {"metadata": new["metadata"] | kept})


def _definitions_of(store: Objects, release: Release) -> list[Stored]:
    """The definitions that go with a release."""
    owner = {"meta.helm.sh/release-name": release.name, "meta.helm.sh/release-namespace": release.namespace}
    return [
        stored
        for stored in store.find(*DEFINITION)
        if owner.items() <= (notes := stored.value["metadata"].get("annotations", {})).items()
        and not _KEEP.items() <= notes.items()
    ]


def _with_objects(store: Objects, definitions: list[Stored]) -> list[Key]:
    return [item.key for stored in definitions for item in (stored, *of_definition(store, stored))]


def _secrets(store: Objects, namespace: str, name: str) -> list[Stored]:
    wanted = {"owner": "helm", "name": name}
    return [
        stored
        for stored in store.find("", "Secret", namespace)
        if stored.value.get("type") == SECRET_TYPE
        and wanted.items() <= stored.value["metadata"].get("labels", {}).items()
    ]


def _stored(schemas: ClusterSchemas, release: Release) -> Stored:
    """The Secret of a revision."""
    metadata = {"name": f"sh.helm.release.v1.{release.name}.v{release.revision}", "namespace": release.namespace}
    value = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": SECRET_TYPE}
    return Stored(admitted(schemas, _with_content(value, release)))


def _superseded(stored: Stored) -> Stored:
    return Stored(_with_content(copy.deepcopy(stored.value), replace(_read(stored), status="superseded")))


def _with_content(secret: Values, release: Release) -> Values:
    """The Secret with what Helm writes into it: JSON, gzipped, in base64, and once more as every Secret's data."""
    state = {"status": release.status, "last_deployed": now(), "description": "recorded by the embedded cloud, not run"}
    chart = {"metadata": {"name": release.chart, "version": release.version, "appVersion": release.app_version}}
    content = {"name": release.name, "namespace": release.namespace, "version": release.revision, "info": state}
    packed = gzip.compress(json.dumps(content | {"chart": chart, "config": release.values}).encode(), mtime=0)
    labels = {"name": release.name, "owner": "helm", "status": release.status, "version": str(release.revision)}
    data = {"release": base64.b64encode(base64.b64encode(packed)).decode()}
    return secret | {"metadata": secret["metadata"] | {"labels": labels}, "data": data}


def _read(stored: Stored) -> Release:
    packed = base64.b64decode(base64.b64decode(stored.value["data"]["release"]))
    content: dict[str, Any] = json.loads(gzip.decompress(packed))
    chart = content["chart"]["metadata"]
    return Release(
        name=content["name"],
        namespace=content["namespace"],
        revision=content["version"],
        status=content["info"]["status"],
        chart=chart["name"],
        version=chart["version"],
        app_version=chart["appVersion"],
        values=content["config"],
    )


def status_of(release: Release) -> Values:
    """The status that the provider gives out (ReleaseStatus of pulumi-kubernetes)."""
    facts = asdict(release)
    names = {"app_version": "appVersion"}
    return {names.get(key, key): item for key, item in facts.items() if key != "values" and item != ""}
