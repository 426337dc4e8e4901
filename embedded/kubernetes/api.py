"""The Kubernetes clusters of one stack's cloud, by the host name of their API.

A cluster is there as long as the AWS half says so; its objects go with it, for its host name never comes back.
`Clusters.api(host)` is what everybody talks to: providers, and the HTTP API that recovery and kubectl use.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from embedded.kubernetes.bootstrap import FURNISHER, furniture
from embedded.kubernetes.cluster import ClusterApi, admitted
from embedded.kubernetes.custom import ClusterSchemas
from embedded.kubernetes.errors import Unreachable
from embedded.kubernetes.schemas import schemas_of
from embedded.kubernetes.store import Change, Journal, Store, Stored


@dataclass(frozen=True)
class ClusterFacts:
    """What AWS says of a cluster: its name and Kubernetes version (`1.35`)."""

    name: str
    version: str


class Clusters:
    """All clusters. `facts(host)` asks AWS for the cluster whose endpoint has this host name; None if there is none."""

    def __init__(self, journal: Journal, lock: threading.RLock, facts: Callable[[str], ClusterFacts | None]) -> None:
        self._journal = journal
        self._lock = lock
        self._facts = facts
        self._stores: dict[str, Store] = {}

    def api(self, host: str) -> ClusterApi:
        """The API at a host. Its calls raise Unreachable while no cluster is there."""
        return ClusterApi(self._lock, lambda: self._open(host))

    def inventory(self) -> list[dict[str, str]]:
        """Everything that users made in clusters that are there, without what a cluster brings itself."""
        with self._lock:
            return [
                {"host": host, **stored.key._asdict()}
                for host in sorted(self._stores)
                if self._facts(host) is not None
                for stored in self._stores[host].all()
                if not stored.furniture
            ]

    def replay(self, entry: dict[str, Any], sequence: int) -> None:
        """Make a journaled change again."""
        del sequence  # versions stand in the entry
        self._store(entry["host"]).replay(entry)

    def snapshot(self) -> bytes:
        """All objects as bytes, for `restore`."""
        return pickle.dumps({host: (store.version, store.all()) for host, store in self._stores.items()})

    def restore(self, data: bytes) -> None:
        """Fetch back what `snapshot` put away."""
        for host, (version, objects) in pickle.loads(data).items():
            self._store(host).fill(version, objects)

    def _open(self, host: str) -> tuple[str, Store]:
        facts = self._facts(host)
        if facts is None:
            raise Unreachable(host)
        store = self._store(host)
        if store.version == 0:
            schemas = ClusterSchemas(schemas_of(facts.version), ())
            fresh = [Stored(admitted(schemas, value, FURNISHER), furniture=True) for value in furniture(facts.version)]
            store.commit(Change(put=fresh))
        return facts.version, store

    def _store(self, host: str) -> Store:
        key = host.lower()  # DNS does not tell cases apart, and clients write host names small
        return self._stores.setdefault(key, Store(key, self._journal))
