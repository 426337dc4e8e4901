"""The script that keeps a copy behind its source, with two real servers: it clones once, follows, and can be left."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.data_servers import DataServers, find_servers

FOUND = find_servers()
SCRIPT = Path(__file__).resolve().parents[4] / "components" / "files" / "mysql-replica" / "follow.sh"
SECONDS = 60
pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(isinstance(FOUND, str), reason=FOUND if isinstance(FOUND, str) else ""),
]

OPTIONS = """[mysqld]
datadir = {folder}/data
socket = {folder}/run/mysqld.sock
pid_file = {folder}/run/mysqld.pid
port = {port}
bind_address = 127.0.0.1
secure_file_priv = NULL
mysqlx = OFF
server_id = {number}
gtid_mode = ON
enforce_gtid_consistency = ON
log_bin = binlog
skip_replica_start = ON
super_read_only = {read_only}
innodb_buffer_pool_size = 64M
innodb_redo_log_capacity = 32M
require_secure_transport = ON
plugin_load_add = "mysql_clone.so;auth_socket.so"
log_error = {folder}/error.log
"""
ACCOUNTS = """SET sql_log_bin = 0;
CREATE USER agent@localhost IDENTIFIED WITH auth_socket AS '{user}';
GRANT ALL ON *.* TO agent@localhost WITH GRANT OPTION;
CREATE USER gr_repl@'%' IDENTIFIED BY 'first-one' REQUIRE SSL;
GRANT REPLICATION SLAVE, BACKUP_ADMIN, CONNECTION_ADMIN ON *.* TO gr_repl@'%';
"""


class Server:
    """One mysqld on loopback, and the password that the follower would use."""

    def __init__(self, servers: DataServers, folder: Path, number: int, *, read_only: bool) -> None:
        self.servers, self.folder = servers, folder
        for part in ("data", "run", "users"):
            (folder / part).mkdir(parents=True)
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            self.port = held.getsockname()[1]
        words = {"folder": folder, "port": self.port, "number": number, "read_only": "ON" if read_only else "OFF"}
        as_root = "user = root\n" if os.geteuid() == 0 else ""
        (folder / "my.cnf").write_text(OPTIONS.format(**words) + as_root)
        (folder / "users" / "gr_repl").write_text("first-one")
        self._mysqld("--initialize-insecure").wait(SECONDS)
        self.start("--super-read-only=OFF")
        self.sql(ACCOUNTS.format(user=os.environ.get("USER") or "root"), user="root")
        if read_only:
            self.sql("SET GLOBAL super_read_only = ON")

    def _mysqld(self, *options: str) -> subprocess.Popen[bytes]:
        program = str(self.servers.program("mysqld"))
        return subprocess.Popen([program, f"--defaults-file={self.folder}/my.cnf", *options], stderr=subprocess.DEVNULL)

    def start(self, *options: str) -> None:
        self.process = self._mysqld(*options)
        wait(lambda: self.ask("SELECT 1", user="root") == "1", "the server does not start")

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(SECONDS)

    def sql(self, text: str, user: str = "agent") -> str:
        command = [str(self.servers.program("mysql")), "--no-defaults", f"--user={user}", "--skip-column-names"]
        done = subprocess.run(
            [*command, f"--socket={self.folder}/run/mysqld.sock"],
            input=text,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def ask(self, text: str, user: str = "agent") -> str | None:
        try:
            return self.sql(text, user)
        except RuntimeError:
            return None


def wait(holds: object, otherwise: str) -> None:
    assert callable(holds)
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(0.1)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    assert isinstance(FOUND, DataServers)
    source = Server(FOUND, tmp_path / "source", 100, read_only=False)
    copy = Server(FOUND, tmp_path / "copy", 900, read_only=True)
    source.sql("CREATE DATABASE game; CREATE TABLE game.t (a INT PRIMARY KEY); INSERT INTO game.t VALUES (1)")
    command = ["nice", "-n", "15", "bash", str(SCRIPT)]
    environment = {
        "PATH": f"{FOUND.bin}:{os.environ['PATH']}",
        "SOURCE_HOST": "127.0.0.1",
        "SOURCE_PORT": str(source.port),
        "MYSQL_RUN": str(copy.folder / "run"),
        "MYSQL_USERS": str(copy.folder / "users"),
        "FOLLOW_PAUSE": "0.3",
    }
    with subprocess.Popen(command, env=environment, start_new_session=True) as follower:
        try:
            yield source, copy
        finally:
            os.killpg(follower.pid, signal.SIGKILL)
            source.kill()
            copy.kill()


def rows(server: Server) -> str | None:
    return server.ask("SELECT GROUP_CONCAT(a ORDER BY a) FROM game.t")


def test_a_copy_clones_once_follows_over_restarts_and_new_passwords_and_is_left_alone_once_promoted(
    pair: tuple[Server, Server],
):
    source, copy = pair
    # The clone ends the server; in a pod the kubelet starts it again.
    copy.process.wait(SECONDS)
    copy.start()
    uuid = copy.sql("SELECT @@server_uuid")
    wait(lambda: rows(copy) == "1", "what was there before is not there")

    source.sql("INSERT INTO game.t VALUES (2)")
    wait(lambda: rows(copy) == "1,2", "a new transaction does not come")
    assert copy.ask("INSERT INTO game.t VALUES (99)") is None, "a copy takes no writes"

    # A new password while the copy is away, known to the source first and to the copy later.
    copy.kill()
    source.sql("SET sql_log_bin = 0; ALTER USER gr_repl@'%' IDENTIFIED BY 'second-one'")
    source.sql("INSERT INTO game.t VALUES (3)")
    copy.start()
    refused = "SELECT last_error_number FROM performance_schema.replication_connection_status WHERE channel_name = 'dr'"
    wait(lambda: copy.ask(refused) == "1045", "the old password is still taken")
    (copy.folder / "users" / "gr_repl").write_text("second-one")
    wait(lambda: rows(copy) == "1,2,3", "the new password is not used")
    assert copy.sql("SELECT @@server_uuid") == uuid, "it was cloned once"
    kept = "SELECT user_password FROM mysql.slave_master_info WHERE channel_name = 'dr'"
    assert copy.sql(kept) == "", "the password is written nowhere"

    copy.sql(
        "STOP REPLICA FOR CHANNEL 'dr'; RESET REPLICA ALL FOR CHANNEL 'dr'; "
        "SET PERSIST super_read_only = OFF; SET PERSIST read_only = OFF"
    )
    copy.sql("INSERT INTO game.t VALUES (4)")
    source.sql("INSERT INTO game.t VALUES (5)")
    copy.kill()
    copy.start()
    time.sleep(2)  # several rounds of the follower
    assert rows(copy) == "1,2,3,4"
    assert copy.sql("SELECT @@super_read_only") == "0"
