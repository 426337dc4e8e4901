"""Real MySQL servers for the restore drill: one that is backed up, and those that are restored into."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from automation.data_servers import DataServers
from automation.drills.data.waiting import DrillFailed
from components.data.backup.files import SCRIPTS
from components.data.backup.runtime.gtids import GtidSet
from components.data.backup.runtime.server import Client, SqlError

START_SECONDS, STOP_SECONDS, SCRIPT_SECONDS = 120, 60, 600


@dataclass(frozen=True)
class Running:
    """A server that answers on a socket below `folder`; `data` is its data directory."""

    servers: DataServers
    folder: Path

    @property
    def data(self) -> Path:
        """Binary logs among other things."""
        return self.folder / "data"

    @property
    def socket(self) -> Path:
        """Where clients of this machine connect."""
        return self.folder / "run" / "mysqld.sock"

    @property
    def login(self) -> tuple[str, ...]:
        """Options with which any of the client programs gets in."""
        return ("--no-defaults", "--user=root", f"--socket={self.socket}")

    @property
    def sql(self) -> Client:
        """As the pods' own runtime asks."""
        return Client([str(self.servers.program("mysql")), *self.login])


@contextmanager
def source(servers: DataServers, folder: Path) -> Iterator[Running]:
    """A server as a member of the group writes its logs: rows, with transaction ids, flushed at each commit."""
    options = ["--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--log-bin=binlog", "--log-replica-updates=ON"]
    options += ["--sync-binlog=1", "--innodb-flush-log-at-trx-commit=1", "--binlog-expire-logs-seconds=259200"]
    running = _places(servers, folder)
    common = _common(running)
    mysqld = str(servers.program("mysqld"))
    _ran([mysqld, *common, "--initialize-insecure"], dict(os.environ), folder)
    command = [mysqld, *common, "--skip-networking", "--mysqlx=OFF", "--server-id=100", *options]
    with _process(command, dict(os.environ), running):
        yield running


@contextmanager
def target(servers: DataServers, folder: Path) -> Iterator[Running]:
    """A fresh server, by the very script that pods restore with."""
    running = _places(servers, folder)
    with _process(["bash", str(SCRIPTS / "server.sh")], _environment(running), running):
        yield running


def replay(running: Running, folder: Path) -> str:
    """The pods' own script over what was fetched into `folder`; what it said."""
    environment = {**_environment(running), "BACKUP_FOLDER": str(folder), "BACKUP_SOCKET": str(running.socket)}
    return _ran(["bash", str(SCRIPTS / "replay.sh")], environment, running.folder)


@dataclass(frozen=True)
class Mysqldump:
    """`mysqldump` in the place of MySQL Shell, which no distribution packages: one file, by one thread."""

    running: Running
    schemas: Sequence[str]

    def dump(self, folder: Path) -> GtidSet:
        """The schemas as they were at one moment, and the transactions that they hold."""
        folder.mkdir(parents=True)
        file = folder / "all.sql"
        options = ["--single-transaction", "--set-gtid-purged=ON", "--triggers", "--routines", "--events"]
        program = str(self.running.servers.program("mysqldump"))
        command = [program, *self.running.login, *options, f"--result-file={file}", "--databases", *self.schemas]
        _ran(command, dict(os.environ), self.running.folder)
        return purged(file)

    def load(self, folder: Path) -> None:
        """Without binary log, as the file itself says."""
        program = str(self.running.servers.program("mysql"))
        with (folder / "all.sql").open("rb") as file:
            command = [program, *self.running.login, "--max-allowed-packet=1G"]
            done = subprocess.run(command, stdin=file, capture_output=True, timeout=SCRIPT_SECONDS, check=False)
        if done.returncode:
            raise DrillFailed(f"the dump does not load: {done.stderr.decode()[-500:]}")


def purged(file: Path) -> GtidSet:
    """The transactions that a dump says it holds, in a statement near its beginning."""
    text = ""
    with file.open(errors="replace") as lines:  # values further down are any bytes
        for line in lines:
            if text or "GTID_PURGED=" in line:
                text += line
            if text and line.rstrip().endswith(";"):
                return GtidSet.parse(text.rpartition("*/")[2].strip().strip(";").strip().strip("'"))
    raise DrillFailed(f"{file.name} says nothing of its transactions")


def _places(servers: DataServers, folder: Path) -> Running:
    running = Running(servers, folder)
    for place in (running.data, running.socket.parent):
        place.mkdir(parents=True)
    return running


def _common(running: Running) -> list[str]:
    options = ["--no-defaults", f"--datadir={running.data}", f"--socket={running.socket}"]
    options.append(f"--pid-file={running.socket.parent / 'mysqld.pid'}")
    options.append("--secure-file-priv=NULL")  # Debian's default is a folder that is not there
    return [*options, *(["--user=root"] if os.geteuid() == 0 else [])]


def _environment(running: Running) -> dict[str, str]:
    places = {"RESTORE_DATA": str(running.data), "RESTORE_RUN": str(running.socket.parent)}
    small = {"RESTORE_POOL": "256M", "RESTORE_REDO": "512M"}
    return {**os.environ, **places, **small, "PATH": f"{running.servers.bin}:{os.environ['PATH']}"}


def _ran(command: list[str], environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=SCRIPT_SECONDS, check=False, cwd=folder
    )
    if done.returncode:
        raise DrillFailed(f"{Path(command[0]).name} {command[1]} failed: {(done.stderr or done.stdout)[-800:]}")
    return done.stdout


@contextmanager
def _process(command: list[str], environment: dict[str, str], running: Running) -> Iterator[None]:
    log = running.folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=running.folder)
    try:
        _await(process, running, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], running: Running, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            running.sql.query("SELECT 1")
        except SqlError:
            time.sleep(0.2)
        else:
            return
    raise DrillFailed(f"the server does not answer: {log.read_text(errors='replace')[-800:]}")
