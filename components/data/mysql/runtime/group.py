"""What the agent tells its server about the group."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from .settings import Settings
from .sql import Connector, Session, SqlError, quoted
from .users import OWN, passwords

START_SECONDS = 120.0  # START gives up after about 60 s where nobody answers


def join(connect: Connector, settings: Settings, seeds: Sequence[str], *, failed: bool) -> None:
    """Joins the group of which `seeds` (host:port) are members; `failed` where the member stands in ERROR."""
    session = connect(settings.local, seconds=START_SECONDS)
    try:
        if failed:
            session.query("STOP GROUP_REPLICATION")
        session.query("SET GLOBAL group_replication_group_seeds = ?", [",".join(seeds)])
        session.query(_start(settings))
    finally:
        session.close()


def found(connect: Connector, settings: Settings, *, failed: bool, allowed: Callable[[], bool]) -> None:
    """Founds a group, if it is still `allowed` at the last moment."""
    session = connect(settings.local, seconds=START_SECONDS)
    try:
        if failed:
            session.query("STOP GROUP_REPLICATION")
        session.query("SET GLOBAL group_replication_bootstrap_group = ON")
        if allowed():
            session.query(_start(settings))
    finally:
        # Left on, the next START would found a second group. Where the session broke, the next look switches it off.
        with contextlib.suppress(SqlError):
            session.query("SET GLOBAL group_replication_bootstrap_group = OFF")
        session.close()


def kill_clients(session: Session) -> None:
    """Ends the connections of all clients, but none of the system's own."""
    own = ", ".join(quoted(name) for name in (*OWN, "root", "event_scheduler", "system user", "mysql.session"))
    # Threads of the server itself have a user without a host.
    clients = session.query(
        f"SELECT id FROM performance_schema.processlist WHERE user NOT IN ({own}) AND user NOT LIKE 'mysql.%'"
    )
    for (number,) in clients:
        with contextlib.suppress(SqlError):  # it may have gone by itself
            session.query(f"KILL {int(number)}")


def _start(settings: Settings) -> str:
    # The password stays in the server's memory: it is written to no file.
    return f"START GROUP_REPLICATION USER = 'gr_repl', PASSWORD = {quoted(passwords(settings.users)['gr_repl'])}"
