"""A disk that is full before the start, and one that fills up in the middle of a run."""

import contextlib
import os
import subprocess
import time
from contextlib import contextmanager

import pytest

from tests.end_to_end.conftest import one_sentence, wait_for

pytestmark = pytest.mark.engine


@contextmanager
def small_disk(place, mebibytes):
    """A file system of its own at `place`; skips where this user may not mount one."""
    place.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk takes root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_before_the_start_is_refused_and_nothing_is_started(project):
    with small_disk(project.folder("local"), 100):
        done = project.run("up", "local")
        assert list(project.folder("local").iterdir()) == []
    assert done.returncode == 1
    assert "a run needs 300 MiB" in one_sentence(done)


@pytest.mark.drill
def test_a_disk_full_midway_leaves_a_readable_state_and_the_next_up_converges(project):
    fill_midway(project, until_the_end=False)


@pytest.mark.deep
def test_the_same_when_the_space_that_was_put_by_is_taken_too(project):
    fill_midway(project, until_the_end=True)


def fill_midway(project, *, until_the_end):
    """Take all that is free once a part of the region stands, free it when the run is over, and go on."""
    with small_disk(project.folder("local"), 320):
        run = project.start("up", "local")
        wait_for(lambda: project.state_exists("local") and len(project.state("local").get("resources", [])) > 12)
        ballast = project.folder("local") / "ballast"
        _take_all(ballast)
        while until_the_end and run.poll() is None:
            _take_all(ballast)
            time.sleep(0.01)
        _, errors = run.communicate(timeout=180)
        assert "Traceback" not in errors
        if not until_the_end:
            assert project.state("local")["resources"], "the state must be readable while the disk is still full"
        ballast.unlink()
        project.ok("up", "local")
        left = project.report("destroy", "local")["left"]
        assert [item for item in left if not item["note"]] == []
        assert project.processes_left() == []


def _take_all(path):
    disk = os.statvfs(path.parent)
    with path.open("ab") as file, contextlib.suppress(OSError):
        os.posix_fallocate(file.fileno(), file.tell(), disk.f_bavail * disk.f_frsize)
