"""What lies in the bucket, and below which key: dumps, binary logs and the index of those.

    <root>/timeline/<moment>                one per restore in earnest, empty
    <cluster>/dump/<moment>/data/...        the files of a dump
    <cluster>/manifest/<moment>.json        written last: a dump without one was never finished
    <cluster>/binlog/<server uuid>/<moment>-<file>    closed binary logs
    <cluster>/index/<moment>-<server uuid>-<file>.json    one per log, written after it, by when the log was closed

A group that was brought back to a moment gives the numbers of its lost transactions to new ones: what was archived
before says nothing of it. So each such restore begins a timeline, and `<cluster>` is `<root>/<timeline>`; the first one
is `t0`.

Moments are UTC, as 20261129T020000Z, so that keys sort by time; a log's is when it was closed, since a member that
copied another's data begins anew with binlog.000001 under the same UUID. Nothing is ever written over or deleted here:
the bucket locks what is new and drops what is old.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from .gtids import GtidSet

_MOMENT = "%Y%m%dT%H%M%SZ"


class Store(Protocol):
    """A bucket, as far as backups need one."""

    def put(self, key: str, content: Path | bytes) -> int:
        """Stores a file or bytes and says how many bytes."""

    def get(self, key: str) -> bytes:
        """All of an object."""

    def fetch(self, key: str, path: Path) -> int:
        """An object into a file; says how many bytes."""

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        """Keys below a prefix, after another key, in order."""


@dataclass(frozen=True)
class Dump:
    """A finished dump: the state after `gtids`, taken between `started` and `finished`. `size` in bytes."""

    started: datetime
    finished: datetime
    gtids: GtidSet
    files: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Binlog:
    """A closed binary log: the transactions of `upto` that `previous` has not. `size` in bytes."""

    server: str
    file: str
    closed: datetime
    previous: GtidSet
    upto: GtidSet
    size: int

    @property
    def content(self) -> GtidSet:
        """The transactions in it."""
        return self.upto - self.previous


def moment_text(moment: datetime) -> str:
    """A moment as keys have it."""
    return moment.astimezone(UTC).strftime(_MOMENT)


def moment_of(text: str) -> datetime:
    """The moment that a key has."""
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)


def timeline(store: Store, root: str) -> str:
    """The cluster that is written now: the last timeline's, or the first."""
    prefix = f"{root}/timeline/"
    last = max(store.keys(prefix), default=f"{prefix}t0")
    return f"{root}/{last.removeprefix(prefix)}"


def begin_timeline(store: Store, root: str, moment: datetime) -> str:
    """What is written from now on is of a cluster that was brought back."""
    store.put(f"{root}/timeline/{moment_text(moment)}", b"")
    return timeline(store, root)


def binlog_key(cluster: str, binlog: Binlog) -> str:
    """Where a log lies."""
    return f"{cluster}/binlog/{binlog.server}/{moment_text(binlog.closed)}-{binlog.file}"


def index_key(cluster: str, binlog: Binlog) -> str:
    """Where its row of the index lies."""
    return f"{cluster}/index/{moment_text(binlog.closed)}-{binlog.server}-{binlog.file}.json"


def dump_key(cluster: str, started: datetime, file: str) -> str:
    """Where a file of the dump that began then lies, by its path below the dump's folder."""
    return f"{cluster}/dump/{moment_text(started)}/data/{file}"


def put_binlog(store: Store, cluster: str, binlog: Binlog, path: Path) -> None:
    """The log and then its row in the index, so that a row always has its log."""
    store.put(binlog_key(cluster, binlog), path)
    row = {
        "server": binlog.server,
        "file": binlog.file,
        "closed": moment_text(binlog.closed),
        "previous": str(binlog.previous),
        "upto": str(binlog.upto),
        "size": binlog.size,
    }
    store.put(index_key(cluster, binlog), json.dumps(row).encode())


def put_manifest(store: Store, cluster: str, dump: Dump) -> None:
    """Says that all files of the dump are there."""
    row = {
        "started": moment_text(dump.started),
        "finished": moment_text(dump.finished),
        "gtids": str(dump.gtids),
        "files": list(dump.files),
        "size": dump.size,
    }
    store.put(f"{cluster}/manifest/{moment_text(dump.started)}.json", json.dumps(row).encode())


def binlog_of(text: bytes) -> Binlog:
    """A row of the index."""
    row = json.loads(text)
    previous, upto = GtidSet.parse(row["previous"]), GtidSet.parse(row["upto"])
    return Binlog(row["server"], row["file"], moment_of(row["closed"]), previous, upto, row["size"])


def dump_of(text: bytes) -> Dump:
    """A manifest."""
    row = json.loads(text)
    files = tuple(row["files"])
    return Dump(moment_of(row["started"]), moment_of(row["finished"]), GtidSet.parse(row["gtids"]), files, row["size"])


def index_keys(store: Store, cluster: str, since: datetime) -> Iterator[str]:
    """Keys of the index rows of logs that were closed at `since` or later."""
    prefix = f"{cluster}/index/"
    return store.keys(prefix, f"{prefix}{moment_text(since - timedelta(seconds=1))}~")


def dumps(store: Store, cluster: str) -> list[Dump]:
    """Every finished dump, the oldest first."""
    return [dump_of(store.get(key)) for key in store.keys(f"{cluster}/manifest/")]


def binlogs(store: Store, cluster: str, since: datetime) -> list[Binlog]:
    """Every archived log that was closed at `since` or later."""
    return [binlog_of(store.get(key)) for key in index_keys(store, cluster, since)]
