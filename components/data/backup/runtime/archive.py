"""Closed binary logs into the bucket: by which member, which of them, and in which order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from pathlib import Path

from .catalog import Binlog, Store, binlog_of, index_key, index_keys, put_binlog
from .gtids import GtidSet
from .server import Member, Server

# A server keeps its logs for three days (binlog_expire_logs_seconds), so an older row says nothing about those here.
LOOK_BACK = timedelta(days=4)
_ORDINAL = re.compile(r"-(\d+)(\.|$)")


def is_archiver(server: str, members: Iterable[Member]) -> bool:
    """Whether the member with this UUID archives: the ONLINE secondary of the lowest ordinal, else the lone primary.

    Members that see different groups may both say yes; they then store the same transactions twice, which harms
    nothing.
    """
    online = [member for member in members if member.state == "ONLINE"]
    chosen = min([member for member in online if member.role == "SECONDARY"] or online, key=_place, default=None)
    return chosen is not None and chosen.server == server


def _place(member: Member) -> tuple[int, str]:
    found = _ORDINAL.search(member.host)
    return (int(found[1]) if found else 0, member.server)


def what_to_upload(closed: Sequence[Binlog], archived: GtidSet) -> list[Binlog]:
    """Those closed logs, in order, that hold a transaction which nothing in the bucket and no log before them holds."""
    wanted = []
    for binlog in closed:
        if not binlog.content <= archived:
            wanted.append(binlog)
            archived = archived | binlog.content
    return wanted


@dataclass
class Archive:
    """The rows of the index that this process has seen; read again before each upload, since others write too."""

    store: Store
    cluster: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _seen: dict[str, GtidSet] = field(default_factory=dict)

    def content(self) -> GtidSet:
        """All transactions in logs that were archived within the last days."""
        for key in index_keys(self.store, self.cluster, self.now() - LOOK_BACK):
            if key not in self._seen:
                self._seen[key] = binlog_of(self.store.get(key)).content
        return reduce(or_, self._seen.values(), GtidSet())

    def add(self, binlog: Binlog, path: Path) -> None:
        """Stores one more."""
        put_binlog(self.store, self.cluster, binlog, path)
        self._seen[index_key(self.cluster, binlog)] = binlog.content


def archive_once(server: Server, archive: Archive, data: Path) -> list[Binlog]:
    """Archives all that the server has executed until now; `data` is its data directory. Returns what was uploaded."""
    archived = archive.content()
    if server.executed() <= archived | server.purged():
        return []
    server.flush_logs()
    uploaded = what_to_upload(_closed(server, data), archived)
    for binlog in uploaded:
        archive.add(binlog, data / binlog.file)
    return uploaded


def _closed(server: Server, data: Path) -> list[Binlog]:
    """All logs but the one that is being written. A log ends where the next one says that it begins."""
    uuid, logs = server.uuid(), server.logs()
    begins = [server.previous(log.file) for log in logs]
    return [
        Binlog(uuid, log.file, _changed(data / log.file), begins[place], begins[place + 1], log.size)
        for place, log in enumerate(logs[:-1])
    ]


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
