"""What servers acknowledged to one client, and for how long they acknowledged nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(kw_only=True)
class Acknowledged:
    """`acknowledged` has the number of each write, `moments` when its answer came, by time.monotonic."""

    acknowledged: list[int] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)

    def outage(self, since: float) -> float:
        """The longest time without an acknowledgement, of which some came after `since`; seconds."""
        moments = list(self.moments)
        return max((after - before for before, after in pairwise(moments) if after >= since), default=0.0)

    def writes_since(self, moment: float) -> bool:
        """Whether a write was acknowledged after `moment`."""
        return bool(self.moments) and self.moments[-1] > moment
