"""Requests to one kube-apiserver, over the transport of the official client."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from kubernetes.client import ApiClient, Configuration
from urllib3.exceptions import HTTPError

from embedded.kubernetes.errors import ApiError
from embedded.kubernetes.kinds import Kind
from embedded.provider import Values

JSON: Final = "application/json"
APPLY: Final = "application/apply-patch+yaml"  # JSON is YAML
_CONNECTIONS: Final = 64  # as many steps as the engine takes at once, and the loops beside them
_ANSWER_SECONDS: Final = 60.0  # the server's own limit on requests that are no watch
# RFC 7234 5.5: code, agent, quoted text
_WARNING: Final = re.compile(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"')


class Answer:
    """What came back: status, headers, and the body, whole or in parts."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self.status: int = response.status
        self.headers = response.headers

    def parts(self) -> Iterable[bytes]:
        """The body as it comes; of a watch this lasts."""
        parts: Iterable[bytes] = self._response.stream(None)
        return parts

    def whole(self) -> bytes:
        """The whole body."""
        body: bytes = self._response.data
        return body

    def close(self) -> None:
        """Give the connection up, whatever is still to come."""
        self._response.close()


class Server:
    """One API server. `warnings` holds what it said of requests it took: deprecated APIs, doubtful fields."""

    def __init__(self, url: str, authority: str, token: str, name: str) -> None:
        configuration = Configuration(host=url)
        configuration.ssl_ca_cert = authority
        configuration.connection_pool_maxsize = _CONNECTIONS
        self._rest = ApiClient(configuration).rest_client
        self._url = url
        self._token = token
        self._name = name
        self._lock = threading.Lock()
        self._warnings: set[str] = set()

    def warnings(self) -> list[str]:
        """What the server warned of so far, each sentence once."""
        with self._lock:
            return sorted(self._warnings)

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Values | None = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> Values:
        """The object that answers. ApiError for a refusal, 503 where the server does not answer."""
        sent = None if body is None else json.dumps(body).encode()
        answer = self.raw(method, f"{path}?{urlencode(query or {})}", sent, content_type, accept, _ANSWER_SECONDS)
        text = answer.whole()
        if answer.status >= 400:
            raise _refusal(answer.status, text)
        self._note(answer.headers)
        content: Values = json.loads(text)
        return content

    def raw(
        self, method: str, target: str, body: bytes | None, content_type: str, accept: str, seconds: float | None
    ) -> Answer:
        """Any request as it is; `target` is path and query, `seconds` None waits for as long as it takes."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept": accept}
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            # Not `rest.request`, which would judge the body by its content type and write it anew.
            response = self._rest.pool_manager.request(
                method, self._url + target, body=body, headers=headers, timeout=seconds, preload_content=False
            )
        except HTTPError as error:
            said = f"the API server of {self._name} does not answer: {error.__class__.__name__}"
            raise ApiError(503, "ServiceUnavailable", said) from error
        return Answer(response)

    def _note(self, headers: Any) -> None:
        for header in headers.getlist("Warning"):
            with self._lock:
                self._warnings |= {text.replace('\\"', '"') for text in _WARNING.findall(header)}


def path_of(kind: Kind, namespace: str = "", name: str = "") -> str:
    """Where the server has a kind's objects; without a namespace those of all, without a name the collection."""
    steps = ["", "apis", kind.group, kind.version] if kind.group else ["", "api", kind.version]
    if kind.namespaced and namespace:
        steps += ["namespaces", quote(namespace, safe="")]
    return "/".join([*steps, kind.plural, *([quote(name, safe="")] if name else [])])


def _refusal(status: int, text: bytes) -> ApiError:
    try:
        said = json.loads(text)
        return Refusal(status, str(said.get("reason", "")), str(said.get("message", "")), said.get("details") or {})
    except (ValueError, AttributeError):
        return ApiError(status, "", text.decode(errors="replace").strip() or f"the API server answered {status}")


class Refusal(ApiError):
    """A refusal with the server's own details (metav1.StatusDetails)."""

    def __init__(self, code: int, reason: str, message: str, details: Values) -> None:
        super().__init__(code, reason, message)
        self.details = details

    def holders(self) -> list[str]:
        """Field managers that hold what an apply wanted otherwise; empty if the refusal is another."""
        found = []
        for cause in self.details.get("causes") or []:
            if cause.get("reason") == "FieldManagerConflict":
                named = re.search(r'conflict with "([^"]*)"', cause.get("message", ""))
                found.append(named[1] if named else "")
        return found
