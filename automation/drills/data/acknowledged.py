"""A client that writes in a thread of its own: what servers acknowledged to it, and for how long nothing."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from automation.drills.data.waiting import wait


@dataclass(kw_only=True)
class Acknowledged(ABC):
    """`acknowledged` has the number of each write, `moments` when its answer came, by time.monotonic."""

    acknowledged: list[int] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _next: int = 0

    @abstractmethod
    def _run(self) -> None:
        """Writes until `_ended` is set."""

    def start(self) -> None:
        """Begins to write."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends after the write in hand."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def outage(self, since: float) -> float:
        """The longest time without an acknowledgement, of which some came after `since`; seconds."""
        moments = list(self.moments)
        return max((after - before for before, after in pairwise(moments) if after >= since), default=0.0)

    def writes_since(self, moment: float) -> bool:
        """Whether a write was acknowledged after `moment`."""
        return bool(self.moments) and self.moments[-1] > moment

    def _acknowledge(self) -> None:
        self.acknowledged.append(self._next)
        self.moments.append(time.monotonic())


@contextmanager
def writing(clients: Sequence[Acknowledged], seconds: float) -> Iterator[None]:
    """`clients` write until the block ends, which begins once each has. DrillFailed if one has not in `seconds`."""
    for client in clients:
        client.start()
    try:
        wait("every client has written", lambda: all(client.acknowledged for client in clients), seconds)
        yield
    finally:
        for client in clients:
            client.stop()
