"""A dump of one server into the bucket: taken to a folder, uploaded, and only then said to be there.

To a folder and not by mysqlsh straight into S3, whose uploads carry no checksum, which a bucket that locks demands.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from .catalog import Dump, Store, dump_key, put_manifest, timeline
from .gtids import GtidSet

UPLOADS_AT_ONCE = 8


class DumpTool(Protocol):
    """What takes a consistent dump of a server, and loads it into another."""

    def dump(self, folder: Path) -> GtidSet:
        """Everything and all accounts into an empty folder; what had been executed at that moment."""

    def load(self, folder: Path) -> None:
        """Into a fresh server, which afterwards says that it has executed just what the dump holds."""


class Shell:
    """MySQL Shell's own dump, in the process of mysqlsh; `connection` are its connection options by name."""

    def __init__(self, connection: dict[str, str | int], threads: int) -> None:
        import mysqlsh  # type: ignore[import-not-found]

        self._shell, self._util = mysqlsh.globals.shell, mysqlsh.globals.util
        self._threads = threads
        self._shell.connect(connection)

    def dump(self, folder: Path) -> GtidSet:
        """Compressed, with checksums of every table."""
        options = {"threads": self._threads, "compression": "zstd", "checksum": True, "showProgress": False}
        self._util.dump_instance(str(folder), options)
        return GtidSet.parse(json.loads((folder / "@.json").read_text())["gtidExecuted"])

    def load(self, folder: Path) -> None:
        """Without binary log; the tables' checksums are compared with those of the dump."""
        session: Any = self._shell.get_session()
        session.run_sql("SET GLOBAL local_infile = ON")
        options = {
            "threads": self._threads,
            "loadUsers": True,
            "skipBinlog": True,
            "updateGtidSet": "replace",
            "checksum": True,
            "ignoreVersion": True,
            "progressFile": "",
            "showProgress": False,
            "deferTableIndexes": "all",
        }
        self._util.load_dump(str(folder), options)


def dump_once(tool: DumpTool, store: Store, cluster: str, folder: Path, now: Callable[[], datetime]) -> Dump:
    """A whole dump, in the folder and in the bucket."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    started = now().replace(microsecond=0)
    gtids = tool.dump(folder)
    finished = now()
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    size = put_files(store, {dump_key(cluster, started, file): folder / file for file in files})
    dump = Dump(started, finished, gtids, tuple(files), size)
    put_manifest(store, cluster, dump)
    return dump


def put_files(store: Store, files: dict[str, Path]) -> int:
    """Files below their keys, several at once; bytes in all."""
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        return sum(_all(pool.map(lambda pair: store.put(*pair), files.items())))


def fetch_files(store: Store, files: dict[str, Path]) -> int:
    """Objects by key into files, several at once; bytes in all."""
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        return sum(_all(pool.map(lambda pair: store.fetch(*pair), files.items())))


def _all(sizes: Iterable[int]) -> list[int]:
    return list(sizes)


def main() -> None:
    """The nightly dump, under mysqlsh; see `runtime.archiver` for the environment, and BACKUP_HOST, BACKUP_FOLDER."""
    from .s3 import pod_bucket

    password = Path(os.environ["BACKUP_PASSWORD_FILE"]).read_text().rstrip("\n")
    server: dict[str, str | int] = {"scheme": "mysql", "host": os.environ["BACKUP_HOST"], "port": 3306}
    trusted = {"ssl-mode": "VERIFY_CA", "ssl-ca": os.environ["BACKUP_CA"]}
    tool = Shell({**server, **trusted, "user": "backup", "password": password}, int(os.environ["BACKUP_THREADS"]))
    folder = Path(os.environ["BACKUP_FOLDER"]) / "dump"
    bucket = pod_bucket()
    dump = dump_once(tool, bucket, timeline(bucket, os.environ["BACKUP_ROOT"]), folder, lambda: datetime.now(UTC))
    taken = (dump.finished - dump.started).total_seconds()
    print(f"dumped {len(dump.files)} files, {dump.size} bytes, in {taken:.0f} s, up to {dump.gtids}")  # noqa: T201


if __name__ == "__main__":
    main()
