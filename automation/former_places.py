"""Where a stack has stood before: what the settings no longer name, and the state forgets once it is deleted.

The backend keeps the settings of every run, so the places and clusters of a region that was taken out of the map are
known as long as that history is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.automation import ConfigValue
from pulumi.automation.errors import CommandError

from automation.aws_sessions import Access
from automation.errors import Refused
from automation.operations import Session, last_line
from embedded.stack_folder import PROJECT_NAME

RUNS = 100
"""How many of the last runs are looked at; with a bucket as backend each is an object to read."""


@dataclass(frozen=True, kw_only=True)
class Former:
    """Ways in, and clusters by name."""

    accesses: tuple[Access, ...] = ()
    clusters: frozenset[str] = frozenset()


def former_places(session: Session) -> Former:
    """Those of the open stack's last runs. Refused if the backend does not tell."""
    try:
        runs = session.stack.history(page_size=RUNS, show_secrets=False)
    except CommandError as error:
        raise Refused(f"stack {session.stack.name}: its history cannot be read: {last_line(str(error))}") from error
    return former_of(run.config for run in runs)


def former_of(configs: Iterable[Mapping[str, ConfigValue]]) -> Former:
    """By the settings of runs, as the engine keeps them: what is no text is JSON text."""
    accesses: dict[Access, None] = {}
    clusters: set[str] = set()
    for config in configs:
        regions = _setting(config, "regions")
        clusters |= {f"{config[f'{PROJECT_NAME}:game'].value}-{name}" for name in regions}
        for part in (*regions.values(), _setting(config, "edge"), _setting(config, "registry")):
            if "aws" in part:
                accesses[_access(part["aws"])] = None
    return Former(accesses=tuple(accesses), clusters=frozenset(clusters))


def _setting(config: Mapping[str, ConfigValue], name: str) -> dict[str, Any]:
    kept = config.get(f"{PROJECT_NAME}:{name}")
    found: dict[str, Any] = json.loads(kept.value) if kept else {}
    return found


def _access(aws: Mapping[str, Any]) -> Access:
    """As of the day of the run: read without today's rules."""
    return Access(
        region=aws["region"],
        profile=aws.get("profile"),
        role=aws.get("role"),
        session_name=aws.get("session_name"),
        account_ids=tuple(aws.get("account_ids", ())),
    )
