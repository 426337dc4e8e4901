"""The Kubernetes REST API of clusters that have a real API server: requests go to it as they are, watches too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from embedded.kubernetes.errors import ApiError, Unreachable
from embedded.kubernetes.live.clusters import LiveClusters
from embedded.kubernetes.live.server import JSON

_PATCH: Final = "application/merge-patch+json"  # what our own face takes a patch without a content type for


@dataclass(frozen=True)
class Relayed:
    """An answer on its way: status, content type, and the body in parts. ApiError as a Status object."""

    status: int
    content_type: str
    parts: Iterable[bytes]


def relay(clusters: LiveClusters, host: str, method: str, target: str, body: bytes, headers: dict[str, str]) -> Relayed:
    """Hand a request on; `target` is path and query, `headers` in small letters.

    Raises ApiError, 503 where there is no such cluster.
    """
    try:
        api = clusters.api(host)
    except Unreachable as gone:
        raise ApiError(503, "ServiceUnavailable", str(gone)) from gone
    steps = target.partition("?")[0].strip("/").split("/")
    if steps[0] == "apis" and len(steps) > 3:
        plural = steps[5] if steps[3] == "namespaces" and len(steps) > 5 else steps[3]
        api.definitions.use(steps[1], plural)
    content_type = headers.get("content-type") or (_PATCH if method == "PATCH" else JSON)
    answer = api.server.raw(method, target, body or None, content_type, headers.get("accept", JSON), None)
    if method != "GET" and "customresourcedefinitions" in steps:
        api.definitions.forget()
    return Relayed(answer.status, answer.headers.get("Content-Type", JSON), answer.parts())
