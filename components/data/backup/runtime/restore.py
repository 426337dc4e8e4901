"""A server brought back to a moment: which dump, which binary logs in which order, and where they end.

`plan_restore` decides; `main`, under mysqlsh in a Job, fetches, loads the dump and leaves the logs to `replay.sh`,
which stands in an image that has `mysqlbinlog`.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .catalog import Binlog, Dump, Store, binlog_key, binlogs, dump_key, dumps, timeline
from .dump import DumpTool, Shell, fetch_files
from .gtids import GtidSet

# As mysqlbinlog reads it, in UTC.
_STOP = "%Y-%m-%d %H:%M:%S"
# A log that was closed just before the dump began may hold what the dump, taken on another member, did not see.
OVERLAP = timedelta(days=1)


class CannotRestore(Exception):
    """Why what lies in the bucket does not lead to the moment that is asked for."""


@dataclass(frozen=True)
class Plan:
    """Load `dump`, then replay `logs` in their order, one after another as one stream.

    What is in `exclude` is in the dump already. `stop` ends the stream at the first event of that second or later;
    None: all is replayed, after which the server has executed `reaches`.
    """

    dump: Dump
    logs: tuple[Binlog, ...]
    exclude: GtidSet
    stop: datetime | None
    reaches: GtidSet

    def stop_text(self) -> str:
        """For mysqlbinlog, empty for none."""
        return self.stop.astimezone(UTC).strftime(_STOP) if self.stop else ""


def plan_restore(found: Sequence[Dump], index: Sequence[Binlog], point_in_time: datetime | None) -> Plan:
    """The newest dump that was finished by then, and all logs that hold more, each after those that it builds upon."""
    fit = [dump for dump in found if point_in_time is None or dump.finished <= point_in_time]
    if not fit:
        raise CannotRestore(
            f"no dump was finished by {point_in_time}; the oldest of {len(found)} is of "
            f"{min((dump.finished for dump in found), default=None)}"
        )
    dump = max(fit, key=lambda one: one.finished)
    logs, reached = _in_order(dump.gtids, index)
    if point_in_time is not None and not any(log.closed >= point_in_time for log in index):
        newest = max((log.closed for log in index), default=None)
        raise CannotRestore(f"the binary logs end at {newest}, before {point_in_time}; ask for that moment or for none")
    return Plan(dump, tuple(logs), dump.gtids, point_in_time, reached)


def _in_order(reached: GtidSet, index: Sequence[Binlog]) -> tuple[list[Binlog], GtidSet]:
    """Logs with something new, each when all that was executed before it is there. A gap is an error, never a skip."""
    logs: list[Binlog] = []
    left = sorted(index, key=lambda log: (log.closed, log.server, log.file))
    while left := [log for log in left if not log.content <= reached]:
        ready = next((log for log in left if log.previous <= reached), None)
        if ready is None:
            nearest = min(left, key=lambda log: (log.closed, log.server, log.file))
            raise CannotRestore(
                f"a gap: before {nearest.server}/{nearest.file} the transactions {nearest.previous - reached} are in "
                "no archived log"
            )
        logs.append(ready)
        reached = reached | ready.content
    return logs, reached


def needed_since(found: Sequence[Dump], point_in_time: datetime | None) -> datetime:
    """From when on the index is read: a while before the newest dump that may be taken, or from the beginning."""
    fit = [dump.started for dump in found if point_in_time is None or dump.finished <= point_in_time]
    return max(fit) - OVERLAP if fit else datetime.fromtimestamp(0, UTC)


def find_plan(store: Store, cluster: str, point_in_time: datetime | None) -> Plan:
    """The plan by what lies in the bucket."""
    found = dumps(store, cluster)
    return plan_restore(found, binlogs(store, cluster, needed_since(found, point_in_time)), point_in_time)


@dataclass(frozen=True)
class Loaded:
    """Bytes and seconds of what was fetched and loaded."""

    fetched: int
    fetch_seconds: float
    load_seconds: float


def fetch_and_load(plan: Plan, tool: DumpTool, store: Store, cluster: str, folder: Path) -> Loaded:
    """The dump into the server, the logs as 00001-..., and for `replay.sh` the files `exclude` and `stop`."""
    began = time.monotonic()
    dump, logs = folder / "dump", folder / "logs"
    wanted = {dump_key(cluster, plan.dump.started, file): dump / file for file in plan.dump.files}
    for number, log in enumerate(plan.logs, 1):
        wanted[binlog_key(cluster, log)] = logs / f"{number:05d}-{log.file}"
    logs.mkdir(parents=True, exist_ok=True)
    fetched = fetch_files(store, wanted)
    (folder / "exclude").write_text(str(plan.exclude))
    (folder / "stop").write_text(plan.stop_text())
    (folder / "plan.json").write_text(json.dumps({"reaches": str(plan.reaches), "stop": plan.stop_text()}))
    between = time.monotonic()
    tool.load(dump)
    return Loaded(fetched, between - began, time.monotonic() - between)


def main() -> None:
    """Under mysqlsh; RESTORE_POINT is a moment such as 2026-11-29T14:05:00Z or empty, BACKUP_FOLDER the work folder.

    RESTORE_TIMELINE names an earlier timeline, such as t0; empty: the last.
    """
    from .s3 import pod_bucket

    asked = os.environ.get("RESTORE_POINT", "").replace("Z", "+00:00")
    moment = datetime.fromisoformat(asked) if asked else None
    if moment is not None and moment.tzinfo is None:
        raise SystemExit(f"RESTORE_POINT: {asked} says no time zone; write it as 2026-11-29T14:05:00Z")
    store, root, earlier = pod_bucket(), os.environ["BACKUP_ROOT"], os.environ.get("RESTORE_TIMELINE")
    cluster = f"{root}/{earlier}" if earlier else timeline(store, root)
    try:
        plan = find_plan(store, cluster, moment)
    except CannotRestore as error:
        raise SystemExit(f"cannot restore: {error}") from error
    connection = {"scheme": "mysql", "user": "root", "socket": os.environ["BACKUP_SOCKET"], "password": ""}
    tool = Shell({**connection}, int(os.environ["BACKUP_THREADS"]))
    done = fetch_and_load(plan, tool, store, cluster, Path(os.environ["BACKUP_FOLDER"]))
    print(  # noqa: T201
        f"loaded the dump of {plan.dump.finished}, {done.fetched} bytes with {len(plan.logs)} logs: "
        f"fetched in {done.fetch_seconds:.0f} s, loaded in {done.load_seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
