"""After a restore: that the server has executed just what was archived, and how many rows each table has."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .catalog import begin_timeline
from .gtids import GtidSet
from .s3 import pod_bucket
from .server import Client, Server, Sql

_TABLES = (
    "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA "
    "NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema') ORDER BY 1, 2"
)


class NotRestored(Exception):
    """What the restored server lacks, or has and should not."""


@dataclass(frozen=True)
class Proof:
    """Rows by table; `executed` is all that the server has."""

    rows: dict[str, int]
    executed: GtidSet


def prove(sql: Sql, reaches: GtidSet, *, stopped: bool) -> Proof:
    """NotRestored unless all of `reaches` was executed, or, where the stream was `stopped` before, nothing else."""
    executed = Server(sql).executed()
    if not stopped and not reaches <= executed:
        raise NotRestored(f"the transactions {reaches - executed} were archived and are not there")
    if not executed <= reaches:
        raise NotRestored(f"the transactions {executed - reaches} are there and were never archived")
    rows = {f"{schema}.{table}": _count(sql, schema, table) for schema, table in sql.query(_TABLES)}
    if not rows:
        raise NotRestored("there is no table of anybody's")
    return Proof(rows, executed)


def _count(sql: Sql, schema: str, table: str) -> int:
    quoted = ".".join("`" + name.replace("`", "``") + "`" for name in (schema, table))
    ((count,),) = sql.query(f"SELECT COUNT(*) FROM {quoted}")
    return int(count)


def main() -> None:
    """The last step of the restore, and of the monthly drill: a proof that fails makes the Job fail, which alerts.

    With RESTORE_KEEP, a data directory, the volume is to be a member's: root gets its password, what is archived from
    now on is of a timeline of its own, and the mark of a finished data directory is set, without which init.sh would
    make it anew.
    """
    folder = Path(os.environ["BACKUP_FOLDER"])
    sql = Client(["mysql", "--no-defaults", "--user=root", f"--socket={os.environ['BACKUP_SOCKET']}"])
    plan = json.loads((folder / "plan.json").read_text())
    try:
        proof = prove(sql, GtidSet.parse(plan["reaches"]), stopped=bool(plan["stop"]))
    except NotRestored as error:
        raise SystemExit(f"not restored: {error}") from error
    for table, rows in proof.rows.items():
        print(f"{table}: {rows} rows")  # noqa: T201
    print(f"restored up to {proof.executed}")  # noqa: T201
    if os.environ.get("RESTORE_KEEP"):
        password = Path(os.environ["ROOT_PASSWORD_FILE"]).read_text().rstrip("\n")
        text = password.replace("\\", "\\\\").replace("'", "''")
        sql.query(f"SET sql_log_bin = 0; ALTER USER root@localhost IDENTIFIED BY '{text}'")
        begin_timeline(pod_bucket(), os.environ["BACKUP_ROOT"], datetime.now(UTC))
        data = Path(os.environ["RESTORE_KEEP"])
        (data / ".initialized").touch()
        (data / ".restoring").unlink()


if __name__ == "__main__":
    main()
