"""Clients of a cluster on loopback: one that counts what it was promised, and one that times an outage."""

from __future__ import annotations

import ssl
import threading
import time
from binascii import crc_hqx
from collections.abc import Iterable
from contextlib import closing

from automation.drills.data.redis_servers import DOMAIN, RedisPods
from automation.drills.data.waiting import wait
from components.data.redis.runtime.resp import Connection, RedisError, Unreachable
from components.data.redis.runtime.topology import SLOTS, parse_nodes

TIMEOUT_SECONDS = 0.5
PAUSE_SECONDS = 0.005
READ_AGAIN_SECONDS = 10


def slot_of(key: str) -> int:
    """valkey.io/topics/cluster-spec: CRC16 (XMODEM) of the key. Keys here have no {tag}."""
    return crc_hqx(key.encode(), 0) % SLOTS


class Client:
    """As a game: user `app` over TLS, at the host names that the servers name."""

    def __init__(self, pods: RedisPods) -> None:
        self._pods = pods
        self._tls = ssl.create_default_context(cafile=str(pods.tls / "ca.crt"))
        self._open: dict[str, Connection] = {}
        self._owners: list[str | None] = [None] * SLOTS

    def close(self) -> None:
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def owner(self, key: str) -> str | None:
        """The pod that this client holds for the key's master."""
        return self._owners[slot_of(key)]

    def ask(self, key: str, *words: str) -> object:
        """Of the key's master. RedisError or Unreachable where it does not serve now; then the map is read anew."""
        if self.owner(key) is None:
            self.refresh()
        pod = self.owner(key)
        if pod is None:
            raise Unreachable(f"no master of {key} is known")
        try:
            return self._connection(pod).ask(*words)
        except (RedisError, Unreachable):
            self._drop(pod)
            self.refresh()
            raise

    def refresh(self) -> None:
        """The map of slots, from the first pod that answers."""
        for pod in self._pods.pods:
            try:
                nodes = parse_nodes(str(self._connection(pod).ask("CLUSTER", "NODES")))
            except (RedisError, Unreachable):
                self._drop(pod)
                continue
            for node in nodes:
                if node.is_master and not node.failed:
                    # For a moment the name of a node that has come back with another address is not known.
                    owner = node.hostname.partition(".")[0] or None
                    for first, last in node.slots:
                        self._owners[first : last + 1] = [owner] * (last - first + 1)
            return

    def _drop(self, pod: str) -> None:
        if pod in self._open:
            self._open.pop(pod).close()

    def _connection(self, pod: str) -> Connection:
        if pod not in self._open:
            self._open[pod] = connect(self._pods, pod, self._tls)
        return self._open[pod]


def connect(pods: RedisPods, pod: str, tls: ssl.SSLContext) -> Connection:
    """As user `app`. Unreachable or RedisError where the pod does not let it in."""
    return Connection(
        pods.addresses[pod],
        pods.port,
        user="app",
        passwords=[pods.passwords["app"][0]],
        tls=tls,
        hostname=f"{pod}.{DOMAIN}",
        timeout_seconds=TIMEOUT_SECONDS,
    )


class Writer:
    """Writes one key after the other until it ends, each once; remembers those that were acknowledged."""

    def __init__(self, pods: RedisPods, prefix: str = "game:written") -> None:
        self._client, self._prefix = Client(pods), prefix
        self.acknowledged: list[str] = []
        self.refused = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._client.close()

    def _write(self) -> None:
        number = 0
        while not self._ended.is_set():
            key = f"{self._prefix}:{number}"
            number += 1
            try:
                self._client.ask(key, "SET", key, "1")
                self.acknowledged.append(key)
            except (RedisError, Unreachable):
                self.refused += 1
                time.sleep(PAUSE_SECONDS)


def lost(pods: RedisPods, keys: Iterable[str]) -> list[str]:
    """Those of acknowledged `keys` that are gone."""
    client = Client(pods)
    try:
        return [key for key in keys if _read(client, key) is None]
    finally:
        client.close()


def key_of(pods: RedisPods, pod: str) -> str:
    """A key whose master is `pod`."""
    with closing(Client(pods)) as client:
        client.refresh()
        return next(key for number in range(SLOTS) if client.owner(key := f"game:timed:{number}") == pod)


class Pulse:
    """Writes one key over and over: how long were its writes refused? `longest` is the longest gap, in seconds."""

    def __init__(self, pods: RedisPods, key: str) -> None:
        self._client, self._key = Client(pods), key
        self.longest = 0.0
        self._last = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> Pulse:
        self._client.ask(self._key, "SET", self._key, "1")
        self._last = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._client.close()

    def wait_for_write(self, limit_seconds: float) -> float:
        """The longest gap so far, once a write that began after now is acknowledged. DrillFailed if none is."""
        began = time.monotonic()
        wait(f"{self._key} is written", lambda: self._last > began + PAUSE_SECONDS, limit_seconds, poll=0.01)
        return self.longest

    def _write(self) -> None:
        while not self._ended.is_set():
            time.sleep(PAUSE_SECONDS)
            try:
                self._client.ask(self._key, "SET", self._key, "1")
            except (RedisError, Unreachable):
                continue
            now = time.monotonic()
            self.longest = max(self.longest, now - self._last)
            self._last = now


def _read(client: Client, key: str) -> object:
    deadline = time.monotonic() + READ_AGAIN_SECONDS
    while True:
        try:
            return client.ask(key, "GET", key)
        except (RedisError, Unreachable):
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_SECONDS)
