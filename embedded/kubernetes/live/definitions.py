"""Kinds that charts bring to a real API server: made when somebody first uses them, with their true schemas.

A server that holds the schemas of every chart takes a gigabyte more than one with those in use. Schemas come from
`shared/crds` beside the project, where that folder is; else any object of the kind is taken, and `permissive` says so.
"""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from embedded.kubernetes import structural
from embedded.kubernetes.custom import DEFINITION, permissive, without_published
from embedded.kubernetes.errors import NOT_FOUND, ApiError
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.live.readiness import condition
from embedded.kubernetes.live.server import Server, path_of
from embedded.provider import Values
from embedded.stack_folder import write_whole

KIND: Final = Kind(DEFINITION[0], "v1", DEFINITION[1])
MANAGER: Final = "helm"
# Karpenter's controller watches its NodeClaims from its start on, and wants them to be there with its NodePools.
_TOGETHER: Final = {"nodepools.karpenter.sh": ("nodeclaims.karpenter.sh",)}
# Its project's definition is not ours to judge: agones' has fields that no API server knows.
_UNJUDGED: Final = {"fieldValidation": "Ignore"}
# Groups of Kubernetes' own need it (github.com/kubernetes/enhancements/pull/1111).
_PROTECTED: Final = (".k8s.io", ".kubernetes.io")
_APPROVAL: Final = "api-approved.kubernetes.io"
_FRESH_SECONDS: Final = 5.0  # others may make definitions, too
_SERVED_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.05


class Definitions:
    """The CustomResourceDefinitions of one server, and those that charts brought and nobody has used."""

    def __init__(self, server: Server, file: Path) -> None:
        self._server = server
        self._file = file  # what waits, for the next start of the cloud
        self._lock = threading.RLock()
        self._waiting: dict[str, Values] = json.loads(file.read_text()) if file.exists() else {}
        self._made: dict[str, Values] = {}
        self._read = float("-inf")

    def all(self) -> list[Values]:
        """Every definition by name, those not yet made too; without the schemas that are published anyway."""
        with self._lock:
            self._refresh()
            found = self._waiting | self._made
            return [found[name] for name in sorted(found)]

    def bring(self, definition: Values) -> None:
        """Take a chart's definition: a new one is made when it is used, one that is made is brought up to date."""
        with self._lock:
            self._refresh()
            name = definition["metadata"]["name"]
            if name in self._made:
                self._replace(name, definition)
            else:
                self._waiting[name] = definition
                self._save()

    def remove(self, name: str) -> None:
        """Delete a definition and with it all objects of its kind; returns when they are gone."""
        with self._lock:
            if self._waiting.pop(name, None) is not None:
                self._save()
            self._made.pop(name, None)
            try:
                self._server.ask("DELETE", path_of(KIND, name=name))
                self._until(lambda: self._live(name) is None, f"{name} is not gone")
            except ApiError as refusal:
                if refusal.code != NOT_FOUND:
                    raise

    def use(self, group: str, plural: str) -> None:
        """Make the kind's definition, if it is one that waits for that; returns when its objects are served."""
        name = f"{plural}.{group}"
        for each in (name, *_TOGETHER.get(name, ())):
            if each in self._waiting:
                with self._lock:
                    self._serve(each)

    def _serve(self, name: str) -> None:
        if name in self._waiting:
            self._make(self._whole(self._waiting[name]))
            self._until(lambda: self._is_served(name), f"{name} is not served")
            self._read = float("-inf")
            del self._waiting[name]
            self._save()

    def forget(self) -> None:
        """Read them anew when they are next asked for."""
        with self._lock:
            self._read = float("-inf")

    def permissive(self) -> list[str]:
        """Names of the definitions in use that take anything."""
        with self._lock:
            self._refresh()
            return sorted(name for name, item in self._made.items() if permissive(item) and not _is_published(item))

    def _refresh(self) -> None:
        if time.monotonic() - self._read > _FRESH_SECONDS:
            items = self._server.ask("GET", path_of(KIND))["items"]
            self._made = {item["metadata"]["name"]: without_published(item) for item in items}
            self._waiting = {name: item for name, item in self._waiting.items() if name not in self._made}
            self._read = time.monotonic()

    def _save(self) -> None:
        write_whole(self._file, json.dumps(self._waiting))

    def _make(self, definition: Values) -> None:
        """Created and not applied: agones' schemas carry keys that server-side apply refuses."""
        try:
            self._server.ask("POST", path_of(KIND), {"fieldManager": MANAGER, **_UNJUDGED}, definition)
        except ApiError as refusal:
            if refusal.reason != "AlreadyExists":  # a controller made its own
                raise

    def _replace(self, name: str, definition: Values) -> None:
        live = self._server.ask("GET", path_of(KIND, name=name))
        whole = self._whole(definition)
        metadata = live["metadata"] | {key: whole["metadata"][key] for key in ("labels", "annotations")}
        self._server.ask(
            "PUT",
            path_of(KIND, name=name),
            {"fieldManager": MANAGER, **_UNJUDGED},
            live | {"metadata": metadata, "spec": whole["spec"]},
        )
        self._read = float("-inf")

    def _whole(self, definition: Values) -> Values:
        """With what its project publishes in the place of no schemas."""
        result = copy.deepcopy(definition)
        spec, annotations = result["spec"], result["metadata"].setdefault("annotations", {})
        published = structural.published_definition(spec["group"], spec["names"]["kind"])
        if published is not None:
            whole = copy.deepcopy(published["spec"])
            whole.pop("conversion", None)  # by a webhook of the chart's, which does not run
            result["spec"] = whole
            approved = published["metadata"].get("annotations", {}).get(_APPROVAL)
        else:
            approved = "unapproved, stands for a definition without its schema"
        if spec["group"].endswith(_PROTECTED) and approved:
            annotations[_APPROVAL] = approved
        return result

    def _live(self, name: str) -> Values | None:
        try:
            return self._server.ask("GET", path_of(KIND, name=name))
        except ApiError as refusal:
            if refusal.code == NOT_FOUND:
                return None
            raise

    def _is_served(self, name: str) -> bool:
        live = self._live(name)
        if live is None or condition(live, "Established") != "True":
            return False
        spec = live["spec"]
        version = next(item["name"] for item in spec["versions"] if item["served"])
        try:
            self._server.ask("GET", f"/apis/{spec['group']}/{version}/{spec['names']['plural']}", {"limit": "1"})
        except ApiError as refusal:
            if refusal.code in (NOT_FOUND, 503):
                return False
            raise
        return True

    def _until(self, done: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + _SERVED_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise ApiError(504, "Timeout", f"customresourcedefinition {otherwise} after {_SERVED_SECONDS:.0f} s")
            time.sleep(_POLL_SECONDS)


def _is_published(definition: Values) -> bool:
    spec = definition["spec"]
    return structural.published_definition(spec["group"], spec["names"]["kind"]) is not None
