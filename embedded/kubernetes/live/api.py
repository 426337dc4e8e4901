"""One cluster's API at a real kube-apiserver: the methods of `embedded.kubernetes.protocol.Api` over HTTPS."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from embedded.kubernetes.checks.basics import known_map
from embedded.kubernetes.custom import ClusterSchemas
from embedded.kubernetes.errors import NOT_FOUND, ApiError, already_exists, bad_request, not_found
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.live.definitions import KIND as DEFINITION_KIND
from embedded.kubernetes.live.definitions import Definitions
from embedded.kubernetes.live.objects import LiveObjects
from embedded.kubernetes.live.readiness import Failed, is_awaited, missing
from embedded.kubernetes.live.reasons import reasons_of, selector_of
from embedded.kubernetes.live.server import APPLY, Refusal, Server, path_of
from embedded.kubernetes.managers import by_hand
from embedded.kubernetes.protocol import Objects
from embedded.kubernetes.schemas import UnknownKind, schemas_of
from embedded.provider import Values

_Result = TypeVar("_Result")
_STRICT: Final = {"fieldValidation": "Strict"}
_POLLS: Final = (0.1, 0.2, 0.4, 0.8, 1.0)  # seconds between looks, the last for ever
_PODS: Final = Kind("", "v1", "Pod")
_ENDPOINTS: Final = Kind("discovery.k8s.io", "v1", "EndpointSlice")
_CLASSES: Final = Kind("storage.k8s.io", "v1", "StorageClass")


class LiveClusterApi:
    """A real API server of Kubernetes `version` (`1.35`), with what it does not keep itself in `folder`."""

    def __init__(self, server: Server, version: str, folder: Path) -> None:
        self.server = server
        self.definitions = Definitions(server, folder / "definitions.json")
        self._version = version
        self._helm = threading.RLock()
        self._ended = threading.Event()

    def end(self) -> None:
        """Whoever waits for something waits no longer, but is refused."""
        self._ended.set()

    def schemas(self) -> ClusterSchemas:
        """The kinds this cluster serves, those of charts not yet used too."""
        return ClusterSchemas(schemas_of(self._version), self.definitions.all())

    def transact(self, decide: Callable[[ClusterSchemas, Objects], _Result]) -> _Result:
        """What Helm does, one release after the other; a real server knows no change of several objects at once."""
        with self._helm:
            return decide(self.schemas(), LiveObjects(self.server, self.definitions, self.schemas))

    def get(self, kind: Kind, namespace: str, name: str) -> Values:
        """The object. 404 if it is not there."""
        self._use(kind)
        return self.server.ask("GET", path_of(kind, namespace, name))

    def list_objects(self, kind: Kind, namespace: str, wanted: Callable[[Values], bool]) -> list[Values]:
        """Objects of a kind in a namespace (empty: in all) that `wanted` says yes to, by name."""
        self._use(kind)
        return [item for item in listed(self.server, kind, namespace) if wanted(item)]

    def create(self, value: Values, manager: str) -> Values:
        """Make an object. 409 if its name is taken: nothing is adopted.

        By server-side apply, as the provider does it, so that later applies know their own fields again.
        """
        kind, sent = self._prepared(value)
        metadata = sent["metadata"]
        if not metadata.get("name"):
            query = {"fieldManager": manager, **_STRICT}
            return self.server.ask("POST", path_of(kind, metadata.get("namespace", "")), query, sent)
        if self._find(kind, metadata.get("namespace", ""), metadata["name"]) is not None:
            raise already_exists(kind.resource, metadata["name"])
        return self._apply(kind, sent, manager, force=False)

    def apply(self, value: Values, manager: str, *, force: bool = False, must_exist: bool = False) -> Values:
        """Server-side apply. A field that a person changed with kubectl is taken back.

        Without `force`, 409 if another manager states a different value of a field. With `must_exist`, 404 where it
        would make the object.
        """
        kind, sent = self._prepared(value)
        metadata = sent["metadata"]
        if not metadata.get("name"):
            raise bad_request("name is required to apply an object")
        if must_exist and self._find(kind, metadata.get("namespace", ""), metadata["name"]) is None:
            raise not_found(kind.resource, metadata["name"])
        try:
            return self._apply(kind, sent, manager, force)
        except Refusal as refusal:
            holders = refusal.holders()
            if not holders or not by_hand(holders):
                raise
            return self._apply(kind, sent, manager, force=True)

    def delete(self, kind: Kind, namespace: str, name: str, orphan: bool = False) -> Values:
        """Delete an object and, unless `orphan`, what it owns, first that; the object as it is on its way out."""
        self._use(kind)
        policy = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "propagationPolicy": "Orphan" if orphan else "Foreground",
        }
        gone = self.server.ask("DELETE", path_of(kind, namespace, name), None, policy)
        if kind == DEFINITION_KIND:
            self.definitions.forget()
        return gone

    def ready(self, kind: Kind, live: Values, seconds: float) -> tuple[Values, list[str]]:
        """The object once controllers have made of it what it says; or why, after so many seconds, it is not so."""
        if not is_awaited(live):
            return live, []
        metadata = live["metadata"]
        namespace, name = metadata.get("namespace", ""), metadata["name"]
        deadline, look = time.monotonic() + seconds, 0
        while True:
            try:
                problems = self._missing(live)
                given_up = False
            except Failed as failed:
                problems, given_up = [str(failed)], True
            if not problems:
                return live, []
            if given_up or time.monotonic() > deadline:
                return live, [*problems, *self._reasons(live)]
            self._pause(look)
            look += 1
            live = self.get(kind, namespace, name)

    def gone(self, kind: Kind, namespace: str, name: str, seconds: float) -> Values | None:
        """None once the object is gone, the object if it still is there after so many seconds."""
        deadline, look = time.monotonic() + seconds, 0
        while (live := self._find(kind, namespace, name)) is not None and time.monotonic() < deadline:
            self._pause(look)
            look += 1
        return live

    def _pause(self, look: int) -> None:
        if self._ended.wait(_POLLS[min(look, len(_POLLS) - 1)]):
            raise ApiError(503, "ServiceUnavailable", "the embedded cloud was left while something was awaited")

    def _missing(self, live: Values) -> list[str]:
        return missing(live, lambda: self._targets(live), lambda: self._waits_for_consumer(live))

    def _targets(self, service: Values) -> bool:
        metadata = service["metadata"]
        query = {"labelSelector": f"kubernetes.io/service-name={metadata['name']}"}
        slices = self.server.ask("GET", path_of(_ENDPOINTS, metadata["namespace"]), query)["items"]
        endpoints = (end for each in slices for end in each.get("endpoints") or [])
        return any(known_map(end, "conditions").get("ready") is not False for end in endpoints)

    def _waits_for_consumer(self, claim: Values) -> bool:
        name = claim["spec"].get("storageClassName")
        live = self._find(_CLASSES, "", name) if name else None
        return live is not None and live.get("volumeBindingMode") == "WaitForFirstConsumer"

    def _reasons(self, live: Values) -> list[str]:
        selector = selector_of(live)
        if not selector:
            return []
        path = path_of(_PODS, live["metadata"]["namespace"])
        return reasons_of(self.server.ask("GET", path, {"labelSelector": selector})["items"])

    def _prepared(self, value: Values) -> tuple[Kind, Values]:
        try:
            kind = self.schemas().kind(str(value.get("apiVersion", "")), str(value.get("kind", "")))
        except UnknownKind as unknown:
            raise ApiError(NOT_FOUND, "NotFound", str(unknown)) from unknown
        self._use(kind)
        sent = copy.deepcopy(value)
        metadata = sent.setdefault("metadata", {})
        if kind.namespaced:
            metadata.setdefault("namespace", "default")
        return kind, sent

    def _use(self, kind: Kind) -> None:
        if kind.custom:
            self.definitions.use(kind.group, kind.plural)

    def _find(self, kind: Kind, namespace: str, name: str) -> Values | None:
        try:
            return self.get(kind, namespace, name)
        except ApiError as refusal:
            if refusal.code == NOT_FOUND:
                return None
            raise

    def _apply(self, kind: Kind, sent: Values, manager: str, force: bool) -> Values:
        metadata = sent["metadata"]
        query = {"fieldManager": manager, "force": str(force).lower(), **_STRICT}
        applied = self.server.ask(
            "PATCH", path_of(kind, metadata.get("namespace", ""), metadata["name"]), query, sent, APPLY
        )
        if kind == DEFINITION_KIND:
            self.definitions.forget()
        return applied


def listed(server: Server, kind: Kind, namespace: str = "") -> list[Values]:
    """All objects of a kind, each with the version and kind that a list leaves out."""
    identity = {"apiVersion": kind.api_version, "kind": kind.name}
    items = server.ask("GET", path_of(kind, namespace))["items"]
    return sorted((identity | item for item in items), key=_place)


def _place(item: Values) -> tuple[str, str]:
    return item["metadata"].get("namespace", ""), item["metadata"]["name"]
