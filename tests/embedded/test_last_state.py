"""The engine's state on a disk that fills up."""

import os
from types import SimpleNamespace

import pytest

from embedded.last_state import SLOT_BYTES, LastState, kept_state
from embedded.reserve import Reserve
from embedded.stack_folder import StackFolder

WHOLE, LATER = '{\n    "version": 3\n}\n', '{\n    "version": 4\n}\n'


@pytest.fixture
def folder(tmp_path):
    folder = StackFolder(tmp_path / "local")
    folder.state_file.parent.mkdir(parents=True)
    folder.cloud.mkdir()
    folder.state_file.write_text(WHOLE)
    return folder


@pytest.fixture
def last_state(folder):
    return LastState(folder, Reserve(folder.cloud))


@pytest.fixture
def fill(monkeypatch):
    return lambda: monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=10, f_frsize=4096))


def test_while_there_is_space_nothing_is_kept_and_the_space_is_given_back_at_the_end(folder, last_state):
    last_state.before_change()
    last_state.watch()
    assert folder.last_state.stat().st_blocks * 512 >= SLOT_BYTES
    assert kept_state(folder.last_state) is None
    last_state.close()
    assert not folder.last_state.exists()


def test_on_a_full_disk_the_state_seen_before_the_last_change_outlives_its_tearing(folder, last_state, fill):
    last_state.before_change()
    fill()
    last_state.watch()
    assert kept_state(folder.last_state) == WHOLE
    folder.state_file.write_text(LATER)
    last_state.before_change()
    folder.state_file.write_text(LATER[:9])
    last_state.close()
    assert kept_state(folder.last_state) == LATER
    assert folder.last_state.stat().st_size < 100


def test_a_change_whose_state_is_torn_is_not_made(folder, last_state):
    folder.state_file.write_text('{\n    "deployment": {\n    }')
    with pytest.raises(OSError, match="the engine's state is torn"):
        last_state.before_change()


def test_a_change_before_the_first_checkpoint_is_made(folder, last_state):
    folder.state_file.unlink()
    last_state.before_change()


def test_a_slot_that_is_torn_or_not_there_holds_nothing(folder):
    assert kept_state(folder.last_state) is None
    folder.last_state.write_text(f"{40:016d}" + WHOLE[:12])
    assert kept_state(folder.last_state) is None
