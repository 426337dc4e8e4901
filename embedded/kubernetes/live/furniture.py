"""What EKS puts into a new cluster and a plain control plane does not have."""

from __future__ import annotations

from embedded.kubernetes.bootstrap import FURNISHER, storage_class
from embedded.kubernetes.errors import NOT_FOUND, ApiError
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.live.server import APPLY, Server, path_of

_STORAGE_CLASS = Kind("storage.k8s.io", "v1", "StorageClass")


def furnish(server: Server, version: str) -> None:
    """Make the StorageClass that EKS brings, if it is not there."""
    wanted = storage_class(version)
    path = path_of(_STORAGE_CLASS, name=wanted["metadata"]["name"])
    try:
        server.ask("GET", path)
    except ApiError as refusal:
        if refusal.code != NOT_FOUND:
            raise
        server.ask("PATCH", path, {"fieldManager": FURNISHER}, wanted, APPLY)
