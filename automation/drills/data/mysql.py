"""The drill on MySQL: three real members on loopback, killed and stopped while clients write."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from automation.data_servers import DataServers
from automation.drills.data.acknowledged import writing
from automation.drills.data.mysql_group import Group, running
from automation.drills.data.mysql_writer import Writer, lost, make_table
from automation.drills.data.waiting import wait
from automation.drills.live.verdict import Verdict

KILLED_SECONDS, PLANNED_SECONDS = 10.0, 6.0  # promised
WRITES, FAILOVERS = 100_000, 10
WRITERS = 8
WHOLE_SECONDS = 300
SLOWEST = 50  # acknowledged writes per second that any machine reaches
BACK_SECONDS = 120  # for writes to come back at all
REGION = "loopback"  # the figures' only heading


@dataclass(kw_only=True)
class Drill:
    """What the steps share."""

    group: Group
    writers: list[Writer]
    killed: list[float] = field(default_factory=list)  # seconds without writes
    planned: list[float] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """Commits of all writers."""
        return sum(len(writer.acknowledged) for writer in self.writers)

    def whole(self) -> None:
        """Until every member is in the group again; meanwhile clients write little."""
        for writer in self.writers:
            writer.slow = True
        wait("the group is whole", self.group.is_whole, WHOLE_SECONDS)
        for writer in self.writers:
            writer.slow = False

    def write(self, writes: int) -> None:
        """Until so many writes are acknowledged, at full speed."""
        wait("writes are acknowledged", lambda: self.acknowledged >= writes, max(BACK_SECONDS, writes / SLOWEST))

    def outage_of(self, event: Callable[[], object]) -> float:
        """For how long no client could write around an event, at the worst."""
        since = time.monotonic()
        event()
        for writer in self.writers:
            wait("writes are acknowledged again", partial(writer.writes_since, since + 1), BACK_SECONDS)
        return max(writer.outage(since) for writer in self.writers)


def run(
    servers: DataServers,
    place: Path,
    verdict: Verdict,
    *,
    writes: int = WRITES,
    failovers: int = FAILOVERS,
) -> None:
    """Every second failover is a kill -9 of the primary, every other one a pod that is deleted."""
    verdict.told(f"MySQL {servers.mysql_version} LTS (the pods run 8.4: options are the subset of both)")
    with running(servers, place) as group:
        founded = wait("the group is whole", group.is_whole, WHOLE_SECONDS)
        wait("the group is ready", group.is_ready, WHOLE_SECONDS)
        make_table(group)
        writers = [Writer(connect=group.client, number=number) for number in range(WRITERS)]
        with writing(writers, BACK_SECONDS):
            drill = Drill(group=group, writers=writers)
            for number in range(failovers):
                drill.write(writes * (number + 1) // (failovers + 1))
                _fail_over(drill, verdict, number)
                drill.whole()
            outage = _lose_all(drill, verdict)
            drill.write(writes)
            drill.whole()
        _judge(drill, verdict, writes)
        verdict.measured(
            REGION,
            server=servers.mysql_version,
            founded_seconds=round(founded, 1),
            full_outage_seconds=round(outage, 1),
            killed_seconds=[round(seconds, 1) for seconds in drill.killed],
            planned_seconds=[round(seconds, 1) for seconds in drill.planned],
            writes_acknowledged=drill.acknowledged,
        )


def _fail_over(drill: Drill, verdict: Verdict, number: int) -> None:
    primary = drill.group.primary_now()
    if number % 2 == 0:
        seconds = drill.outage_of(primary.kill_mysqld)
        drill.killed.append(seconds)
        verdict.told(f"failover {number + 1}: {primary.pod} killed, no writes for {seconds:.1f} s")
    else:
        seconds = drill.outage_of(primary.delete)
        drill.planned.append(seconds)
        primary.start()
        verdict.told(f"failover {number + 1}: {primary.pod} deleted, no writes for {seconds:.1f} s")


def _lose_all(drill: Drill, verdict: Verdict) -> float:
    """One member is behind when all are killed; the group must come back with what the others had."""
    group = drill.group
    primary = group.primary()
    behind = next(member for member in group.members if member is not primary)
    drill.outage_of(behind.kill)

    def lose() -> None:
        for member in group.members:
            if member is not behind:
                member.kill()
        group.start()

    seconds = drill.outage_of(lose)
    verdict.told(f"all members killed and started: no writes for {seconds:.1f} s")
    drill.whole()
    return seconds


def _judge(drill: Drill, verdict: Verdict, writes: int) -> None:
    group = drill.group
    count = group.api.objects.founded
    verdict.judge("the first group was founded once", [f"{count} groups were founded"] if count != 1 else [])
    for what, figures, promised in (
        ("kill -9 of the primary", drill.killed, KILLED_SECONDS),
        ("a pod that is deleted", drill.planned, PLANNED_SECONDS),
    ):
        late = [seconds for seconds in figures if seconds > promised]
        middle = f", {statistics.median(figures):.1f} s in the middle" if figures else ""
        verdict.judge(
            f"after {what} clients write again within {promised:.0f} s{middle}",
            [f"after {what} nobody could write for {seconds:.1f} s, promised are {promised:.0f} s" for seconds in late],
        )
    missing = lost(group, drill.writers)
    verdict.measured(REGION, writes_lost=missing)
    total = drill.acknowledged
    verdict.judge(
        f"of {total} acknowledged writes none is lost",
        [f"{missing} of {total} acknowledged writes are lost"] if missing else [],
    )
    verdict.judge(
        f"all members are ONLINE again after {len(drill.killed) + len(drill.planned)} failovers and one outage of all",
        [] if group.is_whole() else ["not all members are ONLINE again"],
    )
    few = [f"only {total} writes were acknowledged, {writes} are wanted"] if total < writes else []
    verdict.judge(f"at least {writes} writes were acknowledged", few)
