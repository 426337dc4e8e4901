"""Points at which a drill can stop the world: before, inside and after each create.

`GAME_REGIONS_DRILL` is one of

- `kill:PHASE:NUMBER`: SIGKILL for the engine, its plugins, the command and the cloud itself at that create;
- `save:FOLDER`: copy the stack's state and the cloud's journal at every point, so that a drill can resume from each
  without killing a run each time;
- `sample:12-inside,30-after:FOLDER`: the same at these points only.

"Inside" is when the first change of a create is written down but not yet made: the earliest moment from which the cloud
has an object that the engine does not know.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from embedded.provider import Target
from embedded.stack_folder import StackFolder

VARIABLE = "GAME_REGIONS_DRILL"
Phase = Literal["before", "inside", "after"]
PHASES: tuple[Phase, ...] = ("before", "inside", "after")


def _go_on(phase: Phase, number: int, target: Target) -> None:
    """No drill: nothing happens at any point."""
    del phase, number, target


class Steps:
    """Counts creates and calls `reached(phase, number, target)` at each point.

    `lock` is the cloud's own: while a point is being looked at nothing is written down, so that the journal and the
    engine's state can be copied as they would be found after a crash at that moment.
    """

    def __init__(self, lock: threading.RLock, reached: Callable[[Phase, int, Target], None] = _go_on) -> None:
        self._reached = reached
        self._lock = lock
        self._count = 0
        self._here = threading.local()

    def before_create(self, target: Target) -> None:
        """A create is about to start in this thread."""
        with self._lock:
            self._count += 1
            self._here.create = (self._count, target)
            self._reached("before", self._count, target)

    def recorded(self, sequence: int) -> None:
        """A mutation was written down; counts as "inside" if it is the first of a create."""
        del sequence
        create = getattr(self._here, "create", None)
        if create is not None and getattr(self._here, "inside", None) != create:
            self._here.inside = create
            with self._lock:
                self._reached("inside", *create)

    def after_create(self, target: Target) -> None:
        """The create is done, the engine has not been told yet."""
        del target
        create = self._here.create
        self._here.create = None
        with self._lock:
            self._reached("after", *create)


def steps_of(
    command: str | None, lock: threading.RLock, folder: StackFolder, users: Callable[[], Iterable[int]]
) -> Steps:
    """The steps that `GAME_REGIONS_DRILL` asks for."""
    if not command:
        return Steps(lock)
    verb, _, argument = command.partition(":")
    if verb == "save":
        return Steps(lock, lambda phase, number, target: _save(folder, Path(argument), phase, number, target))
    if verb == "sample":
        points, _, into = argument.partition(":")
        drawn = frozenset(points.split(","))

        def save_drawn(phase: Phase, number: int, target: Target) -> None:
            if f"{number}-{phase}" in drawn:
                _save(folder, Path(into), phase, number, target)

        return Steps(lock, save_drawn)
    phase, _, number = argument.partition(":")
    wanted = (phase, int(number))

    def kill_there(at: Phase, count: int, target: Target) -> None:
        del target
        if (at, count) == wanted:
            _kill(users())

    return Steps(lock, kill_there)


def _save(folder: StackFolder, into: Path, phase: Phase, number: int, target: Target) -> None:
    place = into / f"{number:04d}-{phase}-{target.name}"
    shutil.copytree(folder.state, place / "state", ignore=shutil.ignore_patterns("history", "backups", "*.tmp"))
    (place / "cloud").mkdir()
    shutil.copy2(folder.cloud / "journal.jsonl", place / "cloud" / "journal.jsonl")


def _kill(users: Iterable[int]) -> None:
    for pid in {*users} - {os.getpid(), 1}:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    os.kill(os.getpid(), signal.SIGKILL)
