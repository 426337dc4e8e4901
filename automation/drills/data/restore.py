"""The restore drill: rows, a dump, more rows in archived logs, and all of it back at a moment on a fresh server.

What runs is what pods run: the archiver's round, the dump's upload, the plan, `server.sh`, `replay.sh` and the proof.
The bucket is the embedded cloud's; `mysqldump` stands in for MySQL Shell's parallel dump and load.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from automation.data_servers import DataServers
from automation.drills.data.bucket import local_bucket
from automation.drills.data.restore_servers import Mysqldump, Running, replay, source, target
from automation.drills.data.waiting import DrillFailed
from components.data.backup.runtime.archive import Archive, archive_once
from components.data.backup.runtime.dump import dump_once
from components.data.backup.runtime.prove import prove
from components.data.backup.runtime.restore import fetch_and_load, find_plan
from components.data.backup.runtime.s3 import Bucket
from components.data.backup.runtime.server import Client, Server

CLUSTER, SCHEMA = "mysql", "game"
ROW_BYTES, ROWS_A_STATEMENT = 1000, 2000
MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Restored:
    """One restore: rows that came back, and what it took. Bytes are those of the dump's file and of the logs."""

    moment: str
    rows: int
    logs: int
    dump_bytes: int
    log_bytes: int
    fetch_seconds: float
    load_seconds: float
    replay_seconds: float

    @property
    def load_rate(self) -> float:
        """MiB/s of the dump."""
        return self.dump_bytes / MIB / self.load_seconds

    @property
    def replay_rate(self) -> float:
        """MiB/s of the logs."""
        return self.log_bytes / MIB / self.replay_seconds


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the drill measured."""

    version: str
    archived: int
    archive_seconds: float
    dump_seconds: float
    restored: tuple[Restored, ...]


def run_drill(servers: DataServers, place: Path, *, mebibytes: int, told: Callable[[str], None]) -> Report:
    """About so many MiB in the dump and as many in the logs. DrillFailed where a row is missing or too many."""
    rows = mebibytes * MIB // ROW_BYTES
    with local_bucket() as bucket, source(servers, place / "source") as running:
        archive = Archive(bucket, CLUSTER)
        _create(running.sql)
        _write(running.sql, "before", rows)
        began = time.monotonic()
        dump_once(Mysqldump(running, [SCHEMA]), bucket, CLUSTER, place / "work" / "dump", lambda: datetime.now(UTC))
        dump_seconds = time.monotonic() - began
        told(f"dumped {rows} rows in {dump_seconds:.1f} s")
        _write(running.sql, "after the dump", rows // 2)
        archived, seconds = _archived(running, archive)
        _write(running.sql, "in the last minutes", rows // 2)
        point, wanted = _moment(running.sql)
        _write(running.sql, "too late", 1000)
        more, last = _archived(running, archive)
        told(f"archived {archived + more} logs in {seconds + last:.1f} s, the second time in {last:.1f} s")
        restored = (
            _restore(servers, place / "moment", bucket, point, wanted),
            _restore(servers, place / "end", bucket, None, _state(running.sql)),
        )
    for one in restored:
        told(
            f"{one.moment}: {one.rows} rows equal; loaded {one.dump_bytes / MIB:.0f} MiB at {one.load_rate:.1f} MiB/s, "
            f"replayed {one.log_bytes / MIB:.0f} MiB at {one.replay_rate:.1f} MiB/s"
        )
    return Report(
        version=servers.mysql_version,
        archived=archived + more,
        archive_seconds=seconds + last,
        dump_seconds=dump_seconds,
        restored=restored,
    )


def _restore(
    servers: DataServers, place: Path, bucket: Bucket, point: datetime | None, wanted: tuple[str, ...]
) -> Restored:
    with target(servers, place) as running:
        folder = place / "work"
        plan = find_plan(bucket, CLUSTER, point)
        loaded = fetch_and_load(plan, Mysqldump(running, [SCHEMA]), bucket, CLUSTER, folder)
        began = time.monotonic()
        replay(running, folder)
        replay_seconds = time.monotonic() - began
        proof = prove(running.sql, plan.reaches, stopped=point is not None)
        found = _state(running.sql)
        if found != wanted:
            raise DrillFailed(f"restored to {point or 'the end'}: {found} and not {wanted}")
        _archives_nothing(running, Archive(bucket, CLUSTER))
    return Restored(
        moment=f"at {point:%H:%M:%S}" if point else "at the end",
        rows=sum(proof.rows.values()),
        logs=len(plan.logs),
        dump_bytes=plan.dump.size,
        log_bytes=sum(log.size for log in plan.logs),
        fetch_seconds=loaded.fetch_seconds,
        load_seconds=loaded.load_seconds,
        replay_seconds=replay_seconds,
    )


def _archives_nothing(running: Running, archive: Archive) -> None:
    """A server that goes on as a member says nothing anew of what it was restored from."""
    again = archive_once(Server(running.sql), archive, running.data)
    if again:
        raise DrillFailed(f"the restored server archived {', '.join(log.file for log in again)} once more")


def _archived(running: Running, archive: Archive) -> tuple[int, float]:
    began = time.monotonic()
    uploaded = archive_once(Server(running.sql), archive, running.data)
    return len(uploaded), time.monotonic() - began


def _create(sql: Client) -> None:
    sql.query(
        f"CREATE DATABASE {SCHEMA}; CREATE TABLE {SCHEMA}.players (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, "
        "phase VARCHAR(40) NOT NULL, state VARBINARY(1200) NOT NULL, KEY (phase))"
    )


def _write(sql: Client, phase: str, rows: int) -> None:
    """Rows of about ROW_BYTES that do not compress away, a few thousand per transaction."""
    for first in range(0, rows, ROWS_A_STATEMENT):
        count = min(ROWS_A_STATEMENT, rows - first)
        sql.query(
            "SET SESSION cte_max_recursion_depth = 100000; "
            f"INSERT INTO {SCHEMA}.players (phase, state) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
            f"FROM n WHERE i < {count}) SELECT '{phase}', RANDOM_BYTES({ROW_BYTES}) FROM n"
        )


def _moment(sql: Client) -> tuple[datetime, tuple[str, ...]]:
    """A whole second between two transactions, and the rows that were there then: mysqlbinlog stops by seconds."""
    wanted = _state(sql)
    time.sleep(1.1)
    point = datetime.now(UTC).replace(microsecond=0)
    time.sleep(1.1)
    return point, wanted


def _state(sql: Client) -> tuple[str, ...]:
    """Rows by phase and a checksum over all of them."""
    phases = sql.query(f"SELECT phase, COUNT(*) FROM {SCHEMA}.players GROUP BY phase ORDER BY phase")
    ((_, checksum),) = sql.query(f"CHECKSUM TABLE {SCHEMA}.players")
    return (*(f"{phase}: {count}" for phase, count in phases), f"checksum {checksum}")
