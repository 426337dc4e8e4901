"""A small client of Redis: one connection over TLS, one command at a time (RESP 2)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from types import TracebackType
from typing import Any


class RedisError(Exception):
    """The server refused a command; the text begins with the kind: `ERR`, `LOADING`, `MOVED`."""


class Unreachable(Exception):
    """No connection, or no answer in time."""


class Connection:
    """Logged in as `user`. The first of `passwords` that opens counts: while they rotate, there are two."""

    def __init__(
        self,
        address: str,
        port: int,
        *,
        user: str,
        passwords: Sequence[str],
        tls: ssl.SSLContext,
        hostname: str,
        timeout_seconds: float = 2.0,
    ) -> None:
        try:
            plain = socket.create_connection((address, port), timeout=timeout_seconds)
            try:
                self._socket = tls.wrap_socket(plain, server_hostname=hostname)
            except BaseException:
                plain.close()
                raise
        except OSError as problem:  # ssl.SSLError is one
            raise Unreachable(f"{hostname} at {address}:{port}: {problem}") from problem
        self._name = f"{hostname} at {address}:{port}"
        self._received = b""
        try:
            self._log_in(user, passwords)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def ask(self, *words: str | bytes | int, timeout_seconds: float | None = None) -> Any:
        """The answer: str, int, None or a list of them. RedisError if refused; Unreachable ends the connection."""
        parts = [word if isinstance(word, bytes) else str(word).encode(errors="surrogateescape") for word in words]
        message = b"".join((b"*%d\r\n" % len(parts), *(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)))
        usual = self._socket.gettimeout()
        try:
            if timeout_seconds is not None:
                self._socket.settimeout(timeout_seconds)
            self._socket.sendall(message)
            answer = self._answer()
            self._socket.settimeout(usual)
        except OSError as problem:
            self.close()
            raise Unreachable(f"{self._name}: {problem}") from problem
        if isinstance(answer, RedisError):
            raise answer
        return answer

    def _log_in(self, user: str, passwords: Sequence[str]) -> None:
        for password in passwords:
            try:
                self.ask("AUTH", user, password)
                return
            except RedisError as refused:
                problem = refused
        raise problem

    def _answer(self) -> Any:
        line = self._line()
        kind, rest = line[:1], line[1:].decode(errors="replace")
        if kind == b"+":
            return rest
        if kind == b"-":
            return RedisError(rest)
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if int(rest) < 0 else self._exactly(int(rest)).decode(errors="surrogateescape")
        if kind == b"*":
            return None if int(rest) < 0 else [self._answer() for _ in range(int(rest))]
        raise OSError(f"not an answer of Redis: {line[:40]!r}")

    def _line(self) -> bytes:
        while b"\r\n" not in self._received:
            self._receive()
        line, _, self._received = self._received.partition(b"\r\n")
        return line

    def _exactly(self, size: int) -> bytes:
        while len(self._received) < size + 2:
            self._receive()
        body, self._received = self._received[:size], self._received[size + 2 :]
        return body

    def _receive(self) -> None:
        more = self._socket.recv(65_536)
        if not more:
            raise ConnectionResetError("the server closed the connection")
        self._received += more
