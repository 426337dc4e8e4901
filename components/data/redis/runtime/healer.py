"""The sidecar: `python -m runtime.healer` repairs what members of the cluster do not repair by themselves."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .acting import perform
from .bootstrap import say_aloud
from .healing import decide_fail_back, decide_heal, decide_replace, in_order, layout, leads
from .kube import Zones, zones_from
from .pods import Place, Pods
from .renewal import Renewal
from .resp import RedisError, Unreachable
from .topology import View

HEAL_SECONDS, QUIET_SECONDS = 5, 600
ZONES_SECONDS = 60  # zones are asked for again so often, as long as not all are known


@dataclass(kw_only=True)
class Healer:
    """One pod's. `quiet_seconds`: so long all must be well before masters move back."""

    me: str
    pods: Pods
    zones: Zones
    quiet_seconds: float
    say: Callable[[str], None]
    known_zones: dict[str, str] = field(default_factory=dict)
    zones_asked: float = float("-inf")
    quiet: tuple[object, float] = (None, 0.0)

    def beat(self, now: float) -> None:
        """Look once, and do what there is to do."""
        view = self.pods.look(self._zones(now))
        if not any(member.pod == self.me for member in view.members):
            self.quiet = (None, now)
            return
        port = self.pods.place.port
        steps = decide_heal(view, self.me, port)
        if leads(view, self.me):
            steps += decide_replace(view, self.me, port)
        for step in steps:
            perform(self.pods, view, step, self.say)
        if self._quiet(view, now) and leads(view, self.me):
            for back in decide_fail_back(view):
                perform(self.pods, view, back, self.say)

    def _quiet(self, view: View, now: float) -> bool:
        """All is well, everyone in the same role, for long enough."""
        if not in_order(view):
            self.quiet = (None, now)
            return False
        if self.quiet[0] != layout(view):
            self.quiet = (layout(view), now)
        return now - self.quiet[1] >= self.quiet_seconds

    def _zones(self, now: float) -> dict[str, str]:
        wanted = self.pods.place.pods
        if len(self.known_zones) < len(wanted) and now - self.zones_asked >= ZONES_SECONDS:
            self.zones_asked = now
            try:
                self.known_zones = self.zones.of(wanted)
            except OSError as problem:
                self.say(f"no zones: {problem}")
        return self.known_zones


def run(environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """For ever."""
    place, me = Place.of(environment), environment["POD_NAME"]
    pods = Pods(place)
    healer = Healer(
        me=me,
        pods=pods,
        zones=zones_from(environment),
        quiet_seconds=float(environment.get("REDIS_QUIET_SECONDS", QUIET_SECONDS)),
        say=say,
    )
    renewal = Renewal(me=me, pods=pods, say=say)
    pause = float(environment.get("REDIS_HEAL_SECONDS", HEAL_SECONDS))
    while True:
        try:
            renewal.beat()
            healer.beat(time.monotonic())
        except (OSError, RedisError, Unreachable) as problem:
            say(f"{me}: {problem}")
        time.sleep(pause)


if __name__ == "__main__":
    run(os.environ, say_aloud)
