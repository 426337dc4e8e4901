"""Real data servers for tests and drills: which of them are here, or why none are. tools/data-servers installs them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from automation.go_build import file_digest

INSTALLER = Path(__file__).parents[1] / "tools" / "data-servers" / "install"
_CHECKSUMS = "checksums"
_PROGRAMS = (
    "mysqld",
    "mysql",
    "mysqladmin",
    "mysqlbinlog",
    "mysqldump",
    "valkey-server",
    "valkey-cli",
    "valkey-check-aof",
    "valkey-check-rdb",
)


@dataclass(frozen=True, kw_only=True)
class DataServers:
    """Programs in `folder`/bin; each runs with its own loader and libraries."""

    folder: Path
    versions: dict[str, str]  # Debian's package -> its version: "mysql-server-core": "9.7.4-2"

    def program(self, name: str) -> Path:
        """Where a program stands, such as "mysqld" or "valkey-server"."""
        return self.folder / "bin" / name

    @property
    def rabbitmq(self) -> Path:
        """What RabbitMQ's nodes must see as /usr."""
        return self.folder / "rabbitmq" / "usr"

    @property
    def postgres(self) -> Path:
        """What PostgreSQL must see as /usr."""
        return self.folder / "postgres" / "usr"

    @property
    def postgres_version(self) -> str:
        """As in "18.6"."""
        return self.versions["postgresql-18"].partition("-")[0]

    @property
    def bin(self) -> Path:
        """The folder of all programs, for PATH."""
        return self.folder / "bin"

    @property
    def mysql_version(self) -> str:
        """As in "9.7.4"."""
        return self.versions["mysql-server-core"].partition("-")[0]

    @property
    def valkey_version(self) -> str:
        """As in "8.1.1"."""
        return self.versions["valkey-server"].partition("+")[0].partition("-")[0]

    @property
    def rabbitmq_version(self) -> str:
        """As in "4.3.6"."""
        return self.versions["rabbitmq-server"].partition("-")[0]


def with_usr(usr: Path, command: Sequence[str], *, prefix: str = "") -> list[str]:
    """`command`, after the words of `prefix`, where it and its children alone see `usr` as /usr. For who may mount."""
    return ["unshare", "--mount", "sh", "-c", f'mount --rbind "$0" /usr && exec {prefix} "$@"', str(usr), *command]


@cache
def find_servers() -> DataServers | str:
    """The installed servers, or one sentence why there are none. Programs that are not what was installed are none."""
    try:
        answer = subprocess.run([INSTALLER, "--where"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return f"data servers cannot be looked for: {error}"
    folder = Path(answer.stdout.strip())
    if not (folder / _CHECKSUMS).is_file():
        return "data servers are not installed; run tools/data-servers/install"
    damaged = [name for name in _PROGRAMS if not _is_intact(folder, f"./bin/{name}")]
    if damaged:
        return f"data servers are damaged ({', '.join(damaged)}); run tools/data-servers/install"
    words = [line.partition(" ") for line in (folder / "versions").read_text().splitlines()]
    return DataServers(folder=folder, versions={package: version for package, _, version in words})


def _is_intact(folder: Path, name: str) -> bool:
    digests = {line[66:]: line[:64] for line in (folder / _CHECKSUMS).read_text().splitlines()}
    file = folder / name
    return name in digests and file.is_file() and file_digest(file) == digests[name]
