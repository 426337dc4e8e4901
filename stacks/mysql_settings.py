"""Settings of a region's MySQL; defaults are the game's own published figures."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from components.data.mysql.shape import SIZES
from stacks.game_settings import Resources
from stacks.quantities import Memory
from stacks.setting_types import Name, Settings, Text, Whole

_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_RESERVED = ("mysql", "sys", "information_schema", "performance_schema")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)


def _members(value: int) -> int:
    if value not in SIZES:
        raise ValueError("is no size of a group that loses a member and still decides; give 3 or 5")
    return value


def _schema(value: str) -> str:
    if not _SCHEMA.fullmatch(value) or value in _RESERVED:
        raise ValueError(
            "is no name of a database; use at most 64 lower-case letters, digits and underscores, a letter first, and "
            "none of MySQL's own"
        )
    return value


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("is no host; give a DNS name or an IPv4 address, without a port")
    return value


def _value(value: object) -> object:
    if not isinstance(value, str | int | float):
        raise ValueError("is neither text, a number, true nor false; give one of them")
    # YAML and JSON both may write 3 as 3.0, which the server takes for no whole number.
    return int(value) if isinstance(value, float) and value.is_integer() else value


Members = Annotated[Whole, AfterValidator(_members)]
Schema = Annotated[str, Strict(), AfterValidator(_schema)]
Host = Annotated[str, Strict(), AfterValidator(_host)]
Value = Annotated[str | int | float | bool, BeforeValidator(_value)]


class MysqlSourceSettings(Settings):
    """Another region whose data a region keeps a copy of."""

    region: Name = Field(description="name of that region, in this stack")
    host: Host = Field(description="address of that region's export, as its load balancer shows it")


class MysqlSettings(Settings):
    """MySQL in a region: a group of servers, one in each zone."""

    storage_gib: Annotated[Whole, Field(ge=10, le=16384)] = Field(
        description="size of each server's gp3 volume in GiB; it may grow and never shrink"
    )
    replicas: Members = Field(default=3, description="servers, 3 or 5, no two in a zone")
    requests: Resources = Field(default=Resources(cpu="1", memory="4Gi"), description="what a server is promised")
    limits: Resources = Field(default=Resources(cpu="2", memory="4Gi"), description="what a server may use at most")
    buffer_pool: Memory = Field(default="1Gi", description="memory for data and indexes (InnoDB's buffer pool)")
    redo_log: Memory = Field(default="1Gi", description="size of InnoDB's redo log on the volume")
    max_connections: Annotated[Whole, Field(ge=50, le=10_000)] = Field(
        default=1000, description="connections that a server takes"
    )
    database: Schema = Field(default="game", description="database of the game's services")
    variables: dict[Text, Value] = Field(default={}, description="further variables of the server, those that tune it")
    rotation: Annotated[Whole, Field(ge=1, le=1_000_000)] = Field(
        default=1, description="another number gives every account a new password"
    )
    export: Annotated[bool, Strict()] = Field(
        default=False, description="an internal load balancer, by which other regions may copy the data"
    )
    replica_of: MysqlSourceSettings | None = Field(
        default=None, description="another region, whose data a server beside the group keeps a copy of"
    )
