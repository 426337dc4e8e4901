"""The port through which the agent talks SQL, and how MySQL Shell's Python, which runs it in the pod, serves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

Row = tuple[Any, ...]
OFTEN_SECONDS = 3  # what a question of the loop may take
CONNECT_SECONDS = 2


class SqlError(Exception):
    """The server refused, or could not be reached. `code` is the server's or the client's error number."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text} ({code})")
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where to connect and as whom: `socket`, or `host` and `port` with the authority in `ca_file`."""

    user: str
    password: str = ""
    socket: str | None = None
    host: str = ""
    port: int = 0
    ca_file: str = ""


class Session(Protocol):
    """One connection. Every method raises SqlError."""

    def query(self, statement: str, values: Sequence[str | int] = ()) -> list[Row]:
        """Rows of a statement; each `?` in it stands for a value. Text comes as str, whole numbers as int."""

    def close(self) -> None:
        """Ends the connection; never raises."""


class Connector(Protocol):
    """Opens sessions. `seconds` bounds each answer that the session waits for."""

    def __call__(self, target: Target, *, seconds: float = OFTEN_SECONDS) -> Session:
        """Raises SqlError where nobody answers, or not in time."""


class ShellSession:
    """A session of MySQL Shell's own Python."""

    def __init__(self, session: Any, errors: tuple[type[Exception], ...]) -> None:
        self._session, self._errors = session, errors

    def query(self, statement: str, values: Sequence[str | int] = ()) -> list[Row]:
        """See Session."""
        try:
            rows = self._session.run_sql(statement, list(values)).fetch_all()
            return [tuple(_text(value) for value in row) for row in rows]
        except self._errors as error:
            raise _sql_error(error) from error

    def close(self) -> None:
        """See Session."""
        try:
            self._session.close()
        except self._errors:
            return


def shell_connector(shell: Any = None) -> Connector:
    """Connects by MySQL Shell. `shell` is its module `mysqlsh`, which exists only inside it."""
    module = shell if shell is not None else import_module("mysqlsh")
    # Of the server's errors; connections that break raise one of Python's own.
    errors = (module.Error, RuntimeError, SystemError, OSError)

    def connect(target: Target, *, seconds: float = OFTEN_SECONDS) -> Session:
        options: dict[str, Any] = {
            "user": target.user,
            "password": target.password,
            "connect-timeout": CONNECT_SECONDS * 1000,
            "net-read-timeout": int(seconds * 1000),
        }
        if target.socket is not None:
            options["socket"] = target.socket
        else:
            options |= {"host": target.host, "port": target.port, "ssl-mode": "VERIFY_CA", "ssl-ca": target.ca_file}
        try:
            return ShellSession(module.mysql.get_classic_session(options), errors)
        except errors as error:
            raise _sql_error(error) from error

    return connect


def quoted(text: str) -> str:
    """Text as a string of SQL, for statements that take no values, such as those of accounts."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes | bytearray) else value


def _sql_error(error: Exception) -> SqlError:
    return SqlError(int(getattr(error, "code", 0) or 0), str(getattr(error, "msg", "") or error))
