"""The time moto and our models see while a call is executed, so that a replay writes the same timestamps."""

from __future__ import annotations

import datetime
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core import utils


@contextmanager
def moment(at: datetime.datetime) -> Iterator[None]:
    """Hold moto's clock at `at` (aware, UTC). Callers hold the cloud's lock: the clock is one per process."""
    # Every moto service takes the time from moto.core.utils.utcnow, which looks up `datetime` in its own module at
    # each call; so that one name is the clock of all of moto.

    class Held(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
            # A plain datetime: moto keeps it, and a snapshot could not pickle one of this class.
            return at.astimezone(tz) if tz else at.replace(tzinfo=None)

    names: dict[str, Any] = vars(utils)
    real = names["datetime"]
    names["datetime"] = types.SimpleNamespace(**(vars(datetime) | {"datetime": Held}))
    try:
        yield
    finally:
        names["datetime"] = real
