"""Waiting for a cluster, never for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

_POLL_SECONDS: Final = 0.3
_MOST_NAMED: Final = 5


def waited(seconds: float, missing: Callable[[], Sequence[str]]) -> list[str]:
    """Wait until nothing is missing; what still is after so many seconds."""
    deadline = time.monotonic() + seconds
    while left := [*missing()]:
        if time.monotonic() > deadline:
            return left
        time.sleep(_POLL_SECONDS)
    return []


def until(what: str, seconds: float, missing: Callable[[], Sequence[str]]) -> float:
    """Seconds until nothing is missing. AssertionError with what still is after `seconds`."""
    began = time.monotonic()
    left = waited(seconds, missing)
    if left:
        raise AssertionError(f"{what}: after {seconds:.0f} s {', '.join(left[:_MOST_NAMED])}")
    return round(time.monotonic() - began, 1)


def quiet(seconds: float, within: float, look: Callable[[], Any]) -> bool:
    """Wait until what `look` sees has been the same for `seconds`; False if it was not `within` so many."""
    deadline = time.monotonic() + within
    seen, since = look(), time.monotonic()
    while time.monotonic() - since < seconds:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
        now = look()
        if now != seen:
            seen, since = now, time.monotonic()
    return True
