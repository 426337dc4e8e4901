"""What a cluster gives Redis's pods: names with addresses, and the zones of nodes."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class KubernetesApi:
    """Answers what `runtime.kube` asks: which pod is on which node, and each node's zone. `zones` by pod."""

    def __init__(self, zones: dict[str, str], folder: Path, host: str) -> None:
        self.zones, self.token = zones, folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "token").write_text("of-a-drill")
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(api.answer(self.path)).encode()
                allowed = self.headers["Authorization"] == "Bearer of-a-drill"
                self.send_response(200 if allowed else 403)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://{host}:{self._server.server_port}"

    def answer(self, path: str) -> object:
        """A list of pods, or the node that is named as its pod's."""
        if path.endswith("/pods"):
            return {"items": [{"metadata": {"name": pod}, "spec": {"nodeName": f"node-{pod}"}} for pod in self.zones]}
        pod = path.rpartition("/node-")[2]
        return {"metadata": {"labels": {"topology.kubernetes.io/zone": self.zones[pod]}}}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Names:
    """Names and their addresses in a file, and the command that looks them up, in place of cluster DNS."""

    def __init__(self, folder: Path) -> None:
        self._file, self._script = folder / "hosts", folder / "resolve"
        self._script.write_text(f"""awk -v name="$1" '$2 == name {{ print $1; exit }}' {self._file}\n""")
        self.command = f"sh {self._script}"

    def write(self, addresses: dict[str, str]) -> None:
        """`addresses` by name, whole at any moment: it is read while it changes."""
        new = self._file.with_suffix(".new")
        new.write_text("".join(f"{address} {name}\n" for name, address in addresses.items()))
        new.replace(self._file)
