"""What the provider asks of a cluster's API, whoever answers: our own in embedded/kubernetes/cluster.py, or a real one.

Every call raises ApiError for a refusal and Unreachable where the cluster is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from embedded.kubernetes.custom import ClusterSchemas
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.store import Change, Key, Stored
from embedded.provider import Values

_Result = TypeVar("_Result")


class Objects(Protocol):
    """All objects of a cluster, for changes of several at once; `embedded.kubernetes.store.Store` is one."""

    def get(self, key: Key) -> Stored | None: ...
    def find(self, group: str, kind: str, namespace: str = "") -> Iterable[Stored]: ...
    def commit(self, change: Change) -> None: ...


class Api(Protocol):
    """One cluster's API. Objects given are not changed, objects returned are the caller's own."""

    def schemas(self) -> ClusterSchemas:
        """The kinds this cluster serves."""
        ...

    def transact(self, decide: Callable[[ClusterSchemas, Objects], _Result]) -> _Result:
        """Do what Helm does in one go, and nothing of the kind in between."""
        ...

    def get(self, kind: Kind, namespace: str, name: str) -> Values:
        """The object. 404 if it is not there."""
        ...

    def list_objects(self, kind: Kind, namespace: str, wanted: Callable[[Values], bool]) -> list[Values]:
        """Objects of a kind in a namespace (empty: in all) that `wanted` says yes to, by name."""
        ...

    def create(self, value: Values, manager: str) -> Values:
        """Make an object. 409 if its name is taken: nothing is adopted."""
        ...

    def apply(self, value: Values, manager: str, *, force: bool = False, must_exist: bool = False) -> Values:
        """Server-side apply. 409 where another manager states otherwise, unless `force`; 404 with `must_exist`."""
        ...

    def delete(self, kind: Kind, namespace: str, name: str, orphan: bool = False) -> Values:
        """Delete an object and, unless `orphan`, what it owns; the object as it was."""
        ...

    def ready(self, kind: Kind, live: Values, seconds: float) -> tuple[Values, list[str]]:
        """The object once controllers have made of it what it says; or, after so many seconds, why it is not so."""
        ...

    def gone(self, kind: Kind, namespace: str, name: str, seconds: float) -> Values | None:
        """None once the object is gone, the object if it still is there after so many seconds."""
        ...


class ManyClusters(Protocol):
    """The clusters of one stack's cloud, by the host name of their API."""

    def api(self, host: str) -> Api:
        """The API at a host. Its calls raise Unreachable while no cluster is there."""
        ...

    def inventory(self) -> list[dict[str, str]]:
        """Host, group, kind, namespace and name of all that users made in clusters that are there."""
        ...
