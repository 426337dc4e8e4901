"""Processes that outlive their starter are known again, and nobody else's is taken for one of them."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from embedded.control_plane import processes
from embedded.control_plane.processes import Process, end


@pytest.fixture
def process(tmp_path: Path):
    started = Process("sleeper", tmp_path / "region")
    yield started
    end([started])


def began(process: Process, *command: str) -> int:
    process.start(command or ("/bin/sleep", "60"))
    pid = process.pid()
    assert pid is not None
    return pid


def test_a_started_program_is_known_by_a_later_command(process: Process) -> None:
    pid = began(process)
    assert Process("sleeper", process.folder).pid() == pid
    assert Path(f"/proc/{pid}/cmdline").read_bytes() == b"/bin/sleep\x0060\x00"


def test_a_program_gets_a_session_of_its_own_and_nothing_of_our_environment(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-others")
    pid = began(process)
    environment = Path(f"/proc/{pid}/environ").read_text()
    assert "not-for-others" not in environment
    assert f"HOME={process.folder}" in environment
    assert os.getsid(pid) != os.getsid(0)


def test_a_program_may_be_told_one_thing_more(process: Process) -> None:
    process.start(["/bin/sleep", "60"], {"KUBECONFIG": "/there"})
    assert "KUBECONFIG=/there" in Path(f"/proc/{process.pid()}/environ").read_text()


def test_a_record_whose_process_is_gone_names_none(process: Process) -> None:
    os.kill(began(process), signal.SIGKILL)
    deadline = time.monotonic() + 5
    while process.pid() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.record.exists()
    assert process.pid() is None
    assert process.memory() == 0
    assert process.began() is None


def test_a_process_that_only_has_the_same_id_is_never_ended(process: Process) -> None:
    with subprocess.Popen(["/bin/sleep", "60"]) as other:
        time.sleep(2 / os.sysconf("SC_CLK_TCK"))  # the kernel counts in ticks
        own = began(process)
        recorded = process.record.read_text()
        process.record.write_text(recorded.replace(f"\n{own} ", f"\n{other.pid} "))
        assert process.pid() is None, "its start is not the recorded one"
        end([process])
        assert other.poll() is None
        other.kill()
        os.kill(own, signal.SIGKILL)


def test_a_record_of_before_the_machine_was_started_again_names_none(process: Process) -> None:
    own = began(process)
    recorded = process.record.read_text()
    process.record.write_text("an-earlier-boot\n" + recorded.split("\n", 1)[1])
    assert process.pid() is None
    os.kill(own, signal.SIGKILL)


@pytest.mark.parametrize("left", ["", "boot only\n", "boot\nno stat line\n", "one\ntwo\nthree\n"])
def test_a_torn_record_names_none(process: Process, left: str) -> None:
    process.folder.mkdir(parents=True)
    process.record.write_text(left)
    assert process.pid() is None


def test_a_process_that_waits_to_be_reaped_is_dead(process: Process) -> None:
    with subprocess.Popen(["/bin/sleep", "0"]) as child:
        process.folder.mkdir(parents=True)
        stat = Path(f"/proc/{child.pid}/stat")
        deadline = time.monotonic() + 5
        while stat.read_text().rpartition(")")[2].split()[0] != "Z" and time.monotonic() < deadline:
            time.sleep(0.01)
        process.record.write_text(f"{processes.BOOT_ID.read_text()}{stat.read_text()}")
        assert process.pid() is None


def test_names_with_spaces_and_brackets_are_read(tmp_path: Path) -> None:
    fields = " ".join(["S", *(str(number) for number in range(1, 30))])
    assert processes._parse(f"17 (a) (b c) {fields}") == (17, "S", 19)


def test_what_does_not_end_politely_is_ended_for_good(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_GRACE_SECONDS", 0.2)
    began(process, "/bin/sh", "-c", "trap '' TERM; echo deaf; while :; do /bin/sleep 0.05; done")
    while "deaf" not in process.log.read_text():
        time.sleep(0.01)
    end([process])
    assert process.pid() is None
    assert not process.record.exists()


def test_memory_and_start_are_the_kernel_s_own_figures(process: Process) -> None:
    before = time.time()
    began(process)
    assert 2**18 < process.memory() < 2**25
    started = process.began()
    assert started is not None
    assert abs(started - before) < 2


def test_last_words_are_the_last_line_that_says_something(process: Process) -> None:
    process.start(["/bin/sh", "-c", "echo first; echo 'no room' >&2; echo"])
    deadline = time.monotonic() + 5
    while process.pid() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.last_words() == "no room"
