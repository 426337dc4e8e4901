"""Loopback ports: the ones used before if they are free, so that kubeconfigs stay true, or else new ones."""

from __future__ import annotations

import json
import socket
from collections.abc import Collection
from pathlib import Path

from embedded.stack_folder import write_whole

HOST = "127.0.0.1"


class Ports:
    """Which port each listener of a control plane has, kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __getitem__(self, name: str) -> int:
        return self._saved()[name]

    def choose(self, names: Collection[str]) -> None:
        """Give each of these a port that is free now."""
        saved = self._saved()
        taken: list[socket.socket] = []
        try:
            for name in names:
                taken.append(_bound(saved.get(name, 0)))
                saved[name] = taken[-1].getsockname()[1]
        finally:
            for each in taken:
                each.close()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._file, json.dumps(saved))

    def _saved(self) -> dict[str, int]:
        try:
            ports: dict[str, int] = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        return ports


def _bound(wanted: int) -> socket.socket:
    try:
        return socket.create_server((HOST, wanted))
    except OSError:
        return socket.create_server((HOST, 0))
