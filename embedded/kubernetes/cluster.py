"""One cluster's API: get, list, create, apply, replace and delete of checked objects.

A real kube-apiserver can stand behind the same methods. Raises ApiError for refusals, Unreachable when the cluster is
not there. There are no controllers: nothing runs, so no status says that something does.
"""

from __future__ import annotations

import copy
import secrets
import threading
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from embedded.kubernetes import addresses, bootstrap, certificates, claims, managers, ownership
from embedded.kubernetes.checks import problems_of
from embedded.kubernetes.checks.metadata import GENERATED_SUFFIX
from embedded.kubernetes.custom import DEFINITION, ClusterSchemas
from embedded.kubernetes.dependents import dependents
from embedded.kubernetes.errors import ApiError, Problem, already_exists, bad_request, invalid, not_found
from embedded.kubernetes.immutable import refused_changes
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.protocol import Objects
from embedded.kubernetes.references import missing
from embedded.kubernetes.schemas import UnknownKind, schemas_of
from embedded.kubernetes.store import Change, Key, Store, Stored
from embedded.provider import Values

_Result = TypeVar("_Result")
_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"  # k8s.io/apimachinery/pkg/util/rand: no vowels, no bad words
_SERVER_SET: Final = ("uid", "creationTimestamp", "generation", "managedFields", "selfLink", "deletionTimestamp")
CONTROLLERS: Final = "kube-controller-manager"  # field manager of what controllers make
# Kinds whose registry strategy counts generations.
_COUNTED_GROUPS: Final = frozenset({"apps", "batch", "policy", "networking.k8s.io", "admissionregistration.k8s.io"})
_COUNTED_KINDS: Final = frozenset({"PriorityClass", "CustomResourceDefinition", "Pod"})


def now() -> str:
    """This moment as metav1.Time writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def admitted(schemas: ClusterSchemas, value: Values, manager: str = "") -> Values:
    """A new object as the API keeps it: with defaults, identity and, if a manager sent it, its ownership."""
    kind = schemas.kind(value["apiVersion"], value["kind"])
    result = copy.deepcopy(value)
    result.pop("status", None)
    for field in _SERVER_SET:
        result["metadata"].pop(field, None)
    fields = ownership.owned_fields(result, schemas.shape(kind))
    schemas.complete(kind, result)
    metadata = result["metadata"] | {"uid": str(uuid.uuid4()), "creationTimestamp": now()}
    if kind.custom or kind.group in _COUNTED_GROUPS or kind.name in _COUNTED_KINDS:
        metadata["generation"] = 1
    if manager:
        metadata["managedFields"] = [_ownership(manager, kind, fields)]
    return result | {"metadata": metadata}


def _ownership(manager: str, kind: Kind, fields: ownership.Fields) -> Values:
    entry = {"manager": manager, "operation": "Apply", "apiVersion": kind.api_version, "time": now()}
    return entry | {"fieldsType": "FieldsV1", "fieldsV1": fields}


class ClusterApi:
    """The API of one cluster. Objects given are not changed, objects returned are the caller's own."""

    def __init__(self, lock: threading.RLock, open_store: Callable[[], tuple[str, Store]]) -> None:
        self._lock = lock
        self._open = open_store

    def schemas(self) -> ClusterSchemas:
        """The kinds this cluster serves."""
        with self._lock:
            return _schemas(*self._open())

    def transact(self, decide: Callable[[ClusterSchemas, Objects], _Result]) -> _Result:
        """Do what one call of the API could not, such as a change of several objects, and nothing in between."""
        with self._lock:
            version, store = self._open()
            return decide(_schemas(version, store), store)

    def version(self) -> int:
        """resourceVersion of the newest change."""
        with self._lock:
            return self._open()[1].version

    def get(self, kind: Kind, namespace: str, name: str) -> Values:
        """The object. 404 if it is not there."""
        with self._lock:
            return _as_asked(kind, self._find(self._open()[1], kind, namespace, name).value)

    def list_objects(self, kind: Kind, namespace: str, wanted: Callable[[Values], bool]) -> list[Values]:
        """Objects of a kind in a namespace (empty: in all) that `wanted` says yes to, by name."""
        with self._lock:
            found = self._open()[1].find(kind.group, kind.name, namespace)
            return [_as_asked(kind, stored.value) for stored in found if wanted(stored.value)]

    def create(self, value: Values, manager: str) -> Values:
        """Make an object. 409 if its name is taken: nothing is adopted."""
        with self._lock:
            schemas, store, kind, sent = self._prepare(value)
            if "resourceVersion" in sent["metadata"]:
                raise bad_request("resourceVersion should not be set on objects to be created")
            self._checked(schemas, store, kind, sent)
            self._name(store, kind, sent["metadata"])
            if store.get(Stored(sent).key) is not None:
                raise already_exists(kind.resource, sent["metadata"]["name"])
            new = admitted(schemas, sent, manager)
            self._commit(schemas, store, kind, new, None)
            return copy.deepcopy(new)

    def apply(self, value: Values, manager: str, *, force: bool = False, must_exist: bool = False) -> Values:
        """Server-side apply: what the manager stated before and states no longer goes, what others hold stays.

        Without `force`, 409 if another manager, not a person's kubectl, states a different value of a field; with it
        the field changes hands.
        With `must_exist`, 404 where it would make the object.
        """
        with self._lock:
            schemas, store, kind, sent = self._prepare(value)
            if not sent["metadata"].get("name"):
                raise bad_request("name is required to apply an object")
            old = store.get(Stored(sent).key)
            if old is None:
                if must_exist:
                    raise not_found(kind.resource, sent["metadata"]["name"])
                return self.create(value, manager)
            live, shape = old.value, schemas.shape(kind)
            sent.pop("status", None)
            fields = ownership.owned_fields(sent, shape)
            held = managers.Held.of(live, manager)
            taken = held.conflicts(_stated(sent), live, shape)
            if not force and not managers.by_hand(item.manager for item in taken):
                raise managers.conflict(taken)
            new = ownership.applied(live, held.mine, _stated(sent), shape, held.theirs())
            if fields != held.mine or taken:
                entry = [_ownership(manager, kind, fields)] if fields else []
                new["metadata"]["managedFields"] = [*held.without(taken), *entry]
            return self._update(schemas, store, kind, old, new)

    def replace(self, value: Values) -> Values:
        """Put an object in the place of the one of its name. 404 without one, 409 if it changed since it was read."""
        with self._lock:
            schemas, store, kind, sent = self._prepare(value)
            old = self._find(store, kind, sent["metadata"].get("namespace", ""), sent["metadata"].get("name", ""))
            live = old.value["metadata"]
            if sent["metadata"].get("resourceVersion", live["resourceVersion"]) != live["resourceVersion"]:
                said = f'{kind.resource} "{live["name"]}": the object has been modified; read it again'
                raise ApiError(409, "Conflict", said)
            sent["metadata"] |= {field: live[field] for field in (*_SERVER_SET, "resourceVersion") if field in live}
            new = sent | {"status": old.value["status"]} if "status" in old.value else sent
            return self._update(schemas, store, kind, old, new)

    def delete(self, kind: Kind, namespace: str, name: str, orphan: bool = False) -> Values:
        """Delete an object and, unless `orphan`, what it owns; a namespace with its content. The object as it was."""
        with self._lock:
            store = self._open()[1]
            stored = self._find(store, kind, namespace, name)
            if stored.value["metadata"].get("finalizers"):
                return self._mark_deleted(store, stored)
            gone = [stored, *dependents(store, stored, orphan)]
            store.commit(Change(remove=[item.key for item in gone]))
            return copy.deepcopy(stored.value)

    def ready(self, kind: Kind, live: Values, seconds: float) -> tuple[Values, list[str]]:
        """The object: there are no controllers to wait for."""
        del kind, seconds
        return live, []

    def gone(self, kind: Kind, namespace: str, name: str, seconds: float) -> Values | None:
        """The object if it is there: nothing here takes finalizers off."""
        del seconds
        with self._lock:
            stored = self._open()[1].get(Key(kind.group, kind.name, namespace if kind.namespaced else "", name))
            return None if stored is None else copy.deepcopy(stored.value)

    def _prepare(self, value: Values) -> tuple[ClusterSchemas, Store, Kind, Values]:
        version, store = self._open()
        schemas = _schemas(version, store)
        try:
            kind = schemas.kind(str(value.get("apiVersion", "")), str(value.get("kind", "")))
        except UnknownKind as unknown:
            raise ApiError(404, "NotFound", str(unknown)) from unknown
        sent = copy.deepcopy(value)
        metadata = sent.setdefault("metadata", {})
        if not isinstance(metadata, dict):
            raise bad_request("metadata: must be object")
        if kind.namespaced:
            metadata.setdefault("namespace", "default")
        return schemas, store, kind, sent

    def _find(self, store: Store, kind: Kind, namespace: str, name: str) -> Stored:
        stored = store.get(Key(kind.group, kind.name, namespace if kind.namespaced else "", name))
        if stored is None:
            raise not_found(kind.resource, name)
        return stored

    def _checked(self, schemas: ClusterSchemas, store: Store, kind: Kind, value: Values) -> None:
        """Refuse what is wrong in itself, or stands in a namespace that is not there."""
        metadata = value["metadata"]
        problems = problems_of(schemas, kind, value)
        if problems:
            raise invalid(kind.qualified, str(metadata.get("name") or metadata.get("generateName", "")), problems)
        if kind.namespaced and store.get(Key("", "Namespace", "", metadata["namespace"])) is None:
            raise not_found("namespaces", metadata["namespace"])

    def _name(self, store: Store, kind: Kind, metadata: Values) -> None:
        """Make a name from generateName, if that is what was given."""
        while not metadata.get("name"):
            suffix = "".join(secrets.choice(_ALPHABET) for _ in range(GENERATED_SUFFIX))
            name = f"{metadata['generateName']}{suffix}"
            if store.get(Key(kind.group, kind.name, metadata.get("namespace", ""), name)) is None:
                metadata["name"] = name

    def _update(self, schemas: ClusterSchemas, store: Store, kind: Kind, old: Stored, new: Values) -> Values:
        if kind.qualified == "Service":
            addresses.fit_type(old.value["spec"], new["spec"])
        self._checked(schemas, store, kind, new)
        schemas.complete(kind, new)
        metadata = new["metadata"]
        if "generation" in metadata and _content(old.value) != _content(new):
            metadata["generation"] = old.value["metadata"]["generation"] + 1
        if new == old.value:
            return copy.deepcopy(new)
        if "deletionTimestamp" in metadata and not metadata.get("finalizers"):
            gone = [old, *dependents(store, old)]
            store.commit(Change(remove=[item.key for item in gone]))
            return copy.deepcopy(new)
        self._commit(schemas, store, kind, new, old)
        return copy.deepcopy(new)

    def _commit(self, schemas: ClusterSchemas, store: Store, kind: Kind, new: Values, old: Stored | None) -> None:
        """Judge an object against the cluster, then keep it."""
        problems: list[Problem] = []
        if kind.qualified == "Service":
            others = [s.value for s in store.find("", "Service") if old is None or s.key != old.key]
            problems += addresses.allocate(new, others)
        if old is not None:
            problems += refused_changes(kind, old.value, new)
        if not kind.custom:
            problems += missing(new, lambda name, namespace, wanted: _look_up(store, name, namespace, wanted))
        if problems:
            raise invalid(kind.qualified, new["metadata"]["name"], problems)
        change = Change(put=[Stored(new, furniture=old is not None and old.furniture)])
        brought = (admitted(schemas, value, CONTROLLERS) for value in _brought(store, kind, new, old))
        change.put += [Stored(value, furniture=True) for value in brought]
        store.commit(change)

    def _mark_deleted(self, store: Store, stored: Stored) -> Values:
        """Finalizers hold an object until their owner takes them off."""
        value = copy.deepcopy(stored.value)
        if "deletionTimestamp" not in value["metadata"]:
            value["metadata"] |= {"deletionTimestamp": now(), "deletionGracePeriodSeconds": 0}
            store.commit(Change(put=[Stored(value, stored.furniture)]))
        return copy.deepcopy(value)


def _schemas(version: str, store: Store) -> ClusterSchemas:
    return ClusterSchemas(schemas_of(version), (stored.value for stored in store.find(*DEFINITION)))


def _brought(store: Store, kind: Kind, new: Values, old: Stored | None) -> list[Values]:
    """What controllers make with an object, and others name: a namespace's account, claims, a certificate's Secret."""
    if kind.qualified == "Namespace" and old is None:
        return bootstrap.of_namespace(new["metadata"]["name"])
    made: Iterable[Values] = ()
    if kind.qualified == claims.SET:
        made = claims.claims_of(new)
    elif kind.qualified == certificates.CERTIFICATE:
        made = [certificates.secret_of(new)]
    return [value for value in made if store.get(Stored(value).key) is None]


def _as_asked(kind: Kind, value: Values) -> Values:
    """A copy of the object; one of several versions says the one that was asked for."""
    return copy.deepcopy(value) | {"apiVersion": kind.api_version}


def _look_up(store: Store, kind: str, namespace: str, name: str) -> Values | None:
    groups = {"PriorityClass": "scheduling.k8s.io", "StorageClass": "storage.k8s.io"}
    stored = store.get(Key(groups.get(kind, ""), kind, namespace, name))
    return stored.value if stored else None


def _stated(sent: Values) -> Values:
    """What a client may state: all but what the server sets."""
    metadata = {key: item for key, item in sent["metadata"].items() if key not in (*_SERVER_SET, "resourceVersion")}
    return sent | {"metadata": metadata}


def _content(value: Values) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in ("metadata", "status")}
