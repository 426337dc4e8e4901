"""The fewest ready pods that each workload had while something went on."""

from __future__ import annotations

import threading
from collections import Counter
from types import TracebackType
from typing import Final

from automation.drills.live.region import LiveRegion
from components.promises import check
from embedded.kubernetes.errors import ApiError

_LOOK_SECONDS: Final = 0.2


class Watch:
    """Looks at a region several times a second, from `with` on to its end."""

    def __init__(self, region: LiveRegion) -> None:
        self._region = region
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"watch of {region.name}")
        self.fewest: dict[str, Counter[str]] = {}
        self.looks = 0

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def broken(self) -> list[str]:
        """A sentence for each promise that did not hold at some moment."""
        checks = (
            check(promise, self.fewest.get(promise.owner, {}), zone_lost=False)
            for promise in self._region.estimate.promises
        )
        return [f"{self._region.name}, at the worst moment: {sentence}" for sentence in checks if sentence is not None]

    def least(self, owner: str) -> int:
        """The fewest ready pods of one workload."""
        return self.fewest.get(owner, Counter()).total()

    def _run(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            try:
                self.see(self._region.running())
            except ApiError:
                continue  # the server is busy; the next look sees what there is

    def see(self, running: dict[str, Counter[str]]) -> None:
        """One look: ready pods by workload and zone."""
        self.looks += 1
        for promise in self._region.estimate.promises:
            now = running.get(promise.owner, Counter())
            if promise.owner not in self.fewest or now.total() < self.fewest[promise.owner].total():
                self.fewest[promise.owner] = now
