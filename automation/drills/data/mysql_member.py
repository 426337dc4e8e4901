"""One member: a real mysqld and the real agent, with the pod's own scripts and a kubelet's restarts."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from automation.data_servers import DataServers
from automation.drills.data.pod_network import GATEWAY, PodNetwork
from automation.drills.data.waiting import DrillFailed
from components.data.mysql.config import FILES
from components.data.mysql.runtime.sql import Target

ROOT = Path(__file__).parents[3]
# A member's address must be one that an interface has: without a network members share it, and differ by their ports.
LOOPBACK = "127.0.0.1"
NAMESPACE, PORT = "game", 3306
RESTART_SECONDS = 1.0  # before a container that ended is started again
INIT_SECONDS, STOP_SECONDS = 120, 100
# mysqld serves as whoever runs the drill, root too.
_USER = "user = root\n" if os.geteuid() == 0 else ""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a member lives and whom it talks to; `shared` holds what all members mount: users, tls, account, pod.

    Without a `network` all members live on loopback.
    """

    servers: DataServers
    folder: Path
    shared: Path
    ordinal: int
    members: int
    group: str
    port: int  # of member 0; on loopback the others' follow
    api_port: int
    network: PodNetwork | None


class Member:
    """Started by `start`; mysqld that ends is started again while the pod is up, as the kubelet does."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.folder = place.folder / f"mysql-{place.ordinal}"
        self._up = threading.Event()
        self._mysqld: subprocess.Popen[bytes] | None = None
        self._agent: subprocess.Popen[bytes] | None = None
        self._kubelet: threading.Thread | None = None

    @property
    def pod(self) -> str:
        """Name of the pod."""
        return f"mysql-{self.place.ordinal}"

    @property
    def host(self) -> str:
        """Name or address of its server."""
        return LOOPBACK if self.place.network is None else host_of(self.pod)

    @property
    def port(self) -> int:
        """Of its server."""
        return self.place.port + (self.place.ordinal if self.place.network is None else 0)

    @property
    def local(self) -> Target:
        """Over the socket, with all rights."""
        return Target(user="agent", socket=str(self.folder / "run" / "mysqld.sock"))

    def target(self, user: str) -> Target:
        """Over the network, as a client."""
        password = (self.place.shared / "users" / user).read_text()
        ca_file = str(self.place.shared / "tls" / "ca.crt")
        return Target(user=user, password=password, host=self.host, port=self.port, ca_file=ca_file)

    def prepare(self) -> None:
        """The init container."""
        for name in ("data", "run", "rendered"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for leftover in (self.folder / "run").iterdir():  # an emptyDir begins empty
            leftover.unlink()
        self.script("init.sh", seconds=INIT_SECONDS)

    def start(self) -> None:
        """mysqld and the agent, after the init container."""
        self.prepare()
        self._up.set()
        self._start_mysqld()
        self.start_agent()
        self._kubelet = threading.Thread(target=self._watch, daemon=True)
        self._kubelet.start()

    def script(self, name: str, *arguments: str, seconds: float) -> subprocess.CompletedProcess[str]:
        """Runs one of the pod's scripts. Raises DrillFailed with what it said where it fails."""
        command = self._inside(["bash", str(FILES / name), *arguments])
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=seconds, check=False
        )
        with (self.folder / "scripts.log").open("a") as log:
            log.write(f"$ {name} {' '.join(arguments)} ({done.returncode})\n{done.stdout}{done.stderr}")
        if done.returncode != 0:
            raise DrillFailed(f"{self.pod}: {name} failed: {(done.stderr or done.stdout).strip()[-500:]}")
        return done

    def kill(self) -> None:
        """mysqld and agent at once, without a word; nothing is started again."""
        self._up.clear()
        for process in (self._agent, self._mysqld):
            if process is not None:
                process.kill()
        self._reap()

    def kill_mysqld(self) -> None:
        """mysqld without a word; it is started again."""
        assert self._mysqld is not None
        self._mysqld.kill()

    def delete(self) -> float:
        """The pod is deleted: preStop, then SIGTERM. Returns for how many seconds preStop ran."""
        began = time.monotonic()
        self.script("prestop.sh", seconds=STOP_SECONDS + 10)
        took = time.monotonic() - began
        self.stop()
        return took

    def stop(self) -> None:
        """SIGTERM for both, without preStop."""
        self._up.clear()
        for process in (self._agent, self._mysqld):
            if process is not None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        self._reap()

    def pause(self) -> None:
        """Neither mysqld nor agent runs on, and both still hold their connections."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """The end of `pause`."""
        self._signal(signal.SIGCONT)

    def pause_agent(self) -> None:
        """Only the agent stands still."""
        assert self._agent is not None
        self._agent.send_signal(signal.SIGSTOP)

    def wipe(self) -> None:
        """A lost disk."""
        shutil.rmtree(self.folder / "data")

    def start_agent(self) -> None:
        """The agent's container."""
        self._agent = self._spawn([sys.executable, "-m", "automation.drills.data.mysql_agent"], "agent.log")

    @property
    def environment(self) -> dict[str, str]:
        """The pod's, with paths of its own."""
        place = self.place
        return {
            "PATH": f"{place.servers.bin}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "POD_NAME": self.pod,
            "POD_NAMESPACE": NAMESPACE,
            **self._address,
            "MYSQL_REPLICAS": str(place.members),
            "MYSQL_GROUP": place.group,
            "MYSQL_SYSTEM_USER": _user_name(),
            "MYSQL_POD": str(place.shared / "pod"),
            "MYSQL_USERS": str(place.shared / "users"),
            "MYSQL_TLS": str(place.shared / "tls"),
            "MYSQL_RENDERED": str(self.folder / "rendered"),
            "MYSQL_DATA": str(self.folder / "data"),
            "MYSQL_RUN": str(self.folder / "run"),
            "KUBE_ACCOUNT": str(place.shared / "account"),
            "KUBERNETES_SERVICE_PORT": str(place.api_port),
        }

    @property
    def _address(self) -> dict[str, str]:
        network = self.place.network
        if network is not None:
            return {"POD_IP": network.addresses[self.pod], "KUBERNETES_SERVICE_HOST": GATEWAY}
        shared = {"MYSQL_HOST_PATTERN": LOOPBACK, "MYSQL_PORT": str(self.place.port), "MYSQL_PORT_STEP": "1"}
        return {"POD_IP": LOOPBACK, "MYSQL_BIND": LOOPBACK, "KUBERNETES_SERVICE_HOST": LOOPBACK, **shared}

    def _start_mysqld(self) -> None:
        options = self.folder / "rendered" / "my.cnf"
        self._mysqld = self._spawn(
            [str(self.place.servers.program("mysqld")), f"--defaults-file={options}"], "mysqld.log"
        )

    def _spawn(self, command: Sequence[str], log: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as output:
            return subprocess.Popen(
                self._inside(command),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
            )

    def _inside(self, command: Sequence[str]) -> Sequence[str]:
        network = self.place.network
        return command if network is None else network.command(self.pod, command)

    def _watch(self) -> None:
        while self._up.is_set():
            if self._mysqld is not None and self._mysqld.poll() is not None:
                time.sleep(RESTART_SECONDS)
                if self._up.is_set():
                    self._start_mysqld()
            time.sleep(0.05)

    def _signal(self, number: signal.Signals) -> None:
        for process in (self._agent, self._mysqld):
            if process is not None:
                process.send_signal(number)

    def _reap(self) -> None:
        if self._kubelet is not None:
            self._kubelet.join()
        for process in (self._agent, self._mysqld):
            if process is None:
                continue
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._agent = self._mysqld = None


def host_of(pod: str) -> str:
    """The pod's name in cluster DNS."""
    return f"{pod}.mysql-headless.{NAMESPACE}.svc.cluster.local"


def write_pod_files(folder: Path, config: str) -> None:
    """What the ConfigMap holds, of which only my.cnf differs from the files in the project."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (folder / "my.cnf").unlink()
    (folder / "my.cnf").write_text(config + _USER)


def _user_name() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name
