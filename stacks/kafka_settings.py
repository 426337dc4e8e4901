"""Settings of a region's Kafka, which somebody else runs."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from stacks.setting_types import Network, Settings, Unique

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"(?P<host>{_LABEL}(\.{_LABEL})*):(?P<port>[0-9]{{1,5}})", re.ASCII)
_LAST_PORT = 65535


def _broker(value: str) -> str:
    match = _ADDRESS.fullmatch(value)
    if not match or len(match["host"]) > 253 or not 1 <= int(match["port"]) <= _LAST_PORT:
        raise ValueError("is no broker; give host:port in lower case, such as b-1.events.example.com:9094")
    return value


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


BrokerAddress = Annotated[str, Strict(), AfterValidator(_broker)]


class KafkaSettings(Settings):
    """Brokers outside the region's cluster; nothing is built but the way to them."""

    brokers: Annotated[
        tuple[BrokerAddress, ...], BeforeValidator(_listed), Unique, Field(min_length=1, max_length=50)
    ] = Field(description="bootstrap servers, each as host:port")
    tls: Annotated[bool, Strict()] = Field(default=True, description="whether the brokers speak TLS on those ports")
    cidrs: Annotated[tuple[Network, ...], Unique] = Field(
        default=(), description="addresses of the brokers; without them the game's closed namespace reaches none"
    )
