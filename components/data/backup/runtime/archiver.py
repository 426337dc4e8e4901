"""The sidecar in each pod of MySQL: archives every few minutes where it is this member's turn, and says how far it is.

Environment: BACKUP_BUCKET, BACKUP_REGION, BACKUP_ROOT (prefix of the keys), BACKUP_INTERVAL_SECONDS, BACKUP_LOGIN
(option file of the account `backup`, written here), BACKUP_PASSWORD_FILE, BACKUP_CA.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .archive import Archive, archive_once, is_archiver
from .catalog import Store, timeline
from .s3 import S3Error, pod_bucket
from .server import Client, Server, SqlError

DATA = Path("/var/lib/mysql")
METRICS_PORT = 9105
# A failed round is tried again sooner than a whole interval later.
RETRY_SECONDS = 30


@dataclass
class Progress:
    """What Prometheus reads. `complete`: when all that was executed at that moment had been archived, since 1970."""

    active: bool = False
    complete: float = 0.0
    logs: int = 0
    size: int = 0
    failures: int = 0

    def text(self) -> str:
        """In Prometheus's text form."""
        rows = {
            "mysql_archive_active": ("gauge", float(self.active)),
            "mysql_archive_complete_timestamp_seconds": ("gauge", self.complete),
            "mysql_archive_logs_total": ("counter", float(self.logs)),
            "mysql_archive_bytes_total": ("counter", float(self.size)),
            "mysql_archive_failures_total": ("counter", float(self.failures)),
        }
        return "".join(f"# TYPE {name} {kind}\n{name} {value:.0f}\n" for name, (kind, value) in rows.items())


@dataclass
class Archives:
    """The archive of the timeline that is written; looked up for each round, since a restore may have begun another."""

    store: Store
    root: str
    _last: Archive | None = None

    def current(self) -> Archive:
        """The same one while the timeline is."""
        cluster = timeline(self.store, self.root)
        if self._last is None or self._last.cluster != cluster:
            self._last = Archive(self.store, cluster)
        return self._last


def round_of(server: Server, archives: Archives, data: Path, progress: Progress, now: Callable[[], float]) -> bool:
    """One round; False where it failed, which the next one makes good."""
    began = now()
    try:
        progress.active = is_archiver(server.uuid(), server.members())
        if progress.active:
            for binlog in archive_once(server, archives.current(), data):
                progress.logs += 1
                progress.size += binlog.size
                print(f"archived {binlog.server}/{binlog.file}, {binlog.size} bytes", flush=True)  # noqa: T201
            progress.complete = began
    except (SqlError, S3Error, OSError) as error:
        progress.failures += 1
        print(f"not archived: {error}", file=sys.stderr, flush=True)  # noqa: T201
        return False
    return True


def serve(progress: Progress, port: int = METRICS_PORT) -> ThreadingHTTPServer:
    """Answers Prometheus in a thread of its own."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = progress.text().encode()
            self.send_response(200)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Every scrape would be a line."""

    server = ThreadingHTTPServer(("", port), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def write_login(path: Path, user: str, password_file: Path, ca: Path, host: str = "127.0.0.1") -> None:
    """An option file by which the client `mysql` gets in: no password ever stands in a command line."""
    password = password_file.read_text().rstrip("\n").replace("\\", "\\\\").replace('"', '\\"')
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f'[client]\nuser={user}\npassword="{password}"\nhost={host}\n')
        file.write(f"ssl-mode=VERIFY_CA\nssl-ca={ca}\n")


def main() -> None:
    """Rounds for ever."""
    login, interval = Path(os.environ["BACKUP_LOGIN"]), int(os.environ["BACKUP_INTERVAL_SECONDS"])
    password, ca = Path(os.environ["BACKUP_PASSWORD_FILE"]), Path(os.environ["BACKUP_CA"])
    progress, archives = Progress(), Archives(pod_bucket(), os.environ["BACKUP_ROOT"])
    server = Server(Client(["mysql", f"--defaults-file={login}"]))
    serve(progress)
    while True:
        began = time.monotonic()
        write_login(login, "backup", password, ca)  # anew each time: passwords are rotated
        done = round_of(server, archives, DATA, progress, time.time)
        time.sleep(max(0.0, began + (interval if done else min(RETRY_SECONDS, interval)) - time.monotonic()))


if __name__ == "__main__":
    main()
