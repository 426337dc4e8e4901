"""The nightly copies of Redis, by the pods' own script against a real cluster: every slot, or a failure."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.data_servers import DataServers, find_servers
from components.data.backup.files import SCRIPTS

FOUND = find_servers()
pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(isinstance(FOUND, str), reason=FOUND if isinstance(FOUND, str) else ""),
]
# What the account needs: to read the cluster's nodes and to be sent a copy, and no key.
ACL = "user backup on >secret resetchannels -@all +ping +info +cluster|nodes +sync +psync +replconf"


def free_port() -> int:
    # Redis's bus is 10000 above, so the port must leave room.
    for port in range(21000, 23000):
        with socket.socket() as one, socket.socket() as two:
            try:
                one.bind(("127.0.0.1", port))
                two.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


class Node:
    def __init__(self, folder: Path) -> None:
        assert isinstance(FOUND, DataServers)
        self.port, self.folder = free_port(), folder
        folder.mkdir()
        (folder / "users.acl").write_text(f"user default on nopass ~* &* +@all\n{ACL}\n")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--save", ""]
        options += ["--dir", str(folder), "--aclfile", str(folder / "users.acl"), "--logfile", str(folder / "log")]
        self.process = subprocess.Popen([FOUND.program("valkey-server"), *options])

    def ask(self, *command: str) -> str:
        assert isinstance(FOUND, DataServers)
        program = [FOUND.program("valkey-cli"), "-p", str(self.port), *command]
        return subprocess.run(program, capture_output=True, text=True, timeout=20, check=False).stdout.strip()

    def until(self, wanted: str, *command: str) -> None:
        for _ in range(150):
            if wanted in self.ask(*command):
                return
            time.sleep(0.2)
        raise AssertionError(f"{command} never said {wanted}: {self.ask(*command)}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[list[Node]]:
    """A master with all slots, and its replica."""
    made: list[Node] = []
    try:
        for name in ("master", "replica"):
            made.append(Node(tmp_path / name))
            made[-1].until("PONG", "PING")
        master, replica = made
        master.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        replica.ask("CLUSTER", "MEET", "127.0.0.1", str(master.port))
        master.until("cluster_known_nodes:2", "CLUSTER", "INFO")
        replica.until(master.ask("CLUSTER", "MYID"), "CLUSTER", "NODES")
        replica.ask("CLUSTER", "REPLICATE", master.ask("CLUSTER", "MYID"))
        replica.until("master_link_status:up", "INFO", "replication")
        master.until("slave", "CLUSTER", "NODES")
        yield made
    finally:
        for node in made:
            node.stop()


def dump(node: Node, folder: Path) -> subprocess.CompletedProcess[str]:
    assert isinstance(FOUND, DataServers)
    folder.mkdir(exist_ok=True)
    (folder.parent / "password").write_text("secret\n")
    environment = {
        **os.environ,
        "PATH": f"{FOUND.bin}:{os.environ['PATH']}",
        "BACKUP_FOLDER": str(folder),
        "REDIS_HOST": "127.0.0.1",
        "REDIS_PORT": str(node.port),
        "REDIS_USER": "backup",
        "REDIS_PASSWORD_FILE": str(folder.parent / "password"),
    }
    command = ["bash", str(SCRIPTS / "redis-dump.sh")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_each_masters_data_is_taken_from_its_replica_and_loads_again(nodes: list[Node], tmp_path: Path):
    master, replica = nodes
    for number in range(200):
        master.ask("SET", f"player:{number}", "x" * 100)
    master.ask("WAIT", "1", "5000")
    done = dump(master, tmp_path / "work")
    assert done.returncode == 0, done.stderr
    assert "from 127.0.0.1" in done.stdout
    name = master.ask("CLUSTER", "MYID")
    assert {path.name for path in (tmp_path / "work").iterdir()} == {f"{name}.rdb", "nodes.txt"}
    assert "sync_full:1" in replica.ask("INFO", "stats"), "the replica and not the master was asked for a copy"
    assert isinstance(FOUND, DataServers)
    check = [FOUND.program("valkey-check-rdb"), tmp_path / "work" / f"{name}.rdb"]
    said = subprocess.run(check, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0
    assert "200 keys read" in said.stdout


def test_slots_that_nobody_has_make_the_dump_fail(nodes: list[Node], tmp_path: Path):
    master, _ = nodes
    master.ask("CLUSTER", "DELSLOTSRANGE", "0", "99")
    master.until("cluster_slots_assigned:16284", "CLUSTER", "INFO")
    done = dump(master, tmp_path / "work")
    assert done.returncode == 1
    assert "only 16284 of 16384 slots have a master" in done.stderr
