"""Clusters to test with."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from embedded.kubernetes.http import handle_http
from tests.embedded.kubernetes.cluster_world import (
    CONFIG_MAP,
    FAST,
    GAME,
    HOST,
    NAMESPACE,
    SETTINGS,
    STORAGE_CLASS,
    World,
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A fresh cluster of Kubernetes 1.35."""
    return World(tmp_path)


@pytest.fixture
def game(world: World) -> World:
    """A cluster with a namespace, a ConfigMap and a StorageClass that a StatefulSet needs."""
    world.make(NAMESPACE, GAME)
    world.make(CONFIG_MAP, SETTINGS)
    world.make(STORAGE_CLASS, FAST)
    return world


@pytest.fixture
def served(game: World) -> Iterator[str]:
    """The cluster behind a socket; also at /kubernetes/HOST, as the embedded cloud serves it."""

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            status, answer = handle_http(
                game.clusters,
                HOST,
                self.command,
                parts.path.removeprefix(f"/kubernetes/{HOST.lower()}"),
                parse_qs(parts.query),
                self.rfile.read(length),
                self.headers.get("Content-Type", ""),
            )
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
