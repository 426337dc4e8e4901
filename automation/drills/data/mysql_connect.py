"""The agent's port for SQL by PyMySQL, which tests and drills have and pods do not."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from components.data.mysql.runtime.sql import CONNECT_SECONDS, OFTEN_SECONDS, Row, Session, SqlError, Target

# Not typed.
_pymysql: Any = import_module("pymysql")
BROKEN = (_pymysql.err.Error, OSError)


class PyMysqlSession:
    """See components.data.mysql.runtime.sql.Session."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def query(self, statement: str, values: Sequence[str | int] = ()) -> list[Row]:
        """See Session."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement.replace("%", "%%").replace("?", "%s") if values else statement, values or None)
                return [tuple(row) for row in cursor.fetchall()]
        except BROKEN as error:
            raise _sql_error(error) from error

    def close(self) -> None:
        """See Session."""
        with contextlib.suppress(*BROKEN):
            self._connection.close()


def connect(target: Target, *, seconds: float = OFTEN_SECONDS) -> Session:
    """See Connector."""
    try:
        return PyMysqlSession(open_connection(target, seconds=seconds))
    except BROKEN as error:
        raise _sql_error(error) from error


def open_connection(target: Target, *, seconds: float, database: str | None = None) -> Any:
    """PyMySQL's own connection. Raises what PyMySQL raises."""
    place: dict[str, Any] = {"unix_socket": target.socket}
    if target.socket is None:
        context = ssl.create_default_context(cafile=target.ca_file)
        context.check_hostname = False  # as VERIFY_CA: the authority vouches for members only
        place = {"host": target.host, "port": target.port, "ssl": context}
    connection = _pymysql.connect(
        user=target.user,
        password=target.password,
        database=database,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=seconds,
        write_timeout=seconds,
        autocommit=True,
        defer_connect=True,
        **place,
    )
    connection.connect(None if target.socket is None else _unix(target.socket))
    return connection


def _unix(path: str) -> socket.socket:
    """A connected socket: PyMySQL leaves its own open where nobody listens."""
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.settimeout(CONNECT_SECONDS)
    try:
        found.connect(path)
    except OSError:
        found.close()
        raise
    return found


def _sql_error(error: Exception) -> SqlError:
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    return SqlError(code, str(error.args[1] if len(error.args) > 1 else error))
