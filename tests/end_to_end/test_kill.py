"""A run killed at any moment is finished by the next: nothing is made twice, nothing is left behind."""

import pytest

from automation.drills.kill import drawn, run_drill, save_points
from embedded.steps import PHASES
from tests.end_to_end.conftest import copy_project
from tests.shipped import leaves, recording_of

pytestmark = pytest.mark.engine


@pytest.mark.deep
def test_every_interrupted_run_converges_and_destroys_cleanly(engine, tmp_path):
    verdicts = run_drill("local", tmp_path, told=lambda _count, _verdict: None)
    points = [point for verdict in verdicts for point in verdict.points]
    phases = {phase: sum(f"-{phase}-" in point for point in points) for phase in PHASES}
    assert phases["before"] == phases["after"] == len(leaves(recording_of("local")))
    # A random password is made without a cloud, and the default security group by adopting the VPC's own.
    assert phases["before"] - phases["inside"] <= 2
    assert not [verdict for verdict in verdicts if verdict.failure]


@pytest.mark.drill
def test_only_the_points_that_were_drawn_are_saved(engine, tmp_path):
    project = copy_project(tmp_path / "project")
    saved = save_points(project, "local", tmp_path / "points", ["2-before", "5-after"])
    points = sorted(point for situation in saved for point in situation.points)
    assert [point.split("-")[:2] for point in points] == [["0002", "before"], ["0005", "after"]]


def test_the_same_seed_draws_the_same_points_and_none_twice():
    points = drawn(1400, 40, seed=7)
    assert points == drawn(1400, 40, seed=7) != drawn(1400, 40, seed=8)
    assert len({*points}) == 40


def test_a_small_stack_is_drawn_whole():
    assert len(drawn(3, 40, seed=7)) == 9
