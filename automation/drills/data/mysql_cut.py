"""MySQL's primary is cut off from the other members while clients write on both sides."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

from automation.data_servers import DataServers
from automation.drills.data.acknowledged import writing
from automation.drills.data.mysql_connect import open_connection
from automation.drills.data.mysql_group import ANSWER_SECONDS, DATABASE, MEMBERS, Group, running
from automation.drills.data.mysql_member import Member, host_of
from automation.drills.data.mysql_writer import Writer, lost, make_table
from automation.drills.data.pod_network import PodNetwork
from automation.drills.data.waiting import wait
from automation.drills.live.verdict import Verdict

CUT_SECONDS = 10.0  # promised: clients on the others' side write again
SENT_AWAY_SECONDS = 40.0  # promised: the lost side sends its clients away; it waits 20 s for its majority
WHOLE_SECONDS = 300
_HEADING = "network cut"


def run(servers: DataServers, place: Path, verdict: Verdict) -> None:
    """A fresh group in the caller's own network."""
    network = PodNetwork(place, {pod: host_of(pod) for pod in (f"mysql-{number}" for number in range(MEMBERS))})
    with running(servers, place, network=network) as group:
        wait("the group is ready", group.is_ready, WHOLE_SECONDS)
        make_table(group)
        primary = group.primary_now()
        outside = Writer(connect=group.client, number=1)
        inside = Writer(connect=partial(_beside, network, primary), number=2)
        writers = [outside, inside]
        with writing(writers, WHOLE_SECONDS):
            figures = _cut(group, network, primary, outside, inside)
        _judge(group, verdict, figures, writers)


def _beside(network: PodNetwork, member: Member) -> Any:
    """A connection of a client that stands on the member's side, whatever the Service says."""
    network.enter(member.pod)
    return open_connection(member.target("migration"), seconds=ANSWER_SECONDS, database=DATABASE)


def _cut(group: Group, network: PodNetwork, primary: Member, outside: Writer, inside: Writer) -> dict[str, float]:
    since = time.monotonic()
    with network.cut(primary.pod):
        wait("writes are acknowledged again", partial(outside.writes_since, since + 1), WHOLE_SECONDS)
        away = partial(_sends_away, group, primary)
        wait("the lost side sends its clients away", away, WHOLE_SECONDS)
        sent_away = time.monotonic() - since
        last_inside = max(inside.moments) - since
    whole = wait("the group is whole again", group.is_whole, WHOLE_SECONDS)
    return {
        "outage_seconds": outside.outage(since),
        "sent_away_seconds": sent_away,
        "last_write_of_lost_side_seconds": last_inside,
        "whole_again_seconds": whole,
    }


def _sends_away(group: Group, member: Member) -> bool:
    return group.query(member, "SELECT @@offline_mode") == [(1,)]


def _judge(group: Group, verdict: Verdict, figures: dict[str, float], writers: list[Writer]) -> None:
    missing, total = lost(group, writers), sum(len(writer.acknowledged) for writer in writers)
    rounded = {name: round(seconds, 1) for name, seconds in figures.items()}
    verdict.measured(_HEADING, **rounded, writes_acknowledged=total, writes_lost=missing)
    after = "after a cut of the primary's network"
    verdict.judge_time(f"{after} the others' side takes writes", figures["outage_seconds"], CUT_SECONDS)
    away = f"{after} the lost side sends its clients away"
    verdict.judge_time(away, figures["sent_away_seconds"], SENT_AWAY_SECONDS)
    verdict.judge(
        f"of {total} writes acknowledged on both sides of the cut none is lost",
        [f"{missing} of {total} writes acknowledged around the cut are lost"] if missing else [],
    )
    founded = group.api.objects.founded
    verdict.judge("the group is one again after the cut", [f"{founded} groups were founded"] if founded != 1 else [])
