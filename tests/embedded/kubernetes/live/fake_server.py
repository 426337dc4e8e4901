"""A small stand-in for a kube-apiserver: objects by path, what was asked, and answers told beforehand."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from embedded.kubernetes.live.server import Server

Value = dict[str, Any]
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    body: Value | None
    content_type: str


@dataclass
class FakeServer:
    """`told`: answers to the next requests of a method and path, in order; else objects answer for themselves."""

    url: str = ""
    objects: dict[str, Value] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    told: dict[tuple[str, str], list[tuple[int, Value]]] = field(default_factory=dict)
    warning: str = ""

    @property
    def client(self) -> Server:
        return Server(self.url, "", "token", "us-east")

    def changes(self) -> list[Asked]:
        return [one for one in self.asked if one.method != "GET"]

    def refuse(self, method: str, path: str, code: int, reason: str, causes: list[Value] | None = None) -> None:
        answer = {"code": code, "reason": reason, "message": f"refused: {reason}", "details": {"causes": causes or []}}
        self.told.setdefault((method, path), []).append((code, answer))

    def answer(self, one: Asked) -> tuple[int, Value]:
        self.asked.append(one)
        if told := self.told.get((one.method, one.path)):
            return told.pop(0)
        match one.method:
            case "GET":
                return self._read(one.path)
            case "DELETE":
                gone = self.objects.pop(one.path, None)
                return (200, gone) if gone else _missing(one.path)
            case "POST":
                return 201, self._put(f"{one.path}/{(one.body or {})['metadata']['name']}", one.body or {})
            case _:
                return 200, self._put(one.path, one.body or {})

    def _read(self, path: str) -> tuple[int, Value]:
        if path in self.objects:
            return 200, self.objects[path]
        items = [value for place, value in self.objects.items() if place.rpartition("/")[0] == path]
        return (200, {"items": items}) if items or path == DEFINITIONS or self._serves(path) else _missing(path)

    def _serves(self, path: str) -> bool:
        names = [place.rpartition("/")[2] for place in self.objects if place.startswith(DEFINITIONS)]
        return any(path.endswith(f"/{name.partition('.')[0]}") for name in names)

    def _put(self, path: str, value: Value) -> Value:
        self.objects[path] = value
        if path.startswith(DEFINITIONS):
            value["status"] = {"conditions": [{"type": "Established", "status": "True"}]}
        return value


def _missing(path: str) -> tuple[int, Value]:
    return 404, {"code": 404, "reason": "NotFound", "message": f"{path} not found"}


@contextmanager
def fake_server() -> Iterator[FakeServer]:
    fake = FakeServer()

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._any
            raise AttributeError(name)

        def _any(self) -> None:
            split = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(
                self.command,
                split.path,
                dict(parse_qsl(split.query)),
                json.loads(body) if body else None,
                self.headers.get("Content-Type", ""),
            )
            status, value = fake.answer(asked)
            answer = json.dumps(value).encode()
            self.send_response(status)
            if fake.warning:
                self.send_header("Warning", f'299 - "{fake.warning}"')
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Requests) as http:
        http.daemon_threads = True
        http.block_on_close = False
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        fake.url = f"http://127.0.0.1:{http.server_port}"
        yield fake
        http.shutdown()
