"""What drills on real servers wait for, and how they end where it does not come."""

from __future__ import annotations

import time
from collections.abc import Callable


class DrillFailed(Exception):
    """A step of the drill could not be done, or its end was not seen; a sentence."""


def wait(what: str, holds: Callable[[], object], seconds: float, poll: float = 0.05) -> float:
    """Seconds until `holds`, as looked every `poll` seconds. Raises DrillFailed after `seconds`."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise DrillFailed(f"{what}: not within {seconds:.0f} s")
        time.sleep(poll)
    return time.monotonic() - began
