"""A real cluster's objects as Helm's part of the embedded cloud sees them (`embedded.kubernetes.protocol.Objects`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from embedded.kubernetes.custom import DEFINITION, ClusterSchemas
from embedded.kubernetes.errors import NOT_FOUND, ApiError
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.live.definitions import MANAGER, Definitions
from embedded.kubernetes.live.server import Server, path_of
from embedded.kubernetes.store import Change, Key, Stored
from embedded.provider import Values

# What the server sets by itself.
_SERVER_SET: Final = ("uid", "creationTimestamp", "generation", "managedFields", "resourceVersion")


class LiveObjects:
    """What Helm looks at and changes. A chart's definitions are made when somebody uses them."""

    def __init__(self, server: Server, definitions: Definitions, schemas: Callable[[], ClusterSchemas]) -> None:
        self._server = server
        self._definitions = definitions
        self._schemas = schemas

    def get(self, key: Key) -> Stored | None:
        """The object, or None."""
        if (key.group, key.kind) == DEFINITION:
            return next((item for item in self._defined() if item.key.name == key.name), None)
        kind = self._kind(key.group, key.kind)
        try:
            return Stored(self._server.ask("GET", path_of(kind, key.namespace, key.name)))
        except ApiError as refusal:
            if refusal.code == NOT_FOUND:
                return None
            raise

    def find(self, group: str, kind: str, namespace: str = "") -> Iterator[Stored]:
        """Objects of a kind, in one namespace or (empty) in all; none of a kind that nobody has used."""
        if (group, kind) == DEFINITION:
            yield from self._defined()
            return
        known = self._kind(group, kind)
        try:
            items = self._server.ask("GET", path_of(known, namespace))["items"]
        except ApiError as refusal:
            if refusal.code != NOT_FOUND:
                raise
            return
        for item in items:
            yield Stored({"apiVersion": known.api_version, "kind": kind} | item)

    def commit(self, change: Change) -> None:
        """Put and remove one object after the other. What the cluster brings by itself is left to it."""
        for stored in change.put:
            if stored.furniture:
                continue
            if (stored.key.group, stored.key.kind) == DEFINITION:
                self._definitions.bring(_stated(stored.value))
            else:
                self._put(stored)
        for key in change.remove:
            if (key.group, key.kind) == DEFINITION:
                self._definitions.remove(key.name)
            else:
                self._remove(key)

    def _defined(self) -> list[Stored]:
        identity = {"apiVersion": f"{DEFINITION[0]}/v1", "kind": DEFINITION[1]}
        return [Stored(identity | item) for item in self._definitions.all()]

    def _put(self, stored: Stored) -> None:
        key, value = stored.key, _stated(stored.value)
        kind, query = self._kind(key.group, key.kind), {"fieldManager": MANAGER, "fieldValidation": "Strict"}
        if self.get(key) is None:
            self._server.ask("POST", path_of(kind, key.namespace), query, value)
        else:
            self._server.ask("PUT", path_of(kind, key.namespace, key.name), query, value)

    def _remove(self, key: Key) -> None:
        try:
            self._server.ask("DELETE", path_of(self._kind(key.group, key.kind), key.namespace, key.name))
        except ApiError as refusal:
            if refusal.code != NOT_FOUND:  # it went with its definition
                raise

    def _kind(self, group: str, name: str) -> Kind:
        return next(kind for kind in self._schemas().kinds() if (kind.group, kind.name) == (group, name))


def _stated(value: Values) -> Values:
    metadata = {field: item for field, item in value["metadata"].items() if field not in _SERVER_SET}
    return value | {"metadata": metadata}
