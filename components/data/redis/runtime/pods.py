"""The pods of the cluster as a Job or a healer reaches them: names, addresses, connections, what each one says."""

from __future__ import annotations

import shlex
import socket
import ssl
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .resp import Connection, RedisError, Unreachable
from .topology import Member, View, parse_info, parse_nodes

RESOLVE_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the environment says; see the package's own description."""

    pods: tuple[str, ...]
    domain: str
    port: int
    users: Path
    tls: Path
    resolve: tuple[str, ...]

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Place:
        name = environment.get("REDIS_STATEFUL_SET", "redis-cluster")
        service = environment.get("REDIS_SERVICE", "redis-cluster-headless")
        return cls(
            pods=tuple(f"{name}-{number}" for number in range(int(environment["REDIS_REPLICAS"]))),
            domain=f"{service}.{environment['POD_NAMESPACE']}.svc.cluster.local",
            port=int(environment.get("REDIS_PORT", "6379")),
            users=Path(environment.get("REDIS_USERS", "/etc/redis-users")),
            tls=Path(environment.get("REDIS_TLS", "/etc/redis/tls")),
            resolve=tuple(shlex.split(environment.get("REDIS_RESOLVE", ""))),
        )

    def password(self, user: str) -> str:
        """The current one."""
        return (self.users / user).read_text().split("\n", 1)[0]

    def address(self, pod: str) -> str:
        """Where the pod's name points to now. Unreachable where it has none."""
        host = f"{pod}.{self.domain}"
        try:
            if not self.resolve:
                return str(socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)[0][4][0])
            done = subprocess.run([*self.resolve, host], capture_output=True, text=True, timeout=RESOLVE_SECONDS)
            return done.stdout.split()[0]
        except (OSError, IndexError, subprocess.TimeoutExpired) as problem:
            raise Unreachable(f"{host} has no address: {problem}") from problem


class Pods:
    """Open connections as `admin` to all pods, each used by one thread at a time."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._open: dict[str, tuple[str, Connection]] = {}
        self._passwords: list[str] = []
        self._threads = ThreadPoolExecutor(max_workers=max(1, len(place.pods)))

    def ask(self, pod: str, *words: str | int, timeout_seconds: float | None = None) -> object:
        """The answer of the pod's server. A connection that has gone is made again once."""
        for last in (False, True):
            kept = pod in self._open
            try:
                return self._connection(pod).ask(*words, timeout_seconds=timeout_seconds)
            except Unreachable:
                self.drop(pod)
                if last or not kept:
                    raise
        raise AssertionError("unreachable")

    def text(self, pod: str, *words: str | int) -> str:
        """An answer that is text."""
        return str(self.ask(pod, *words))

    def drop(self, pod: str) -> None:
        """Close the pod's connection; the next question opens another, to where its name points then."""
        if pod in self._open:
            self._open.pop(pod)[1].close()

    def close(self) -> None:
        for pod in list(self._open):
            self.drop(pod)
        self._threads.shutdown()

    def passwords(self) -> list[str]:
        """Of `admin`: the current one first, then the one before it: a server may not have read the new one yet."""
        current = self.place.password("admin")
        if current not in self._passwords[:1]:
            self._passwords = [current, *self._passwords[:1]]
        return self._passwords

    def look(self, zones: Mapping[str, str]) -> View:
        """What all pods say, at the same time. A pod that does not answer, or still loads its data, is missing."""
        self.passwords()
        members = self._threads.map(lambda pod: self._member(pod, zones.get(pod, "")), self.place.pods)
        return View(pods=self.place.pods, members=tuple(member for member in members if member is not None))

    def _member(self, pod: str, zone: str) -> Member | None:
        try:
            replication = parse_info(self.text(pod, "INFO", "replication"))
            return Member(
                pod=pod,
                zone=zone,
                id=self.text(pod, "CLUSTER", "MYID"),
                nodes=parse_nodes(self.text(pod, "CLUSTER", "NODES")),
                keys=int(self.text(pod, "DBSIZE")),
                state_ok=parse_info(self.text(pod, "CLUSTER", "INFO"))["cluster_state"] == "ok",
                link_up=replication["role"] == "master" or replication["master_link_status"] == "up",
                address=self._open[pod][0],
            )
        except (RedisError, Unreachable, KeyError):
            return None

    def _connection(self, pod: str) -> Connection:
        if pod not in self._open:
            address = self.place.address(pod)
            # The certificate must name this very pod: an address may meanwhile be another Redis cluster's.
            connection = Connection(
                address,
                self.place.port,
                user="admin",
                passwords=self.passwords(),
                tls=ssl.create_default_context(cafile=str(self.place.tls / "ca.crt")),
                hostname=f"{pod}.{self.place.domain}",
            )
            self._open[pod] = (address, connection)
        return self._open[pod][1]
