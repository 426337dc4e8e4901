"""Drills on real control planes, on the smallest stack: what they promise holds, and they leave nothing behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from automation.control_plane_build import ensure_programs
from automation.drills.live import az_loss, drain, drift
from automation.drills.live.stack import LiveStack, live_stack
from automation.drills.live.verdict import Verdict
from automation.errors import Refused
from automation.stacks_of_project import choose

pytestmark = pytest.mark.control_plane


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LiveStack]:
    from automation.engine import find_engine

    if find_engine() is None:
        pytest.skip("no Pulumi engine on this machine: ./regions up local installs or builds one")
    try:
        ensure_programs(Console(stderr=True))
    except Refused as refused:
        pytest.skip(str(refused))
    with live_stack(choose("local", embedded=True), tmp_path, print) as made:
        yield made
    assert made.rehearsal.processes_left() == []


def verdict() -> Verdict:
    return Verdict(told=print)


def test_a_lost_zone_costs_the_worlds_whose_volumes_lie_there_and_nothing_else(stack: LiveStack) -> None:
    found = verdict()
    az_loss.run(stack, found)
    assert found.broken == []
    figures = found.figures["local"]
    assert (figures["zone"], figures["seats"], figures["seats_left"]) == ("us-east-1a", 4000, 2000)
    assert len(figures["waiting"]) == 1


def test_of_a_busy_and_an_idle_world_only_the_idle_one_is_evicted(stack: LiveStack) -> None:
    found = verdict()
    drain.run(stack, found)
    assert found.broken == []
    assert found.figures["local"]["busy_refusals"] > 5
    assert found.figures["local"]["idle_gone_seconds"] < 10


def test_what_is_edited_by_hand_is_shown_by_refresh_and_taken_back_by_up(stack: LiveStack) -> None:
    found = verdict()
    drift.run(stack, found)
    assert found.broken == []
    assert found.figures["local"]["edits"] == 3
