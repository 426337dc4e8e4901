"""Programs that stand for etcd, Kubernetes' and kwok's: each serves 200 where the real one says that it is ready."""

import sys
from pathlib import Path

import pytest

NAMES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "karpenter")

_SERVER = """#!{python} -IS
import http.server, ssl, sys
flags = dict(each[2:].split("=", 1) for each in sys.argv[1:])
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
urls = flags.get("listen-client-urls") or flags.get("server-address") or ""
port = urls.rpartition(":")[2] or flags.get("secure-port") or flags["health-probe-port"]
server = http.server.HTTPServer(("127.0.0.1", int(port)), Answers)
certificate = flags.get("tls-cert-file") or flags.get("cert-file")
if certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, flags.get("tls-private-key-file") or flags.get("key-file"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


def stand_ins(folder: Path) -> dict[str, Path]:
    """Path of each by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        script(folder / name, _SERVER.format(python=sys.executable))
    return {name: folder / name for name in NAMES}


def script(path: Path, text: str) -> Path:
    """An executable file."""
    path.write_text(text)
    path.chmod(0o755)
    return path


def room_for(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    """Let the machine have so many bytes of memory free."""
    monkeypatch.setattr("embedded.control_plane.plane.free_memory", lambda: free)
