"""A run killed at any moment is finished by the next: nothing is made twice, nothing is left behind."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Project, copy_project

pytestmark = [pytest.mark.engine, pytest.mark.deep]


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
    port = (folder / "cloud" / "port").read_text()
    for part in ("state", "cloud"):
        shutil.rmtree(folder / part)
        shutil.copytree(point / part, folder / part)
    (folder / "cloud" / "port").write_text(port)


def converges_and_leaves_nothing(project) -> None:
    """`up` finishes what was begun, and `destroy` then empties both clouds."""
    project.ok("up", "local")
    assert not project.state("local").get("pending_operations")
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
    # A random password is made without a cloud, and the default security group by adopting the VPC's own.
    assert phases["before"] - phases["inside"] <= 2


def test_every_interrupted_run_converges_and_destroys_cleanly(points, tmp_path):
    """On two cores in two copies side by side; all that fails is told together."""
    first, saved = points
    second = Project(tmp_path / "second")
    shutil.copytree(first.root, second.root)
    (second.folder("local") / "cloud" / "port").unlink(missing_ok=True)
    second.ok("env", "local")
    with ThreadPoolExecutor(2) as pool:
        failed = [*pool.map(_failures, (first, second), (saved[::2], saved[1::2]))]
    assert not any(failed), "\n".join([*failed[0], *failed[1]])


def _failures(project, points) -> list[str]:
    failures = []
    for point in points:
        resume(project, point)
        try:
            converges_and_leaves_nothing(project)
        except AssertionError as failure:
            failures.append(f"{point.name}: {failure}")
    return failures
