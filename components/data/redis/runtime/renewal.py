"""New passwords and certificates reach the running server: nobody restarts it for them."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from .pods import Pods
from .resp import Connection, RedisError, Unreachable

TLS_FILES = {"tls-ca-cert-file": "ca.crt", "tls-cert-file": "tls.crt", "tls-key-file": "tls.key"}


@dataclass(kw_only=True)
class Renewal:
    """Of one pod's server. What has been seen is kept as digests."""

    me: str
    pods: Pods
    say: Callable[[str], None]
    seen: dict[str, str] = field(default_factory=dict)

    def beat(self) -> None:
        """Let the server read what has changed. At the first look it may have changed since the server's start."""
        place = self.pods.place
        if self._changed("users", place.users / "users.acl"):
            self._do("users", "ACL", "LOAD")
            # The server closes connections of users that it has read anew, this one among them.
            self.pods.drop(self.me)
        if self._changed("certificate", *(place.tls / name for name in TLS_FILES.values())):
            pairs = [word for option, name in TLS_FILES.items() for word in (option, str(place.tls / name))]
            self._do("certificate", "CONFIG", "SET", *pairs)
        if self._changed("masterauth", place.users / "repl"):
            self._replication_password(place.password("repl"))

    def _replication_password(self, password: str) -> None:
        """Only once every peer that answers lets it in: a link that breaks before could not come back."""
        place = self.pods.place
        for pod in place.pods:
            try:
                Connection(
                    place.address(pod),
                    place.port,
                    user="repl",
                    passwords=[password],
                    tls=ssl.create_default_context(cafile=str(place.tls / "ca.crt")),
                    hostname=f"{pod}.{place.domain}",
                ).close()
            except Unreachable:
                continue
            except RedisError:
                del self.seen["masterauth"]
                return
        self._do("masterauth", "CONFIG", "SET", "masterauth", password)

    def _changed(self, what: str, *files: Path) -> bool:
        digest = sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
        if self.seen.get(what) == digest:
            return False
        self.seen[what] = digest
        return True

    def _do(self, what: str, *words: str) -> None:
        try:
            self.pods.ask(self.me, *words)
            self.say(f"{self.me}: has read the {what} that stand in the files now")
        except (RedisError, Unreachable) as problem:
            del self.seen[what]
            self.say(f"{self.me}: {what}: {problem}")
