"""A run killed at any moment is finished by the next: nothing is made twice, nothing is left behind."""

from contextlib import closing

import pytest

from automation.drills.holdings import holdings
from automation.drills.kill import Sample, drawn, run_drill, save_points, verdict_from
from embedded.client import attach
from embedded.stack_folder import StackFolder
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
def test_a_replacement_that_was_killed_is_finished_and_what_it_replaced_is_gone(engine, tmp_path):
    project = copy_project(tmp_path / "project")
    project.ok("up", "local")
    project.edit("local", "instance_types: [m7i.large]", "instance_types: [m7i.xlarge]")
    situations = save_points(project, "local", tmp_path / "points")
    assert sorted(point.split("-")[1] for one in situations for point in one.points) == ["after", "before", "inside"]
    with closing(attach(StackFolder(project.folder("local")))) as hold:
        whole = holdings(project, "local", hold)
    verdicts = [verdict_from(project, "local", one, whole, down=False) for one in situations]
    assert not [verdict for verdict in verdicts if verdict.failure]


@pytest.mark.drill
def test_the_first_points_of_a_sample_that_there_are_are_taken(engine, tmp_path):
    project = copy_project(tmp_path / "project")
    sample = Sample(points=["5-after", "1000-inside", "2-before", "3-after"], count=2)
    saved = save_points(project, "local", tmp_path / "points", sample)
    points = sorted(point for situation in saved for point in situation.points)
    assert [point.split("-")[:2] for point in points] == [["0002", "before"], ["0005", "after"]]


def test_the_same_seed_draws_the_same_points_and_none_twice():
    sample = drawn(1400, 40, seed=7)
    assert sample == drawn(1400, 40, seed=7) != drawn(1400, 40, seed=8)
    assert sample.count == 40
    assert len({*sample.points}) == len(sample.points) > 40


def test_a_small_stack_is_drawn_whole():
    assert len(drawn(3, 40, seed=7).points) == 9
