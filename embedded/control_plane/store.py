"""The etcd that serves all regions of a stack, each under a prefix of its own."""

from __future__ import annotations

from pathlib import Path

from embedded.control_plane import commands
from embedded.control_plane.certificates import Identity, issue
from embedded.control_plane.health import Probe, wait
from embedded.control_plane.ports import HOST, Ports
from embedded.control_plane.processes import Process, end

NAME = "etcd"
_CLIENTS, _PEERS = "clients", "peers"
_IDENTITIES = (
    Identity(file="server", name="etcd", serves=(HOST, "localhost")),
    Identity(file="client", name="kube-apiserver"),
)


class Store:
    """One stack's etcd. `folder` is its own; it may or may not run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificates = folder / "pki"
        self.process = Process(NAME, folder)
        self.ports = Ports(folder / "ports.json")

    @property
    def url(self) -> str:
        """Where API servers reach it."""
        return f"https://{HOST}:{self.ports[_CLIENTS]}"

    @property
    def probe(self) -> Probe:
        """Whether it serves."""
        return Probe(port=self.ports[_CLIENTS], path="/health", certificates=self.certificates)

    def is_ready(self) -> bool:
        """Whether the process that we started serves."""
        return self.process.pid() is not None and self.probe.passes()

    def start(self, program: Path) -> None:
        """Start it where it is not ready. NotReady if it cannot be."""
        end([self.process])
        issue(self.certificates, "etcd of the embedded stack", _IDENTITIES)
        self.ports.choose([_CLIENTS, _PEERS])
        data = self.folder / "data"
        self.process.start(commands.etcd(program, data, self.certificates, self.ports[_CLIENTS], self.ports[_PEERS]))
        wait(self.process, self.probe.passes)
