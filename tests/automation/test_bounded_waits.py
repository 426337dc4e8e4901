"""Waiting for a lock and for the network: neither can last for ever."""

import socket
import subprocess
import sys
import time
from pathlib import Path

from automation.engine import PROJECT
from automation.locks import locked
from automation.network import reachable


def test_a_lock_is_free_again_when_its_holder_is_killed(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    hold = (
        "import sys, time; from pathlib import Path; from automation.locks import locked\n"
        "with locked(Path(sys.argv[1]), waiting=lambda: None): print('held', flush=True); time.sleep(60)"
    )
    waited: list[bool] = []
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(lock)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        def kill() -> None:
            waited.append(True)
            holder.kill()

        with locked(lock, waiting=kill):
            assert waited == [True]


def test_an_unreachable_host_is_known_within_the_time_given() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound but not listening: refuses
        assert not reachable("127.0.0.1", port=closed.getsockname()[1], seconds=1.0)
    started = time.monotonic()
    assert not reachable("name.invalid", seconds=1.0)
    assert time.monotonic() - started < 2.0
