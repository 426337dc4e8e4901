"""A run killed at any moment is finished by the next: nothing is made twice, nothing is left behind."""

import random
import shutil
import signal
from pathlib import Path

import pytest

from tests.end_to_end.conftest import copy_project

pytestmark = pytest.mark.engine

SAMPLE = 3  # of all points of a run; the long drill takes each of them
SEED = 20261121


@pytest.fixture(scope="module")
def points(engine, tmp_path_factory):
    """A copy of the project and the state of `local` at each point of its first `up`, as a kill would leave it."""
    del engine
    project = copy_project(tmp_path_factory.mktemp("kill") / "project")
    saved = tmp_path_factory.mktemp("points")
    project.ok("up", "local", environment={"GAME_REGIONS_DRILL": f"save:{saved}"})
    return project, sorted(saved.iterdir())


def resume(project, point: Path) -> None:
    """Put the stack back to where a kill at `point` would have left it."""
    folder = project.folder("local")
    for part in ("state", "cloud"):
        port = (folder / "cloud" / "port").read_text()
        shutil.rmtree(folder / part)
        shutil.copytree(point / part, folder / part)
        (folder / "cloud").mkdir(exist_ok=True)
        (folder / "cloud" / "port").write_text(port)


def converges_and_leaves_nothing(project) -> None:
    """`up` finishes what was begun, a further one has nothing to do, and `destroy` empties both clouds."""
    project.ok("up", "local")
    assert not project.state("local").get("pending_operations")
    assert set(project.report("preview", "local")["changes"]) == {"same"}
    left = project.report("destroy", "local")["left"]
    assert [item for item in left if not item["note"]] == []
    assert not project.state("local").get("resources")
    assert project.processes_left() == []


def test_every_create_of_local_has_a_point_before_inside_and_after_it(points):
    _, saved = points
    numbers = {point.name.split("-")[0] for point in saved}
    phases = {phase: sum(f"-{phase}-" in point.name for point in saved) for phase in ("before", "inside", "after")}
    assert phases["before"] == phases["after"] == len(numbers)
    assert len(numbers) >= 50
    # A random password is made without a cloud, so it has no inside.
    assert phases["before"] - phases["inside"] <= 2


def test_a_sample_of_interrupted_runs_converges_and_destroys_cleanly(points):
    project, saved = points
    for point in random.Random(SEED).sample(saved, SAMPLE):
        resume(project, point)
        converges_and_leaves_nothing(project)


@pytest.mark.deep
def test_every_interrupted_run_converges_and_destroys_cleanly(points):
    project, saved = points
    for point in saved:
        resume(project, point)
        converges_and_leaves_nothing(project)


def test_a_run_really_killed_inside_a_create_is_finished_by_the_next(project):
    killed = project.run("up", "local", environment={"GAME_REGIONS_DRILL": "kill:inside:9"})
    assert killed.returncode == -signal.SIGKILL
    assert project.state("local")["pending_operations"]
    converges_and_leaves_nothing(project)
