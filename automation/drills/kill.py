"""The kill drill: a run killed at any moment is finished by the next, and nothing is made twice or left behind.

One `up` saves the stack's state and the cloud's journal before, inside and after each create, as a kill at that moment
would leave them. From each of these points the stack must come up as if nothing had been: with the resources of the
`up` that nobody killed, and exactly its objects in the cloud. What then goes down is the same as in the destroy drill;
here every eighth does, to see that what was found again is also deleted.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue

from automation.drills.holdings import Holdings, assert_same, holdings
from automation.drills.rehearsal import UNBROKEN, Rehearsal, copy_project
from automation.drills.taken_down import assert_clean, destroyed
from embedded.client import Attachment, CloudError, attach
from embedded.stack_folder import StackFolder
from embedded.steps import PHASES, VARIABLE

DOWN_EVERY = 8
"""Of so many situations one is destroyed too: a destroy takes as long as the rest."""
SPARE = 10
"""Points drawn beside those asked for: which creates have nothing inside them shows only while they are made."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The first `count` of `points` ("12-inside") that there are."""

    points: Sequence[str]
    count: int


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a kill leaves, in a folder, and the points at which it leaves just this ("0012-inside-us-east-vpc")."""

    place: Path
    points: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How it went from these points; `failure` says what did not hold, None if all did."""

    points: tuple[str, ...]
    seconds: float
    failure: str | None


def save_points(rehearsal: Rehearsal, stack: str, into: Path, sample: Sample | None = None) -> list[Situation]:
    """Bring a stack up from nothing and save it at every point, or at those of a sample.

    Points alike in state and journal, as when creates begin side by side, are one situation. A create without a change
    in the cloud, a random password's, has nothing inside it.
    """
    how = f"sample:{','.join(sample.points)}:{into}" if sample else f"save:{into}"
    rehearsal.ok("up", stack, "--embedded", "--json", environment={VARIABLE: how})
    saved = sorted(into.iterdir())
    if sample:
        saved.sort(key=lambda place: sample.points.index(_point(place)))
        saved = saved[: sample.count]
    alike: dict[bytes, list[Path]] = {}
    for place in saved:
        alike.setdefault(_content(place), []).append(place)
    return [Situation(place=same[0], points=tuple(place.name for place in same)) for same in alike.values()]


def _content(point: Path) -> bytes:
    digest = sha256((point / "cloud" / "journal.jsonl").read_bytes())
    for file in sorted((point / "state").rglob("*.json")):
        content = json.loads(file.read_text())
        for part in (content, content.get("checkpoint", {}).get("latest") or {}):
            part.pop("manifest", None)  # when it was written
        digest.update(json.dumps([file.name, content]).encode())
    return digest.digest()


def _point(place: Path) -> str:
    number, phase, _ = place.name.split("-", 2)
    return f"{int(number)}-{phase}"


def drawn(creates: int, count: int, seed: int) -> Sample:
    """A sample of a stack of so many creates, the same for the same seed; all points if there are no more."""
    points = [f"{number}-{phase}" for number in range(1, creates + 1) for phase in PHASES]
    return Sample(points=random.Random(seed).sample(points, min(count + SPARE, len(points))), count=count)


def run_drill(
    stack: str, place: Path, *, sample: Sample | None = None, told: Callable[[int, Verdict], None]
) -> list[Verdict]:
    """Resume a stack from every point, or from those of a sample, in a copy of the project per core, under `place`.

    `told` hears how many situations there are and each verdict as it comes. AssertionError if the first `up` fails.
    """
    first = copy_project(place / "1")
    situations = save_points(first, stack, place / "points", sample)
    with _held(first, stack) as hold:
        whole = holdings(first, stack, hold)
    idle: SimpleQueue[Rehearsal] = SimpleQueue()
    # One more than there are cores: each waits now and then for its cloud to leave.
    rehearsals = [first, *(twin(first, stack, place / str(n)) for n in range(2, (os.cpu_count() or 1) + 2))]
    for rehearsal in rehearsals:
        idle.put(rehearsal)

    def judged(number: int, situation: Situation) -> Verdict:
        rehearsal = idle.get()
        try:
            verdict = verdict_from(rehearsal, stack, situation, whole, down=number % DOWN_EVERY == 0)
        finally:
            idle.put(rehearsal)
        told(len(situations), verdict)
        return verdict

    with ThreadPoolExecutor(len(rehearsals)) as pool:
        return [*pool.map(judged, range(len(situations)), situations)]


def twin(first: Rehearsal, stack: str, root: Path) -> Rehearsal:
    """A copy of a copy, with what opens the stack's state, and a port of its own."""
    _assert_quiet(first)
    shutil.copytree(first.root, root)
    second = Rehearsal(root)
    (second.folder(stack) / "cloud" / "port").unlink(missing_ok=True)
    second.ok("env", stack)
    return second


def verdict_from(rehearsal: Rehearsal, stack: str, situation: Situation, whole: Holdings, *, down: bool) -> Verdict:
    """Put the stack back to a situation, finish it, and destroy it if it is to go `down`."""
    began = time.monotonic()
    failure = None
    try:
        resume(rehearsal, stack, situation.place)
        _finish(rehearsal, stack, whole, down=down)
    except (AssertionError, CloudError, subprocess.TimeoutExpired) as problem:
        failure = str(problem)
    return Verdict(points=situation.points, seconds=time.monotonic() - began, failure=failure)


def _finish(rehearsal: Rehearsal, stack: str, whole: Holdings, *, down: bool) -> None:
    # Held over both runs: to start it costs as much as either.
    with _held(rehearsal, stack) as hold:
        rehearsal.report("up", stack, "--embedded", environment=UNBROKEN)
        begun = rehearsal.state(stack).get("pending_operations")
        if begun:
            raise AssertionError(f"operations still pending: {begun}")
        assert_same(holdings(rehearsal, stack, hold), whole)
        report = destroyed(rehearsal, stack) if down else None
    if report is not None:
        assert_clean(rehearsal, stack, report)


def _held(rehearsal: Rehearsal, stack: str) -> closing[Attachment]:
    return closing(attach(StackFolder(rehearsal.folder(stack))))


def resume(rehearsal: Rehearsal, stack: str, point: Path) -> None:
    """Put the stack back to where a kill at `point` would have left it; its port stays its own."""
    _assert_quiet(rehearsal)
    folder = rehearsal.folder(stack)
    port = (folder / "cloud" / "port").read_text()
    for part in ("state", "cloud"):
        shutil.rmtree(folder / part)
        shutil.copytree(point / part, folder / part)
    (folder / "cloud" / "port").write_text(port)


def _assert_quiet(rehearsal: Rehearsal) -> None:
    if left := rehearsal.processes_left():  # of a run that failed: they would go on in what is put there
        raise AssertionError(f"processes left by the run before: {left}")
