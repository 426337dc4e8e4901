"""Space put by for a full disk."""

import os
from types import SimpleNamespace

from embedded.reserve import RESERVE_BYTES, Reserve


def test_the_reserve_takes_its_space_and_gives_it_back(tmp_path):
    reserve = Reserve(tmp_path)
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= RESERVE_BYTES
    reserve.release()
    assert list(tmp_path.iterdir()) == []


def test_the_reserve_stays_while_there_is_space_and_goes_when_the_disk_is_full(tmp_path, monkeypatch):
    reserve = Reserve(tmp_path)
    reserve.watch()
    assert (tmp_path / "reserve").exists()
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=10, f_frsize=4096))
    reserve.watch()
    reserve.watch()
    assert not (tmp_path / "reserve").exists()
