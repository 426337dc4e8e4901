"""A MySQL server, asked through the client `mysql`: what was executed, which logs are closed, who is in the group."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .gtids import GtidSet

TIMEOUT_SECONDS = 120
_ESCAPED = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "t": "\t", "0": "\0"}
Row = tuple[str, ...]


class SqlError(Exception):
    """What the server or its client said."""


class Sql(Protocol):
    """Statements to one server."""

    def query(self, statement: str) -> list[Row]:
        """The rows of a statement, all values as texts; SqlError where the server refuses it."""


@dataclass(frozen=True)
class Client:
    """The program `mysql` with what lets it in, such as `--defaults-file=...`. Every statement is a connection."""

    command: Sequence[str]

    def query(self, statement: str) -> list[Row]:
        """One row per line, values between tabs: as the client prints them in batches."""
        command = [*self.command, "--batch", "--skip-column-names", f"--execute={statement}"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SqlError(str(error)) from error
        if done.returncode:
            raise SqlError(done.stderr.strip())
        return [tuple(_plain(value) for value in line.split("\t")) for line in done.stdout.splitlines()]


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), value)


@dataclass(frozen=True)
class Member:
    """A member of the group as the server sees it."""

    server: str
    host: str
    state: str
    role: str


@dataclass(frozen=True)
class Log:
    """A binary log of the server; the last one is being written."""

    file: str
    size: int


@dataclass(frozen=True)
class Server:
    """What backups ask of a server."""

    sql: Sql

    def uuid(self) -> str:
        """The server's own."""
        return self._value("SELECT @@GLOBAL.server_uuid")

    def executed(self) -> GtidSet:
        """All transactions that it has."""
        return GtidSet.parse(self._value("SELECT @@GLOBAL.gtid_executed"))

    def purged(self) -> GtidSet:
        """Transactions that it has executed and none of its logs holds: loaded, copied, or in logs that expired."""
        return GtidSet.parse(self._value("SELECT @@GLOBAL.gtid_purged"))

    def members(self) -> list[Member]:
        """Its group; empty where it is in none."""
        asked = "SELECT MEMBER_ID, MEMBER_HOST, MEMBER_STATE, MEMBER_ROLE"
        return [Member(*row) for row in self.sql.query(f"{asked} FROM performance_schema.replication_group_members")]

    def flush_logs(self) -> None:
        """Closes the log that is being written. Needs no write right: a read-only server does it, and adds no GTID."""
        self.sql.query("FLUSH BINARY LOGS")

    def logs(self) -> list[Log]:
        """Every binary log, the oldest first."""
        return [Log(row[0], int(row[1])) for row in self.sql.query("SHOW BINARY LOGS")]

    def previous(self, file: str) -> GtidSet:
        """What had been executed before a log began; it is the log's second event."""
        # The name comes from SHOW BINARY LOGS.
        for row in self.sql.query(f"SHOW BINLOG EVENTS IN '{file}' LIMIT 2"):
            if row[2] == "Previous_gtids":
                return GtidSet.parse(row[5])
        raise SqlError(f"{file} says nothing of what was executed before it")

    def _value(self, statement: str) -> str:
        ((value,),) = self.sql.query(statement)
        return value
