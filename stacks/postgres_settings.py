"""Settings of a region's PostgreSQL; defaults are made for a database node of 4 processors beside MySQL and Redis."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, Strict

from stacks.quantities import Cpu
from stacks.setting_types import Settings, Whole

# An identifier that needs no quotes in SQL nor escapes in an address; postgres and its like are the server's own.
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_OWN = {"postgres", "streaming_replica", "cnpg_pooler_pgbouncer", "template0", "template1"}
# Six fields, seconds first: pkg.go.dev/github.com/robfig/cron
_FIELD = r"[0-9*,/?LW#A-Za-z-]+"
_SCHEDULE = re.compile(rf"{_FIELD}( {_FIELD}){{5}}", re.ASCII)


def _identifier(value: str) -> str:
    if not _IDENTIFIER.fullmatch(value):
        raise ValueError("is no plain name; use at most 63 lower-case letters, digits and underscores, a letter first")
    if value in _OWN or value.startswith("pg_"):
        raise ValueError("is a name of the server's own; choose another, such as gamedb")
    return value


def _schedule(value: str) -> str:
    if not _SCHEDULE.fullmatch(value):
        raise ValueError('is no schedule of six fields, seconds first; give one such as "0 30 3 * * *" (UTC)')
    return value


Identifier = Annotated[str, Strict(), AfterValidator(_identifier)]
Schedule = Annotated[str, Strict(), AfterValidator(_schedule)]


class PostgresBackupSettings(Settings):
    """Base backups and WAL in the region's backup bucket."""

    schedule: Schedule = Field(default="0 30 3 * * *", description="base backups: seconds, then cron's fields, in UTC")
    retention_days: Annotated[Whole, Field(ge=7, le=365)] = Field(
        default=30, description="days back to which the database can be restored"
    )


class PostgresSettings(Settings):
    """Three instances of PostgreSQL by CloudNativePG, one in each of three zones."""

    cpu: Cpu = Field(default="500m", description="processor time that an instance is promised")
    cpu_limit: Cpu = Field(default="2", description="processor time that an instance may use")
    # The buffers are a quarter of it; with less than 1 GiB backups and vacuum push each other out.
    memory_gib: Annotated[Whole, Field(ge=1, le=512)] = Field(
        default=2, description="memory of an instance in GiB, promised and greatest alike"
    )
    storage_gib: Annotated[Whole, Field(ge=1, le=16384)] = Field(
        default=50, description="size of each instance's data volume in GiB; it can only grow"
    )
    # 1 GiB between checkpoints and 4 GiB held back for a standby must fit with room to archive.
    wal_gib: Annotated[Whole, Field(ge=8, le=1024)] = Field(
        default=10, description="size of each instance's WAL volume in GiB; it can only grow"
    )
    database: Identifier = Field(default="gamedb", description="the game's database, made at first creation only")
    owner: Identifier = Field(default="gameserver", description="user that owns it, made at first creation only")
    password_rotation: Annotated[Whole, Field(ge=0, le=100000)] = Field(
        default=0, description="another number gives the owner another password"
    )
    backup: PostgresBackupSettings | None = Field(
        default=PostgresBackupSettings(), description="backups in the region's bucket; null keeps none"
    )
