"""Start, stop and repair of a region's control plane, with small programs in the places of the real ones."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from embedded.control_plane import health
from embedded.control_plane.plane import PROGRAMS, ControlPlane, ControlPlaneError, regions
from embedded.control_plane.processes import Process
from embedded.stack_folder import StackFolder
from tests.control_plane.stand_ins import room_for, script, stand_ins
from tests.shipped import ROOT

_START = """
import json, sys, pathlib
from embedded.control_plane.plane import ControlPlane
from embedded.stack_folder import StackFolder
programs = {name: pathlib.Path(path) for name, path in json.loads(sys.argv[2]).items()}
ControlPlane(StackFolder(pathlib.Path(sys.argv[1])), "us").start(programs)
"""


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, Path]:
    return stand_ins(tmp_path / "programs")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[StackFolder]:
    folder = StackFolder(tmp_path / "dev")
    yield folder
    for region in regions(folder.root / "control-plane"):
        ControlPlane(folder, region).stop()


@pytest.fixture
def plane(stack: StackFolder) -> ControlPlane:
    return ControlPlane(stack, "us")


def pids(*planes: ControlPlane) -> dict[str, int | None]:
    """Of everything that runs, by region and name."""
    found = {f"{plane.region}/{process.name}": process.pid() for plane in planes for process in plane.processes()}
    return {**found, "etcd": planes[0].store.process.pid()}


def kill(plane: ControlPlane, name: str) -> None:
    process = plane.store.process if name == "etcd" else next(each for each in plane.processes() if each.name == name)
    pid = process.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while process.pid() and time.monotonic() < deadline:
        time.sleep(0.01)


def test_a_start_gives_what_a_client_needs(plane: ControlPlane, programs: dict[str, Path]) -> None:
    handle = plane.start(programs)
    config = yaml.safe_load(handle.kubeconfig.read_text())
    assert config["clusters"][0]["cluster"]["server"] == handle.url
    assert config["users"][0]["user"] == {"token": handle.token}
    assert handle.ca.read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert len(handle.token) == 48
    assert handle.token not in repr(handle)
    assert set(pids(plane)) == {f"us/{name}" for name in PROGRAMS if name != "etcd"} | {"etcd"}
    assert all(plane.is_ready(process.name) for process in plane.processes())


def test_secrets_are_for_the_owner_only(plane: ControlPlane, programs: dict[str, Path], stack: StackFolder) -> None:
    token = plane.start(programs).token
    folder = stack.root / "control-plane" / "us"
    holders = [path for path in folder.iterdir() if path.is_file() and token in path.read_text()]
    assert sorted(path.name for path in holders) == ["kubeconfig", "token", "tokens.csv"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in holders} == {0o600}


def test_a_second_start_changes_nothing(plane: ControlPlane, programs: dict[str, Path]) -> None:
    first = plane.start(programs)
    before = pids(plane)
    assert plane.start(programs) == first
    assert pids(plane) == before
    assert plane.handle() == first


def test_a_stop_ends_everything_and_the_next_start_has_the_same_address(
    plane: ControlPlane, programs: dict[str, Path]
) -> None:
    first = plane.start(programs)
    plane.stop()
    assert pids(plane) == {"etcd": None}
    assert plane.handle() is None
    assert plane.start(programs) == first


def test_two_regions_share_one_etcd_which_goes_with_the_last(stack: StackFolder, programs: dict[str, Path]) -> None:
    us, eu = ControlPlane(stack, "us"), ControlPlane(stack, "eu")
    assert us.start(programs).url != eu.start(programs).url
    store = pids(us)["etcd"]
    us.stop()
    assert pids(eu)["etcd"] == store
    eu.stop()
    assert pids(eu)["etcd"] is None


def test_regions_lie_under_different_prefixes_and_an_erased_one_begins_anew(
    stack: StackFolder, programs: dict[str, Path]
) -> None:
    us, eu = ControlPlane(stack, "us"), ControlPlane(stack, "eu")
    us.start(programs)
    eu.start(programs)
    prefixes = {region: (stack.root / "control-plane" / region / "prefix").read_text() for region in ("us", "eu")}
    assert prefixes["us"].startswith("/us-")
    assert prefixes["eu"].startswith("/eu-")
    us.stop(erase=True)
    us.start(programs)
    assert (stack.root / "control-plane" / "us" / "prefix").read_text() != prefixes["us"]
    us.stop(erase=True)
    eu.stop(erase=True)
    assert [path.name for path in (stack.root / "control-plane").iterdir()] == ["lock"]


def test_what_only_follows_the_api_server_is_started_again_alone(
    plane: ControlPlane, programs: dict[str, Path]
) -> None:
    plane.start(programs)
    before = pids(plane)
    kill(plane, "kube-scheduler")
    plane.start(programs)
    after = pids(plane)
    assert {name for name in before if before[name] != after[name]} == {"us/kube-scheduler"}


def test_a_killed_api_server_takes_its_followers_with_it_and_keeps_its_address(
    plane: ControlPlane, programs: dict[str, Path]
) -> None:
    first = plane.start(programs)
    before = pids(plane)
    kill(plane, "kube-apiserver")
    assert plane.handle() is None
    assert plane.start(programs) == first
    after = pids(plane)
    assert after["etcd"] == before["etcd"]
    assert all(after[name] != before[name] for name in before if name != "etcd")


def test_a_killed_etcd_ends_the_api_servers_of_all_regions(stack: StackFolder, programs: dict[str, Path]) -> None:
    us, eu = ControlPlane(stack, "us"), ControlPlane(stack, "eu")
    us.start(programs)
    eu.start(programs)
    kill(us, "etcd")
    us.start(programs)
    assert not eu.processes()
    eu.start(programs)
    assert len(eu.processes()) == 4


def test_a_process_that_hangs_is_replaced(
    plane: ControlPlane, programs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    plane.start(programs)
    before = pids(plane)
    monkeypatch.setattr(health, "_ANSWER_SECONDS", 0.3)
    os.kill(before["us/kwok"] or 0, signal.SIGSTOP)
    monkeypatch.setattr("embedded.control_plane.processes._GRACE_SECONDS", 0.2)
    plane.start(programs)
    assert pids(plane)["us/kwok"] != before["us/kwok"]


def test_a_program_that_ends_at_once_is_named_with_its_last_words_and_nothing_is_left(
    plane: ControlPlane, programs: dict[str, Path]
) -> None:
    script(programs["kube-scheduler"], "#!/bin/sh\necho 'unknown flag: --x' >&2; exit 1\n")
    with pytest.raises(ControlPlaneError) as refused:
        plane.start(programs)
    said = str(refused.value)
    assert said.startswith(
        "the control plane of us is not up: kube-scheduler ended while it started: unknown flag: --x"
    )
    assert "kube-scheduler.log" in said
    assert "\n" not in said
    assert pids(plane) == {"etcd": None}


def test_a_program_that_never_answers_is_ended_after_a_while(
    plane: ControlPlane, programs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    script(programs["etcd"], "#!/bin/sh\nexec /bin/sleep 60\n")
    monkeypatch.setattr(health.wait, "__defaults__", (0.5,))
    with pytest.raises(ControlPlaneError, match=r"etcd was not ready after 0 s: see .*etcd\.log"):
        plane.start(programs)
    assert pids(plane) == {"etcd": None}


def test_an_interrupted_start_leaves_nothing(
    plane: ControlPlane, programs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(process: Process, ready: object) -> None:
        if process.name == "kube-apiserver":
            raise KeyboardInterrupt

    monkeypatch.setattr("embedded.control_plane.plane.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        plane.start(programs)
    assert pids(plane) == {"etcd": None}


def test_after_a_start_that_was_killed_the_next_one_ends_what_it_had_begun(
    plane: ControlPlane, stack: StackFolder, programs: dict[str, Path], tmp_path: Path
) -> None:
    hung = {**programs, "kube-apiserver": script(tmp_path / "hung", "#!/bin/sh\nexec /bin/sleep 60\n")}
    with subprocess.Popen(
        [sys.executable, "-c", _START, str(stack.root), json.dumps(hung, default=str)], cwd=ROOT
    ) as starter:
        deadline = time.monotonic() + 30
        while "us/kube-apiserver" not in pids(plane) and time.monotonic() < deadline:
            time.sleep(0.02)
        starter.kill()
    (left,) = (process for process in plane.processes() if process.name == "kube-apiserver")
    hanging = Process("copy", tmp_path)
    hanging.record.write_text(left.record.read_text())
    assert hanging.pid() is not None
    plane.start(programs)
    assert hanging.pid() is None
    assert len(plane.processes()) == 4


def test_two_starts_at_once_start_one(stack: StackFolder, programs: dict[str, Path]) -> None:
    handles = []
    threads = [
        threading.Thread(target=lambda: handles.append(ControlPlane(stack, "us").start(programs))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(handles) == 3
    assert handles[0] == handles[1] == handles[2]
    assert len(ControlPlane(stack, "us").processes()) == 4


def test_without_room_nothing_is_started(
    plane: ControlPlane, programs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    room_for(monkeypatch, 2**29)
    with pytest.raises(ControlPlaneError, match=r"us is not up: 1 more region at \d+ MiB.*512 MiB of memory free"):
        plane.start(programs)
    assert pids(plane) == {"etcd": None}


def test_a_region_that_runs_needs_no_more_room(
    plane: ControlPlane, programs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = plane.start(programs)
    room_for(monkeypatch, 0)
    assert plane.start(programs) == first


def test_karpenter_runs_beside_the_others_and_is_ended_with_them(
    plane: ControlPlane, programs: dict[str, Path], tmp_path: Path
) -> None:
    handle = plane.start(programs)
    plane.start_karpenter(programs, tmp_path / "types.json")
    karpenter = next(process for process in plane.processes() if process.name == "karpenter")
    pid = karpenter.pid()
    assert f"KUBECONFIG={handle.kubeconfig}" in Path(f"/proc/{pid}/environ").read_text()
    plane.start_karpenter(programs, tmp_path / "types.json")
    assert karpenter.pid() == pid
    plane.stop()
    assert karpenter.pid() is None


def test_where_processes_cannot_be_told_apart_none_is_started(
    plane: ControlPlane, programs: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("embedded.control_plane.plane.BOOT_ID", tmp_path / "none")
    with pytest.raises(ControlPlaneError, match="on Linux only"):
        plane.start(programs)
