"""Reaches the embedded cloud of a stack, and starts it if it is not up. Standard library only, as plugins use it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded.stack_folder import StackFolder, write_whole

START_SECONDS = 60.0  # a start reads the journal and loads the AWS and Kubernetes models, seconds on a busy machine
ANSWER_SECONDS = 10.0  # a cloud that listens has already loaded everything
ALREADY_UP = 3  # exit code of a cloud that found another one serving its stack
PROJECT = Path(__file__).resolve().parent.parent


class CloudError(Exception):
    """The embedded cloud cannot be reached or started; one sentence."""


@dataclass
class Attachment:
    """A user's hold on the cloud: it stays up as long as any attachment is open."""

    port: int
    """Loopback port of the AWS and Kubernetes endpoints."""
    provider_port: int | None
    """Loopback port of the gRPC provider, where one was asked for."""
    connection: socket.socket

    @property
    def url(self) -> str:
        """The AWS endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Let the cloud go; it exits when nobody holds it."""
        self.connection.close()


def attach(folder: StackFolder, provider: str = "", pids: Sequence[int] = ()) -> Attachment:
    """Hold the stack's cloud, and have it serve `provider` if one is named. `pids` fall with it in a kill drill."""
    deadline = time.monotonic() + START_SECONDS
    process: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        attachment = _try_attach(folder, provider, pids)
        if attachment is not None:
            return attachment
        if process is None:
            process = _start(folder)
        elif process.poll() not in (None, ALREADY_UP):
            raise CloudError(_reason(folder))
        time.sleep(0.03)
    raise CloudError(
        f"the embedded cloud of {folder.root.name} did not answer within {START_SECONDS:.0f} s: see {_log(folder)}"
    )


def left(folder: StackFolder, attachment: Attachment) -> list[dict[str, str]]:
    """What the cloud holds: service, type, id, region, and a note on what goes away by itself."""
    items: list[dict[str, str]] = _asked(folder, attachment, "left")
    return items


def live_report(folder: StackFolder, attachment: Attachment) -> dict[str, list[str]] | None:
    """What the clusters' real API servers said: `permissive` kinds, `warnings`; None where there are none."""
    report: dict[str, list[str]] | None = _asked(folder, attachment, "kubernetes")
    return report


def lose_zones(folder: StackFolder, attachment: Attachment, zones: Sequence[str]) -> None:
    """From now on clusters with real API servers get no node in these zones, and in all others they do."""
    _asked(folder, attachment, f"lost-zones?{'&'.join(f'zone={zone}' for zone in zones)}")


def _asked(folder: StackFolder, attachment: Attachment, what: str) -> Any:
    import urllib.request  # 50 ms that a plugin, which asks nothing of the kind, should not pay

    request = urllib.request.Request(
        f"{attachment.url}/_cloud/{what}", headers={"Authorization": f"Bearer {folder.token()}"}
    )
    with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:
        return json.load(answer)


def _try_attach(folder: StackFolder, provider: str, pids: Sequence[int]) -> Attachment | None:
    port = reserve_port(folder)
    try:
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    except OSError:
        return None
    query = f"provider={provider}&pids={','.join(str(pid) for pid in pids)}"
    request = f"POST /_cloud/attach?{query} HTTP/1.0\r\nAuthorization: Bearer {folder.token()}\r\n\r\n"
    try:
        connection.settimeout(ANSWER_SECONDS)
        connection.sendall(request.encode())
        reply = _reply(connection)
    except OSError:
        connection.close()
        return None
    if reply is None or "port" not in reply:
        connection.close()
        raise CloudError(port_taken(folder, port))
    connection.settimeout(None)
    return Attachment(port, reply.get("provider_port"), connection)


def _reply(connection: socket.socket) -> dict[str, Any] | None:
    """The one line of JSON after the headers; None if whoever answers is not our cloud."""
    received = b""
    while b"\n" not in received.partition(b"\r\n\r\n")[2]:
        chunk = connection.recv(4096)
        if not chunk:
            break
        received += chunk
    if not received:
        raise ConnectionResetError
    with contextlib.suppress(ValueError):
        reply = json.loads(received.partition(b"\r\n\r\n")[2])
        return reply if isinstance(reply, dict) else None
    return None


def saved_port(folder: StackFolder) -> int | None:
    """The port this stack's cloud uses, chosen at its first start and kept, so that exported endpoints stay true."""
    try:
        return int((folder.cloud / "port").read_text())
    except (OSError, ValueError):
        return None


def reserve_port(folder: StackFolder) -> int:
    """The saved port, or a free one that is saved from now on."""
    port = saved_port(folder)
    if port is None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        folder.cloud.mkdir(parents=True, exist_ok=True)
        write_whole(folder.cloud / "port", str(port))
    return port


def port_taken(folder: StackFolder, port: int) -> str:
    """The sentence for a port that somebody else listens on."""
    return (
        f"port {port} of the embedded cloud of {folder.root.name} is in use by another program: "
        f"end that program, or remove {folder.cloud / 'port'} so that another port is chosen"
    )


def _start(folder: StackFolder) -> subprocess.Popen[bytes]:
    folder.cloud.mkdir(parents=True, exist_ok=True)
    (folder.cloud / "error").unlink(missing_ok=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    with _log(folder).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "embedded.cloud", str(folder.root)],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # an interrupt at the terminal is the engine's to handle; the cloud outlives it
        )
    # It ends whenever nobody holds it any more: a drill that lives on must not keep its zombie.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def _log(folder: StackFolder) -> Path:
    return folder.cloud / "log"


def _reason(folder: StackFolder) -> str:
    try:
        return (folder.cloud / "error").read_text()
    except OSError:
        return f"the embedded cloud of {folder.root.name} ended while it started: see {_log(folder)}"
