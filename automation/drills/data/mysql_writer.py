"""A client that writes without a pause, counts what was acknowledged, and measures for how long nothing was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from automation.drills.data.acknowledged import Acknowledged
from automation.drills.data.mysql_group import DATABASE, Group

TABLE = "drill_writes"
RETRY_SECONDS, SLOW_SECONDS = 0.05, 0.2


@dataclass(kw_only=True)
class Writer(Acknowledged):
    """One connection of `connect` at a time, one row per commit, each with a number of its own; `number` tells writers
    apart.

    A write whose answer was lost is not acknowledged: it may be there or not, and its number is not used again.
    """

    connect: Callable[[], Any]
    number: int = 0
    slow: bool = False  # a few writes per second, so that a member that recovers can catch up
    errors: dict[int, int] = field(default_factory=dict)  # by the server's code

    def _run(self) -> None:
        connection: Any = None
        while not self._ended.is_set():
            try:
                if connection is None:
                    connection = self.connect()
                self._next += 1
                with connection.cursor() as cursor:
                    cursor.execute(f"INSERT INTO {TABLE} VALUES ({self.number}, {self._next})")
                self._acknowledge()
                if self.slow:
                    self._ended.wait(SLOW_SECONDS)
            except Exception as error:  # PyMySQL's own, and broken connections' of every kind
                code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
                self.errors[code] = self.errors.get(code, 0) + 1
                if connection is not None:
                    _close(connection)
                connection = None
                self._ended.wait(RETRY_SECONDS)
        if connection is not None:
            _close(connection)


def make_table(group: Group) -> None:
    """The table of all writers, through the Service."""
    connection = group.client(seconds=30)
    with connection.cursor() as cursor:
        columns = "writer INT, number INT, PRIMARY KEY (writer, number)"
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} ({columns})")
    _close(connection)


def lost(group: Group, writers: list[Writer]) -> int:
    """How many acknowledged commits are not on the primary."""
    primary = group.primary_now()
    missing = 0
    for writer in writers:
        rows = group.query(primary, f"SELECT number FROM {DATABASE}.{TABLE} WHERE writer = {writer.number}")
        missing += len(set(writer.acknowledged) - {int(number) for (number,) in rows})
    return missing


def _close(connection: Any) -> None:
    try:
        connection.close()
    except Exception:  # it was broken already
        return
