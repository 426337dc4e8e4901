"""Whether a program answers that it is ready."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from embedded.control_plane.ports import HOST
from embedded.control_plane.processes import Process

READY_SECONDS = 120.0  # two quiet cores need three, two crowded ones took 23
_ANSWER_SECONDS = 5.0
_POLL_SECONDS = 0.05


class NotReady(Exception):
    """A program ended, or did not become ready in time; one sentence."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A question over HTTP that is answered with 200 by a program that is ready."""

    port: int
    path: str
    certificates: Path | None = None
    """Folder with ca.crt, and client.crt and client.key where a client must prove itself; None: no TLS."""
    token: str | None = None

    def passes(self) -> bool:
        """Ask once."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        connection = self._connection()
        try:
            connection.request("GET", self.path, headers=headers)
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.certificates is None:
            return http.client.HTTPConnection(HOST, self.port, timeout=_ANSWER_SECONDS)
        context = ssl.create_default_context(cafile=self.certificates / "ca.crt")
        if (self.certificates / "client.crt").exists():
            context.load_cert_chain(self.certificates / "client.crt", self.certificates / "client.key")
        return http.client.HTTPSConnection(HOST, self.port, timeout=_ANSWER_SECONDS, context=context)


def wait(process: Process, ready: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
    """Return once `ready`; NotReady if the process ends before, or the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.pid() is None:
            words = process.last_words()
            raise NotReady(
                f"{process.name} ended while it started: {words or 'it said nothing'} (all of it: {process.log})"
            )
        if time.monotonic() > deadline:
            raise NotReady(f"{process.name} was not ready after {seconds:.0f} s: see {process.log}")
        time.sleep(_POLL_SECONDS)
