"""The file backend of an embedded stack after a crash."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from automation.errors import Refused
from automation.state_files import clear_dead_locks, mend_torn_state
from embedded.stack_folder import StackFolder


@pytest.fixture
def folder(tmp_path):
    folder = StackFolder(tmp_path / "local")
    (folder.state / ".pulumi" / "stacks" / "game-regions").mkdir(parents=True)
    return folder


def state(folder):
    return folder.state / ".pulumi" / "stacks" / "game-regions" / "local.json"


def lock(folder, **content):
    path = folder.state / ".pulumi" / "locks" / "organization" / "game-regions" / "local" / "1.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def test_a_torn_state_is_replaced_by_the_engines_copy(folder):
    state(folder).write_text('{"version": 3, "check')
    state(folder).with_name("local.json.bak").write_text('{"version": 3}')
    assert mend_torn_state(folder)
    assert json.loads(state(folder).read_text()) == {"version": 3}


def test_what_the_cloud_kept_goes_before_the_engines_copy(folder):
    state(folder).write_text("{")
    state(folder).with_name("local.json.bak").write_text('{"version": 3}')
    folder.cloud.mkdir()
    kept = '{"version": 4}'
    folder.last_state.write_text(f"{len(kept):016d}{kept}")
    assert mend_torn_state(folder)
    assert json.loads(state(folder).read_text()) == {"version": 4}


def test_a_readable_state_is_left_alone(folder):
    state(folder).write_text('{"version": 3}')
    assert not mend_torn_state(folder)


def test_a_torn_state_with_a_torn_copy_is_refused_and_kept_as_it_is(folder):
    state(folder).write_text("{")
    state(folder).with_name("local.json.bak").write_text("{")
    with pytest.raises(Refused, match=r"neither its state .* nor the copy beside it can be read"):
        mend_torn_state(folder)
    assert state(folder).read_text() == "{"


def test_attributes_that_a_kill_left_half_written_are_dropped_and_whole_ones_kept(folder):
    state(folder).write_text('{"version": 3}')
    torn, whole = (state(folder).with_name(f"{name}.attrs") for name in ("local.json", "local.json.bak"))
    torn.write_text("")
    whole.write_text('{"user.content_type": "text/plain"}')
    mend_torn_state(folder)
    assert not torn.exists()
    assert whole.exists()


def test_the_lock_of_a_dead_process_is_removed(folder):
    dead = subprocess.Popen(["true"])
    dead.wait()
    path = lock(folder, pid=dead.pid, hostname=socket.gethostname())
    assert clear_dead_locks("local", folder) == 1
    assert not path.exists()


def test_the_lock_of_a_process_that_is_no_engine_any_more_is_removed(folder):
    lock(folder, pid=os.getpid(), hostname=socket.gethostname())  # the id was given to somebody else
    assert clear_dead_locks("local", folder) == 1


def test_the_lock_of_another_host_is_refused_and_stays(folder):
    path = lock(folder, pid=1, hostname="another-host")
    with pytest.raises(Refused, match="locked by process 1 on another-host: end that run there first"):
        clear_dead_locks("local", folder)
    assert path.exists()


def test_a_lock_that_was_never_written_whole_is_removed(folder):
    lock(folder).write_text('{"pi')
    assert clear_dead_locks("local", folder) == 1


def test_a_lock_older_than_the_engine_that_now_has_its_number_is_removed(folder, tmp_path):
    engine = tmp_path / "pulumi"
    engine.symlink_to("/bin/sleep")
    with subprocess.Popen([engine, "60"]) as younger:
        while "pulumi" not in Path(f"/proc/{younger.pid}/comm").read_text():
            time.sleep(0.01)
        mine = lock(folder, hostname=socket.gethostname(), pid=younger.pid)
        os.utime(mine, (1_700_000_000, 1_700_000_000))
        try:
            assert clear_dead_locks("local", folder) == 1
            lock(folder, hostname=socket.gethostname(), pid=younger.pid)
            with pytest.raises(Refused, match="which is alive"):
                clear_dead_locks("local", folder)
        finally:
            younger.kill()
