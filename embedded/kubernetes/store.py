"""What a cluster keeps: objects by kind, namespace and name. Every change is written to the journal before it is made.

A change is recorded as its result (the objects put, with their uids, versions and times, and the keys removed), so a
replay needs neither clock nor chance. Objects hold Secrets in plain text, as etcd does.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from embedded.provider import Values


class Journal(Protocol):
    """Writes one mutation down before it is made."""

    def record(self, kind: str, entry: dict[str, Any]) -> int: ...


class Key(NamedTuple):
    """Where an object stands. `namespace` is empty for kinds without one."""

    group: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True)
class Stored:
    """An object as the API holds it. `furniture`: the cluster brought or made it itself, no user did."""

    value: Values
    furniture: bool = False

    @property
    def key(self) -> Key:
        group = self.value["apiVersion"].rpartition("/")[0]
        metadata = self.value["metadata"]
        return Key(group, self.value["kind"], metadata.get("namespace", ""), metadata["name"])


@dataclass
class Change:
    """Objects to put and keys to remove, at once."""

    put: list[Stored] = field(default_factory=list)
    remove: list[Key] = field(default_factory=list)


class Store:
    """The objects of one cluster. Callers hold the cloud's lock."""

    def __init__(self, host: str, journal: Journal) -> None:
        self.host = host
        self._journal = journal
        self._objects: dict[Key, Stored] = {}
        self._version = 0

    @property
    def version(self) -> int:
        """The resourceVersion of the newest change."""
        return self._version

    def get(self, key: Key) -> Stored | None:
        """The object, or None. It must not be changed in place."""
        return self._objects.get(key)

    def find(self, group: str, kind: str, namespace: str = "") -> Iterator[Stored]:
        """Objects of a kind, in one namespace or (empty) in all, by name."""
        found = [key for key in self._objects if (key.group, key.kind) == (group, kind)]
        for key in sorted(found):
            if namespace in ("", key.namespace):
                yield self._objects[key]

    def all(self) -> list[Stored]:
        """Everything, ordered."""
        return [self._objects[key] for key in sorted(self._objects)]

    def commit(self, change: Change) -> None:
        """Number, record and make a change. OSError (nothing is changed) when the journal cannot be written."""
        for offset, stored in enumerate(change.put, start=1):
            stored.value["metadata"]["resourceVersion"] = str(self._version + offset)
        entry = {
            "host": self.host,
            "put": [{"value": stored.value, "furniture": stored.furniture} for stored in change.put],
            "remove": [list(key) for key in change.remove],
        }
        self._journal.record("kubernetes", entry)
        self.replay(entry)

    def fill(self, version: int, objects: list[Stored]) -> None:
        """Hold exactly these objects."""
        self._version = version
        self._objects = {stored.key: stored for stored in objects}

    def replay(self, entry: dict[str, Any]) -> None:
        """Make a recorded change."""
        for parts in entry["remove"]:
            self._objects.pop(Key(*parts), None)
        for put in entry["put"]:
            stored = Stored(copy.deepcopy(put["value"]), put["furniture"])
            self._objects[stored.key] = stored
        self._version += max(1, len(entry["put"]))
