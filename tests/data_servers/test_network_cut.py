"""A pod's network is really cut, while the other pods and clients on both sides stay."""

import subprocess
import sys
from pathlib import Path

import pytest

from automation.data_servers import DataServers
from automation.drills.data import mysql_cut, own_network, pod_network, redis_cut
from automation.drills.data.own_network import cut
from automation.drills.live.verdict import Verdict
from tests.data_servers.conftest import BUSY, LATE, needs_networks

TALK = """
import socket, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from automation.drills.data.pod_network import GATEWAY, PodNetwork

network = PodNetwork(Path(sys.argv[1]), {"db-0": "db-0.example", "db-1": "db-1.example"})
listening = socket.create_server((GATEWAY, 3306))

def reached(seconds):
    try:
        socket.create_connection((GATEWAY, 3306), seconds, source_address=("db-1.example", 0)).close()
    except OSError as error:
        return type(error).__name__
    return "reached"

def beside(seconds=5):
    network.enter("db-1")
    return reached(seconds)

with ThreadPoolExecutor(1) as client:
    said = [client.submit(beside).result()]
    with network.cut("db-0"):
        said.append(client.submit(beside).result())
    with network.cut("db-1"):
        said.append(client.submit(beside, 1).result())
    print(*said, client.submit(beside).result())
"""


@needs_networks
def test_packets_of_the_pod_that_is_cut_off_vanish_until_the_cut_ends(tmp_path: Path):
    command = pod_network.own_network([sys.executable, "-c", TALK, str(tmp_path)])
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == "reached reached TimeoutError reached\n", done.stderr


@needs_networks
@pytest.mark.servers
def test_a_master_that_is_cut_off_takes_no_writes_for_longer_than_the_others_need_to_replace_it(
    servers: DataServers, tmp_path: Path
):
    figures = held("redis", tmp_path, promises=3)
    assert figures["outage_seconds"] <= redis_cut.CUT_SECONDS * BUSY
    assert figures["last_write_of_lost_side_seconds"] < figures["outage_seconds"]
    assert figures["writes_taken_by_lost_side"] >= figures["of_these_lost"] > 0
    assert figures["lost_of_those_before"] == 0


@needs_networks
@pytest.mark.servers
def test_a_primary_that_is_cut_off_acknowledges_nothing_that_the_others_do_not_have(
    servers: DataServers, tmp_path: Path
):
    figures = held("mysql", tmp_path, promises=4)
    assert figures["outage_seconds"] <= mysql_cut.CUT_SECONDS * BUSY
    assert figures["writes_lost"] == 0
    assert figures["last_write_of_lost_side_seconds"] < 1


def held(name: str, place: Path, *, promises: int) -> dict[str, float]:
    """The figures of a drill of which every promise held, but for times on a machine that does much else."""
    verdict = Verdict(told=lambda _: None)
    cut(name, place / "cut", verdict)
    assert [broken for broken in verdict.broken if LATE not in broken] == []
    assert len(verdict.held) + len(verdict.broken) == promises
    return verdict.figures["network cut"]


def test_a_machine_that_cuts_no_networks_is_said_and_nothing_is_judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(own_network, "refusal", lambda: "no network can be cut here: not permitted")
    told: list[str] = []
    verdict = Verdict(told=told.append)
    cut("redis", tmp_path / "cut", verdict)
    assert told == ["no network can be cut here: not permitted"]
    assert (verdict.held, verdict.broken, verdict.figures) == ([], [], {})


def test_a_drill_that_ends_without_a_report_has_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(own_network, "refusal", lambda: None)
    monkeypatch.setattr(own_network, "own_network", lambda _: ["sh", "-c", "exit 3"])
    verdict = Verdict(told=lambda _: None)
    cut("redis", tmp_path / "cut", verdict)
    assert verdict.broken == ["the drill redis in a network of its own ended with 3"]
