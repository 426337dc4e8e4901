"""Whoever starts a stack's cloud is rid of it when it ends."""

import time

from embedded.client import _start
from embedded.stack_folder import StackFolder


def test_a_cloud_that_ends_leaves_no_zombie_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("embedded.client.sys.executable", "/bin/true")
    process = _start(StackFolder(tmp_path / "local"))
    deadline = time.monotonic() + 10
    while process.returncode is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.returncode == 0, "nobody has asked for it: it was reaped as it ended"
