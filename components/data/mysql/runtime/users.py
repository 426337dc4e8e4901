"""Accounts of the server: what each may do, and how the primary keeps them as the mounted Secret says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .sql import Session, quoted

OWN = ("agent", "probe", "monitor", "gr_repl", "exporter", "backup")  # of the system, not of its clients
_READ_ALL = (
    "SELECT, RELOAD, LOCK TABLES, SHOW VIEW, EVENT, TRIGGER, PROCESS, REPLICATION CLIENT, "
    "REPLICATION SLAVE, BACKUP_ADMIN"
)
_DATA = "SELECT, INSERT, UPDATE, DELETE, EXECUTE"
_SCHEMA = (
    f"{_DATA}, CREATE, ALTER, DROP, INDEX, REFERENCES, TRIGGER, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE"
)
_ATTRIBUTES = """
SELECT user, host, JSON_UNQUOTE(JSON_EXTRACT(attribute, '$.applied')) FROM information_schema.user_attributes
"""


@dataclass(frozen=True, kw_only=True)
class Account:
    """`grants` maps what is granted to where, {database} being the game's schema."""

    name: str
    host: str = "%"
    grants: Mapping[str, str]
    requires: str = "SSL"  # of every account that another machine can use
    limits: str = ""

    @property
    def at(self) -> str:
        """As it stands in SQL."""
        return f"{quoted(self.name)}@{quoted(self.host)}"


ACCOUNTS = (
    Account(name="root", host="localhost", grants={}, requires="NONE"),
    Account(
        name="gr_repl",
        grants={"REPLICATION SLAVE, BACKUP_ADMIN, GROUP_REPLICATION_STREAM, CONNECTION_ADMIN": "*.*"},
    ),
    Account(name="monitor", grants={"REPLICATION CLIENT, CONNECTION_ADMIN": "*.*", "SELECT": "performance_schema.*"}),
    Account(
        name="exporter",
        host="localhost",
        grants={"PROCESS, REPLICATION CLIENT, SELECT": "*.*"},
        requires="NONE",
        limits="WITH MAX_USER_CONNECTIONS 3",
    ),
    Account(name="backup", grants={_READ_ALL: "*.*"}),
    Account(name="app", grants={_DATA: "{database}.*"}),
    Account(name="migration", grants={_SCHEMA: "{database}.*"}),
)


def passwords(folder: Path) -> dict[str, str]:
    """Password by account, of those that have a file."""
    files = {account.name: folder / account.name for account in ACCOUNTS}
    return {name: file.read_text().strip() for name, file in files.items() if file.is_file()}


def apply_users(session: Session, secrets: Mapping[str, str], database: str) -> list[str]:
    """Brings the primary's accounts to these passwords and returns what changed; another run changes nothing.

    A changed password leaves the one before it valid until the next change. What was applied is kept with the account
    as a digest, so that a repeated run does not make the current password the one before.
    """
    applied = {(user, host): digest for user, host, digest in session.query(_ATTRIBUTES)}
    changed = []
    if not session.query("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", [database]):
        session.query(f"CREATE DATABASE IF NOT EXISTS {_identifier(database)}")
    for account in ACCOUNTS:
        password = secrets.get(account.name)
        if password is None:
            continue
        digest = _digest(account, password)
        if applied.get((account.name, account.host)) == digest:
            continue
        exists = (account.name, account.host) in applied
        for statement in _statements(account, password, database, digest, exists=exists):
            session.query(statement)
        changed.append(account.name)
    return changed


def _statements(account: Account, password: str, database: str, digest: str, *, exists: bool) -> Iterator[str]:
    """The digest comes last: what was left half done is done again."""
    rest = f"REQUIRE {account.requires} {account.limits}"
    attribute = f"ATTRIBUTE {quoted(json.dumps({'applied': digest}))}"
    if not exists:
        yield f"CREATE USER IF NOT EXISTS {account.at} IDENTIFIED BY {quoted(password)} {rest}"
    for rights, where in account.grants.items():
        yield f"GRANT {rights} ON {where.format(database=_identifier(database))} TO {account.at}"
    if exists:
        yield f"ALTER USER {account.at} IDENTIFIED BY {quoted(password)} RETAIN CURRENT PASSWORD {rest} {attribute}"
    else:
        yield f"ALTER USER {account.at} {attribute}"


def _digest(account: Account, password: str) -> str:
    parts = (account.name, password, account.requires, account.limits, *account.grants, *account.grants.values())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _identifier(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
