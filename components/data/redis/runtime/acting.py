"""Steps, done. What a server refuses is told and not raised: the next look shows what is left to do."""

from __future__ import annotations

import time
from collections.abc import Callable

from .pods import Pods
from .resp import RedisError, Unreachable
from .steps import Decision, FailOver, MoveSlots, Step
from .topology import View, parse_info

TAKE_OVER_SECONDS = 20
KEYS_AT_ONCE = 100
MOVE_MS = 5000  # a batch of keys may be on its way so long
TAKE_OVER_POLL, LOOK_POLL = 0.05, 0.5


def perform(pods: Pods, view: View, step: Step, say: Callable[[str], None]) -> None:
    """`step`, on the members of `view`."""
    say(str(step))
    try:
        if isinstance(step, FailOver):
            _fail_over(pods, step.pod)
        elif isinstance(step, MoveSlots):
            _move(pods, view, step)
        else:
            pods.ask(step.pod, *step.words)
    except (RedisError, Unreachable) as problem:
        say(f"{step}: {problem}")


def until_done(
    look: Callable[[], View],
    decide: Callable[[View], Decision],
    do: Callable[[View, Step], None],
    *,
    seconds: float,
    say: Callable[[str], None],
) -> int:
    """Look, decide and do until nothing is left (0), a person must decide, or `seconds` are over (1)."""
    deadline, told = time.monotonic() + seconds, ""
    while True:
        view = look()
        decision = decide(view)
        if decision.why != told:
            told = decision.why
            say(f"{decision.state}: {told}")
        if decision.state == "done":
            return 0
        if decision.state == "refuse":
            return 1
        for step in decision.steps:
            do(view, step)
        if time.monotonic() > deadline:
            say(f"not done in {seconds:.0f} s\n{view.table()}")
            return 1
        time.sleep(LOOK_POLL)  # members need some tenths of a second to tell each other


def _fail_over(pods: Pods, pod: str) -> None:
    pods.ask(pod, "CLUSTER", "FAILOVER")
    deadline = time.monotonic() + TAKE_OVER_SECONDS
    while parse_info(pods.text(pod, "INFO", "replication"))["role"] != "master":
        if time.monotonic() > deadline:
            raise RedisError(f"has not taken over in {TAKE_OVER_SECONDS} s")
        time.sleep(TAKE_OVER_POLL)


def _move(pods: Pods, view: View, step: MoveSlots) -> None:
    """Slot by slot: valkey.io/commands/cluster-setslot. The target is told first that a slot is its own."""
    source, target = view[step.source], view[step.target]
    others = [master.pod for master in view.masters if master.pod not in (source.pod, target.pod)]
    for slot in step.slots:
        try:
            pods.ask(target.pod, "CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        except RedisError as refused:
            if "already the owner" not in str(refused):
                raise
        else:
            pods.ask(source.pod, "CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
            _move_keys(pods, source.pod, target.address, slot)
        for pod in (target.pod, source.pod, *others):
            pods.ask(pod, "CLUSTER", "SETSLOT", slot, "NODE", target.id)


def _move_keys(pods: Pods, source: str, address: str, slot: int) -> None:
    while keys := pods.ask(source, "CLUSTER", "GETKEYSINSLOT", slot, KEYS_AT_ONCE):
        assert isinstance(keys, list)
        login = ("AUTH2", "admin", pods.passwords()[0])
        # A key that is at both after a move that was broken off: its slot's owner has the newer one.
        words = ("MIGRATE", address, pods.place.port, "", 0, MOVE_MS, "REPLACE", *login, "KEYS", *keys)
        pods.ask(source, *words, timeout_seconds=2 * MOVE_MS / 1000)
