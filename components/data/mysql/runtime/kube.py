"""What the agent asks the API server: labels of pods, the ConfigMap of the group's state, the Lease of its founding."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from .decide import Founded
from .gtids import GtidSet

STATE, LEASE = "mysql-cluster-state", "mysql-bootstrap"
ROLE = "role"
CONDITION = "game-regions/mysql-condition"
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
SECONDS = 3  # for an answer
_MERGE = "application/merge-patch+json"


class KubeError(Exception):
    """The API server refused or did not answer. `status` is 0 where it did not."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Kube(Protocol):
    """The port. Every method raises KubeError."""

    def role(self, pod: str) -> str | None:
        """The pod's label, None where it has none or does not exist."""

    def set_role(self, pod: str, role: str | None) -> None:
        """Labels a pod, or takes the label; a pod that does not exist needs none."""

    def say(self, pod: str, condition: str | None) -> None:
        """Writes on the pod what a human must decide, or takes it off."""

    def founded(self) -> Founded | None:
        """What is kept about the group, None if none was ever founded."""

    def create_founded(self) -> bool:
        """Keeps that a group is being founded; False where that is kept already."""

    def record(self, executed: GtidSet) -> None:
        """Keeps what the group has executed."""

    def take_lease(self, holder: str, seconds: int) -> bool:
        """Holds the Lease, anew for so many seconds if it is held already; False while it is another's."""

    def release_lease(self, holder: str) -> None:
        """Gives the Lease back if it is held."""


@dataclass(kw_only=True)
class ApiServer:
    """The port on a real API server. Another's Lease counts as over by this process's own clock, not by the other's."""

    url: str
    namespace: str
    account: Path
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._seen: tuple[str, float] = ("", 0.0)  # resource version of the Lease, and when it was first seen

    def role(self, pod: str) -> str | None:
        """See Kube."""
        found = self._find(self._pod(pod))
        value = ((found or {}).get("metadata", {}).get("labels") or {}).get(ROLE)
        return None if value is None else str(value)

    def set_role(self, pod: str, role: str | None) -> None:
        """See Kube."""
        self._patch_pod(pod, {"labels": {ROLE: role}})

    def say(self, pod: str, condition: str | None) -> None:
        """See Kube."""
        self._patch_pod(pod, {"annotations": {CONDITION: condition}})

    def founded(self) -> Founded | None:
        """See Kube."""
        found = self._find(self._core(f"configmaps/{STATE}"))
        if found is None:
            return None
        data = found.get("data") or {}
        missing = [name.strip() for name in data.get("allowMissing", "").split(",") if name.strip()]
        return Founded(
            recorded=GtidSet.parse(data.get("executed", "")),
            allow_missing=frozenset(int(name.rpartition("-")[2]) for name in missing),
        )

    def create_founded(self) -> bool:
        """See Kube."""
        # A restored record of a group that is no more would keep the next one from being founded.
        metadata = {"name": STATE, "labels": {"velero.io/exclude-from-backup": "true"}}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"executed": ""}}
        return self._create(self._core("configmaps"), body)

    def record(self, executed: GtidSet) -> None:
        """See Kube."""
        data = {"executed": str(executed), "recordedAt": _now()}
        self._call("PATCH", self._core(f"configmaps/{STATE}"), {"data": data}, kind=_MERGE)

    def take_lease(self, holder: str, seconds: int) -> bool:
        """See Kube."""
        leases = f"/apis/coordination.k8s.io/v1/namespaces/{self.namespace}/leases"
        spec = {"holderIdentity": holder, "leaseDurationSeconds": seconds, "renewTime": _now()}
        found = self._find(f"{leases}/{LEASE}")
        if found is None:
            kind = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
            return self._create(leases, {**kind, "metadata": {"name": LEASE}, "spec": {**spec, "acquireTime": _now()}})
        if not self._is_free(found, holder):
            return False
        try:
            # With the version that was read: of two that try, one is refused.
            self._call("PUT", f"{leases}/{LEASE}", {**found, "spec": {**found.get("spec", {}), **spec}})
        except KubeError as error:
            if error.status == 409:
                return False
            raise
        return True

    def release_lease(self, holder: str) -> None:
        """See Kube."""
        path = f"/apis/coordination.k8s.io/v1/namespaces/{self.namespace}/leases/{LEASE}"
        found = self._find(path)
        if found is not None and found.get("spec", {}).get("holderIdentity") == holder:
            self._call("PUT", path, {**found, "spec": {**found["spec"], "holderIdentity": None}})

    def _is_free(self, lease: dict[str, Any], holder: str) -> bool:
        spec = lease.get("spec", {})
        if not spec.get("holderIdentity") or spec["holderIdentity"] == holder:
            return True
        version = str(lease["metadata"].get("resourceVersion", ""))
        if self._seen[0] != version:
            self._seen = (version, self.clock())
        return self.clock() - self._seen[1] > float(spec.get("leaseDurationSeconds") or 0)

    def _pod(self, pod: str) -> str:
        return self._core(f"pods/{pod}")

    def _core(self, rest: str) -> str:
        return f"/api/v1/namespaces/{self.namespace}/{rest}"

    def _patch_pod(self, pod: str, metadata: dict[str, Any]) -> None:
        try:
            self._call("PATCH", self._pod(pod), {"metadata": metadata}, kind=_MERGE)
        except KubeError as error:
            if error.status != 404:
                raise

    def _find(self, path: str) -> dict[str, Any] | None:
        try:
            return self._call("GET", path)
        except KubeError as error:
            if error.status == 404:
                return None
            raise

    def _create(self, path: str, body: dict[str, Any]) -> bool:
        try:
            self._call("POST", path, body)
        except KubeError as error:
            if error.status == 409:
                return False
            raise
        return True

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, kind: str = "application/json"
    ) -> dict[str, Any]:
        # Both are read anew each time: the kubelet renews the token.
        token = (self.account / "token").read_text().strip()
        context = ssl.create_default_context(cafile=str(self.account / "ca.crt"))
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": kind, "Accept": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS, context=context) as answer:
                result: dict[str, Any] = json.load(answer)
                return result
        except urllib.error.HTTPError as error:
            with error:
                raise KubeError(error.code, f"{method} {path}: {error.code} {error.read(500)!r}") from error
        except (OSError, ValueError) as error:
            raise KubeError(0, f"{method} {path}: {error}") from error


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
