"""Binary logs of a group's history, without a server: what tests of archiving and restoring share."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from components.data.backup.runtime.catalog import Binlog, Dump
from components.data.backup.runtime.gtids import GtidSet

GROUP = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
START = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)


def upto(last: int) -> GtidSet:
    """The group's transactions 1 to `last`."""
    return GtidSet({GROUP: ((1, last),)}) if last else GtidSet()


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def log(number: int, first: int, last: int, server: str = "s1", minutes: float | None = None) -> Binlog:
    """A log that begins after transaction `first` and ends with `last`, closed so many minutes after the start."""
    closed = at(number if minutes is None else minutes)
    return Binlog(server, f"binlog.{number:06d}", closed, upto(first), upto(last), 100)


def dump(last: int, minutes: float = 0) -> Dump:
    """A dump with transactions up to `last`, which took a minute."""
    return Dump(at(minutes), at(minutes + 1), upto(last), ("@.json",), 1000)


class Folder:
    """A bucket that is a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.puts: list[str] = []

    def put(self, key: str, content: Path | bytes) -> int:
        data = content if isinstance(content, bytes) else content.read_bytes()
        self.puts.append(key)
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return len(data)

    def get(self, key: str) -> bytes:
        return (self.root / key).read_bytes()

    def fetch(self, key: str, path: Path) -> int:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.write_bytes(self.get(key))

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        found = sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())
        return (key for key in found if key.startswith(prefix) and key > after)
