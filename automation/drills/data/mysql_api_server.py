"""A stand-in for the API server as the agents use it: pods, ConfigMaps and Leases of one namespace, over TLS."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "stand-in"  # the only one that is let in
Object = dict[str, Any]


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Objects:
    """Objects by path. Versions are checked as the API server does: an update of an old one is a conflict."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._objects: dict[str, Object] = {}
        self._version = 0
        self.founded = 0  # how many ConfigMaps were ever created

    def get(self, path: str) -> Object:
        """A copy. Raises Refusal with 404."""
        with self._lock:
            if path not in self._objects:
                raise Refusal(404)
            copy: Object = json.loads(json.dumps(self._objects[path]))
            return copy

    def create(self, path: str, body: Object) -> Object:
        """Below a collection's path. Raises Refusal with 409 if the name is taken."""
        place = f"{path}/{body['metadata']['name']}"
        with self._lock:
            if place in self._objects:
                raise Refusal(409)
            self.founded += "/configmaps/" in place
            return self._store(place, body)

    def update(self, path: str, body: Object) -> Object:
        """Raises Refusal with 409 if the body's version is not the present one."""
        with self._lock:
            if self.get(path)["metadata"]["resourceVersion"] != body["metadata"].get("resourceVersion"):
                raise Refusal(409)
            return self._store(path, body)

    def patch(self, path: str, changes: Object) -> Object:
        """A JSON merge patch."""
        with self._lock:
            merged: Object = _merged(self.get(path), changes)
            return self._store(path, merged)

    def delete(self, path: str) -> None:
        """Raises Refusal with 404."""
        with self._lock:
            self.get(path)
            del self._objects[path]

    def _store(self, path: str, body: Object) -> Object:
        self._version += 1
        body["metadata"]["resourceVersion"] = str(self._version)
        self._objects[path] = body
        return self.get(path)


class StandIn:
    """Serves `objects` on a port of `host` from `start` to `stop`."""

    def __init__(self, certificate: Path, key: Path, host: str) -> None:
        self.objects = Objects()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = ThreadingHTTPServer((host, 0), _handler(self.objects))
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    def start(self) -> None:
        """Begins to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Ends, and waits for it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _merged(old: Any, changes: Any) -> Any:
    if not isinstance(changes, dict):
        return changes
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result


def _handler(objects: Objects) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            try:
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    raise Refusal(401)
                status, body = 200, self._called()
            except Refusal as refusal:
                status, body = refusal.status, {"kind": "Status", "code": refusal.status}
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def _called(self) -> Object:
            length = int(self.headers.get("Content-Length") or 0)
            body: Object = json.loads(self.rfile.read(length)) if length else {}
            if self.command == "GET":
                return objects.get(self.path)
            if self.command == "POST":
                return objects.create(self.path, body)
            return objects.update(self.path, body) if self.command == "PUT" else objects.patch(self.path, body)

        do_GET = do_POST = do_PUT = do_PATCH = _answer  # noqa: N815

        def log_message(self, *_arguments: object) -> None:
            """Nobody reads it."""

    return Handler
