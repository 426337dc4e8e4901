"""Pure: how long nobody can write when the member that takes writes is lost, part by part.

Measured with three servers on one machine: 7.6 s from kill -9 to the first write elsewhere at an expel timeout of 0,
and 22 s at 1, 3 and 5 alike: the group looks at its suspects every 15 s only, as it seems. Here those figures are the
sum of the group's own parts; what the cluster adds comes on top.
"""

import re
from dataclasses import dataclass
from math import ceil

PROMISED_SECONDS = 23.0
_EXPEL_TIMEOUT = re.compile(r"^loose_group_replication_member_expel_timeout *= *([0-9]+)$", re.MULTILINE)
# A member that was silent for this long is suspected; MySQL 8.4 has no setting for it.
_SUSPICION = 5.0
_LOOK_AT_SUSPECTS = 15
_ELECTION = 2.6  # the rest of what was measured at 0: 7.6 s
_AGENT_LOOP = 2.0
_ENDPOINTS = 1.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a failover, `seconds` at most."""

    name: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Failover:
    """The parts of a failover, in the order in which they pass."""

    parts: tuple[Part, ...]

    @property
    def seconds(self) -> float:
        """All parts together."""
        return round(sum(part.seconds for part in self.parts), 1)

    @property
    def kept(self) -> bool:
        """Whether the promise holds."""
        return self.seconds <= PROMISED_SECONDS

    @property
    def arithmetic(self) -> str:
        """The sum as a plan prints it, against the promise."""
        terms = " + ".join(f"{part.name} {part.seconds:g} s" for part in self.parts)
        verdict = "within" if self.kept else "above"
        return f"{terms} = {self.seconds:g} s, {verdict} the promised {PROMISED_SECONDS:g} s"


def failover_seconds(options: str) -> Failover:
    """What an option file (`config.render_config`) makes of a failover: of all options, the expel timeout counts."""
    found = _EXPEL_TIMEOUT.search(options)
    if found is None:
        raise ValueError("mysql failover: the option file says no expel timeout; MySQL's own default gives 25 s")
    looks = ceil(int(found[1]) / _LOOK_AT_SUSPECTS)
    return Failover(
        parts=(
            Part(name="suspicion", seconds=_SUSPICION),
            Part(name="expulsion", seconds=float(looks * _LOOK_AT_SUSPECTS)),
            Part(name="election", seconds=_ELECTION),
            Part(name="the agent's label", seconds=_AGENT_LOOP),
            Part(name="the Service's endpoints", seconds=_ENDPOINTS),
        )
    )
