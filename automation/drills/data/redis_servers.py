"""Redis's pods: real servers that the pods' own files start, each with an address of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from automation.data_servers import DataServers
from automation.drills.data.certificates import Authority
from automation.drills.data.pod_network import GATEWAY, PodNetwork
from automation.drills.data.redis_stand_ins import KubernetesApi, Names
from automation.drills.data.waiting import DrillFailed, wait
from components.data.redis.config import USERS, RedisConfig, pod_files, users_acl
from components.data.redis.runtime.healing import in_order
from components.data.redis.runtime.pods import Place, Pods
from components.data.redis.runtime.resp import RedisError, Unreachable
from components.data.redis.runtime.topology import View

NAMESPACE, SERVICE = "mmorpg-game", "redis-cluster-headless"
DOMAIN = f"{SERVICE}.{NAMESPACE}.svc.cluster.local"
LOOPBACK, PORT = "127.0.0.1", 6379
ANSWER_SECONDS = 20
ZONES = ("zone-a", "zone-b", "zone-c")
PODS = tuple(f"redis-cluster-{number}" for number in range(6))


class RedisPods:
    """Pods redis-cluster-0 to -5 below `folder`, two in each of three zones, on loopback or in a network of pods.

    Use it as a context: it ends them all.
    """

    def __init__(
        self,
        servers: DataServers,
        folder: Path,
        *,
        quiet_seconds: float = 600,
        heal_seconds: float = 5,
        network: PodNetwork | None = None,
    ):
        self.folder, self.count = folder, len(PODS)
        self.network = network
        # All of 127.0.0.0/8 is loopback on Linux.
        self._loopback = f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(250)}"
        self._hosts = iter(range(1, 255))
        self.addresses: dict[str, str] = {}
        self.port = PORT if network else _free_port(f"{self._loopback}.1")
        self.files, self.users, self.tls = folder / "pod", folder / "users", folder / "tls"
        self.authority, self.names = Authority(), Names(folder)
        self.zones = {pod: ZONES[number % len(ZONES)] for number, pod in enumerate(self.pods)}
        self.api = KubernetesApi(self.zones, folder / "token", GATEWAY if network else LOOPBACK)
        self.quiet_seconds, self.heal_seconds = quiet_seconds, heal_seconds
        self._path = f"{servers.bin}:{os.environ['PATH']}"
        self.servers: dict[str, subprocess.Popen[bytes]] = {}
        self.healers: dict[str, subprocess.Popen[bytes]] = {}
        for path, text in pod_files(RedisConfig()).items():
            (self.files / path).parent.mkdir(parents=True, exist_ok=True)
            (self.files / path).write_text(text)
        self.new_certificate()
        self.passwords = {user: [secrets.token_urlsafe(24)] for user in USERS}
        self.write_users()
        if network is None:
            self.new_addresses(self.pods)
        else:
            self._move(network.addresses)

    def __enter__(self) -> RedisPods:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.healers.values(), *self.servers.values()):
            process.kill()
        for process in (*self.healers.values(), *self.servers.values()):
            process.wait()
        self.api.close()

    @property
    def pods(self) -> tuple[str, ...]:
        """Names, in order."""
        return tuple(f"redis-cluster-{number}" for number in range(self.count))

    def write_users(self) -> None:
        """The mounted Secret as `passwords` has it: by user, the current one first."""
        self.users.mkdir(exist_ok=True)
        for user, ones in self.passwords.items():
            (self.users / user).write_text(ones[0])
        new = self.users / "new"
        new.write_text(users_acl(self.passwords))
        new.replace(self.users / "users.acl")

    def new_certificate(self) -> None:
        """Another certificate and key of the same authority."""
        self.authority.issue(self.tls, [f"*.{DOMAIN}", "localhost"], [])

    def new_addresses(self, pods: tuple[str, ...]) -> None:
        """Addresses on loopback that nobody has had; a server sees its own when it starts again."""
        self._move({pod: f"{self._loopback}.{next(self._hosts)}" for pod in pods})

    def _move(self, addresses: Mapping[str, str]) -> None:
        self.addresses.update(addresses)
        self.names.write({f"{pod}.{DOMAIN}": address for pod, address in self.addresses.items()})

    def add(self, zones: dict[str, str]) -> None:
        """More pods, the next in order, started and answering."""
        self.count += len(zones)
        self.zones.update(zones)
        self.new_addresses(tuple(zones))
        self.start(*zones)
        self.wait_until_answering(*zones)

    def remove(self, pods: tuple[str, ...]) -> None:
        """The last pods end, as where a StatefulSet shrinks."""
        self.signal(signal.SIGTERM, *pods)
        for pod in pods:
            del self.servers[pod], self.zones[pod], self.addresses[pod]
        self.count -= len(pods)

    def environment(self, pod: str | None = None, **more: str) -> dict[str, str]:
        """What the pod's containers get, or the Job's."""
        own = {"POD_NAME": pod, "POD_IP": self.addresses[pod], "REDIS_HOST": self.addresses[pod]} if pod else {}
        given = {
            "POD_NAMESPACE": NAMESPACE,
            "REDIS_SERVICE": SERVICE,
            "REDIS_REPLICAS": str(self.count),
            "REDIS_PORT": str(self.port),
            "REDIS_USERS": str(self.users),
            "REDIS_TLS": str(self.tls),
            "REDIS_CONF": str(self.files / "redis.conf"),
            "REDIS_DATA": str(self.folder / (pod or "job")),
            "REDIS_RESOLVE": self.names.command,
            "REDIS_TOKEN": str(self.api.token),
            "KUBERNETES_API": self.api.url,
            "REDIS_WAIT_SECONDS": "60",
            "REDIS_QUIET_SECONDS": str(self.quiet_seconds),
            "REDIS_HEAL_SECONDS": str(self.heal_seconds),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return {"PATH": self._path, **given, **own, **more}

    def start(self, *pods: str) -> None:
        """Start the servers of `pods` (all), as their containers do."""
        for pod in pods or self.pods:
            data = self.folder / pod
            data.mkdir(exist_ok=True)
            paths = {
                "--bind": self.addresses[pod],
                "--tls-port": str(self.port),
                "--cluster-config-file": str(data / "nodes.conf"),
                "--aclfile": str(self.users / "users.acl"),
                "--tls-ca-cert-file": str(self.tls / "ca.crt"),
                "--tls-cert-file": str(self.tls / "tls.crt"),
                "--tls-key-file": str(self.tls / "tls.key"),
            }
            with (self.folder / f"{pod}.log").open("ab") as log:
                self.servers[pod] = subprocess.Popen(
                    self._inside(pod, "sh", str(self.files / "entrypoint.sh"), *chain.from_iterable(paths.items())),
                    env=self.environment(pod),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )

    def signal(self, number: signal.Signals, *pods: str) -> None:
        """To the servers of `pods` (all); those that are to end have ended afterwards."""
        for pod in pods or self.pods:
            self.servers[pod].send_signal(number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            for pod in pods or self.pods:
                self.servers[pod].wait()

    def heal(self, *pods: str) -> None:
        """Start the healers of `pods` (all)."""
        for pod in pods or self.pods:
            with (self.folder / f"{pod}-healer.log").open("ab") as log:
                self.healers[pod] = subprocess.Popen(
                    self._inside(pod, sys.executable, "-m", "runtime.healer"),
                    cwd=self.files,
                    env=self.environment(pod),
                    stdout=log,
                    stderr=log,
                )

    def stop_healers(self, *pods: str) -> None:
        """End the healers of `pods` (all)."""
        for pod in pods or tuple(self.healers):
            self.healers[pod].kill()
            self.healers.pop(pod).wait()

    def job(self, module: str = "bootstrap", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a Job to its end."""
        return subprocess.run(
            [sys.executable, "-m", f"runtime.{module}"],
            cwd=self.files,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=120,
        )

    def script(self, pod: str, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run probe.sh or prestop.sh in the pod."""
        command = self._inside(pod, "sh", str(self.files / name), *words)
        return subprocess.run(command, env=self.environment(pod), capture_output=True, text=True, timeout=60)

    def _inside(self, pod: str, *command: str) -> Sequence[str]:
        return self.network.command(pod, command) if self.network else command

    def reach(self) -> contextlib.closing[Pods]:
        """Connections as the healer has them."""
        return contextlib.closing(Pods(Place.of(self.environment())))

    def view(self) -> View:
        """What all pods say now."""
        with self.reach() as pods:
            return pods.look(self.zones)

    def well(self) -> bool:
        """All are up and in sync, each master with its replica."""
        return in_order(self.view())

    def wait_until_well(self, seconds: float = 60) -> float:
        """Seconds until all is well; as seen every fifth of one."""
        try:
            return wait("all is well", self.well, seconds, poll=0.2)
        except DrillFailed as late:
            raise DrillFailed(f"{late}\n{self.view().table()}") from late

    def wait_until_answering(self, *pods: str) -> None:
        """DrillFailed where a server of `pods` (all) stays silent."""
        with self.reach() as reach:
            for pod in pods or self.pods:
                wait(f"{pod} answers", partial(_answers, reach, pod), ANSWER_SECONDS)


def masters_by_zone(view: View) -> dict[str, int]:
    """Masters in each zone."""
    return {zone: sum(master.zone == zone for master in view.masters) for zone in ZONES}


def _answers(reach: Pods, pod: str) -> bool:
    try:
        return reach.ask(pod, "PING") == "PONG"
    except (RedisError, Unreachable):
        return False


def _free_port(address: str) -> int:
    """A port whose bus port, 10,000 above, is free too."""
    while True:
        port = 21_000 + secrets.randbelow(11_000)
        try:
            for number in (port, port + 10_000):
                with socket.socket() as probe:
                    probe.bind((address, number))
        except OSError:
            continue
        return port
