"""How long a region's data systems take to come back, and what may be lost: by the settings and as measured.

Measured: `drill mysql`, `drill redis` and `drill restore` on two cores (docs/drills.md); promised: the game's own
published figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from components.data.backup.promises import RPO_SECONDS, RTO_SECONDS, arithmetic, rpo_rto
from components.data.mysql.config import render_config
from components.data.mysql.failover import PROMISED_SECONDS, failover_seconds
from components.data.redis.config import RedisConfig
from components.data.redis.failover import failover_seconds as redis_failover_seconds
from stacks.mysql_args import figures
from stacks.rules import Finding
from stacks.settings import RegionSettings, StackSettings

# Medians of ten kills each: docs/drills.md.
MYSQL_MEASURED, REDIS_MEASURED = 8.4, 8.5


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One promise: `seconds` by the settings, of at most `promised`; `measured` in a drill, where one measures it."""

    what: str
    seconds: float
    promised: float
    sum_of: str
    measured: float | None = None

    @property
    def kept(self) -> bool:
        """Whether it holds."""
        return self.seconds <= self.promised

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "what": self.what,
            "seconds": self.seconds,
            "promised": self.promised,
            "arithmetic": self.sum_of,
            "measured": self.measured,
        }


def recovery(settings: StackSettings) -> dict[str, list[Figure]]:
    """The figures of each region, none for one without data systems."""
    return {name: list(_of_region(region)) for name, region in settings.regions.items()}


def findings(stack: str, figures_by_region: dict[str, list[Figure]]) -> list[Finding]:
    """An error for each promise that the settings break."""
    return [
        Finding(
            "broken-recovery",
            "error",
            f"urn:pulumi:{stack}",
            f"{region}: {figure.what} takes {figure.seconds:g} s ({figure.sum_of}), above the promised "
            f"{figure.promised:g} s; lower what the sum is made of",
        )
        for region, found in figures_by_region.items()
        for figure in found
        if not figure.kept
    ]


def _of_region(region: RegionSettings) -> Iterator[Figure]:
    data = region.data
    if data is None:
        return
    if data.mysql is not None:
        failover = failover_seconds(render_config(figures(data.mysql), data.mysql.variables))
        yield Figure(
            what="failover of MySQL",
            seconds=failover.seconds,
            promised=PROMISED_SECONDS,
            sum_of=" + ".join(f"{part.name} {part.seconds:g} s" for part in failover.parts),
            measured=MYSQL_MEASURED,
        )
    if data.redis is not None:
        yield _redis(RedisConfig().node_timeout_ms)
    if data.backup is not None:
        backup = data.backup
        parts = rpo_rto(backup.archive_minutes, backup.expected_gib, backup.daily_log_gib)
        yield Figure(
            what="data lost (RPO)",
            seconds=parts.rpo_seconds,
            promised=RPO_SECONDS,
            sum_of=arithmetic(parts.rpo),
        )
        yield Figure(
            what="restore (RTO)", seconds=parts.rto_seconds, promised=RTO_SECONDS, sum_of=arithmetic(parts.rto)
        )


def _redis(node_timeout_ms: int) -> Figure:
    parts = redis_failover_seconds(node_timeout_ms)
    named = (
        ("silence", parts.silence),
        ("detection", parts.detection),
        ("agreement", parts.agreement),
        ("election", parts.election),
    )
    return Figure(
        what="failover of Redis",
        seconds=parts.longest,
        promised=PROMISED_SECONDS,
        sum_of=" + ".join(f"{name} {seconds:g} s" for name, seconds in named),
        measured=REDIS_MEASURED,
    )
