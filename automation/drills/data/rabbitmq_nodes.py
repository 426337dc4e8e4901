"""Three nodes of RabbitMQ in a network of pods, with the definitions and rabbitmq.conf that pods get."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from automation.data_servers import DataServers, with_usr
from automation.drills.data.certificates import Authority
from automation.drills.data.pod_network import PodNetwork
from automation.drills.data.waiting import DrillFailed, wait
from components.data.rabbitmq.cluster import DEFINITIONS_KEY, DEFINITIONS_PATH, conf
from components.data.rabbitmq.names import ADMIN, CLUSTER, NODES_SERVICE, REPLICAS, STATEFUL_SET, USER
from components.data.rabbitmq.topology import definitions

NAMESPACE = "game"
PODS = tuple(f"{STATEFUL_SET}-{number}" for number in range(REPLICAS))
# The smallest node that the settings allow has 1 GiB, of which the operator leaves a fifth to the runtime.
MEMORY_GIB, MEMORY_BYTES = 1, 858_993_459
START_SECONDS, TOOL_SECONDS, STOP_SECONDS = 120, 90, 90
_PROGRAMS = "/usr/lib/rabbitmq/bin"
# rabbitmq/cluster-operator, internal/resource/configmap.go: what stands before additionalConfig. Peers are found by a
# list here, and by the StatefulSet's names in a cluster.
_BY_OPERATOR = """
log.console = true
disk_free_limit.absolute = 2GB
cluster_partition_handling = pause_minority
cluster_formation.peer_discovery_backend = classic_config
cluster_formation.target_cluster_size_hint = {replicas}
cluster_name = {cluster}
ssl_options.certfile = {tls}/tls.crt
ssl_options.keyfile = {tls}/tls.key
listeners.ssl.default = 5671
management.ssl.certfile = {tls}/tls.crt
management.ssl.keyfile = {tls}/tls.key
management.ssl.port = 15671
management.tcp.port = 15672
prometheus.ssl.certfile = {tls}/tls.crt
prometheus.ssl.keyfile = {tls}/tls.key
prometheus.ssl.port = 15691
prometheus.tcp.port = 15692
total_memory_available_override_value = {memory}
"""
_PLUGINS = "[rabbitmq_peer_discovery_k8s,rabbitmq_prometheus,rabbitmq_management].\n"


def host_of(pod: str) -> str:
    """The pod's name as other nodes know it."""
    return f"{pod}.{NODES_SERVICE}.{NAMESPACE}"


class Nodes:
    """None of them is started yet. Use it as a context: it ends them all."""

    def __init__(self, servers: DataServers, folder: Path, network: PodNetwork) -> None:
        self.network, self.folder, self.tls = network, folder, folder / "tls"
        self._usr = servers.rabbitmq
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.passwords = {user: secrets.token_urlsafe(30) for user in (ADMIN, USER)}
        Authority().issue(self.tls, [CLUSTER, f"*.{NODES_SERVICE}.{NAMESPACE}"], [])
        (folder / DEFINITIONS_KEY).write_text(definitions(self.passwords[ADMIN], self.passwords[USER]))
        (folder / "conf.d").mkdir()
        names = "".join(
            f"cluster_formation.classic_config.nodes.{number} = {self.node(pod)}\n"
            for number, pod in enumerate(PODS, 1)
        )
        before = _BY_OPERATOR.format(replicas=REPLICAS, cluster=CLUSTER, tls=self.tls, memory=MEMORY_BYTES)
        (folder / "conf.d" / "10-operator.conf").write_text(before + names)
        own = conf(MEMORY_GIB).replace(DEFINITIONS_PATH, str(folder))
        (folder / "conf.d" / "90-additional.conf").write_text(own)
        (folder / "plugins").write_text(_PLUGINS)
        (folder / "nothing").touch()
        cookie = secrets.token_hex(20)
        for pod in PODS:
            (folder / pod).mkdir()
            (folder / pod / ".erlang.cookie").write_text(cookie)
            (folder / pod / ".erlang.cookie").chmod(0o400)

    def __enter__(self) -> Nodes:
        return self

    def __exit__(self, *_: object) -> None:
        for pod in tuple(self._running):
            self.kill(pod)

    def node(self, pod: str) -> str:
        """Name of the Erlang node."""
        return f"rabbit@{host_of(pod)}"

    def start(self, *pods: str) -> None:
        """Start the nodes of `pods` (all), and wait until they are up."""
        for pod in pods or PODS:
            with (self.folder / f"{pod}.log").open("ab") as log:
                self._running[pod] = subprocess.Popen(
                    self._command(pod, "rabbitmq-server"),
                    env=self._environment(pod),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        for pod in pods or PODS:
            wait(f"{pod} is up", partial(self._is_up, pod), START_SECONDS)

    def kill(self, pod: str) -> None:
        """Without a word."""
        running = self._running.pop(pod)
        os.killpg(running.pid, signal.SIGKILL)  # the script that starts a node waits for it
        running.wait()

    def drain(self, pod: str) -> None:
        """As the operator's preStop and the kubelet end a pod."""
        self.tool(pod, "rabbitmq-upgrade", "await_online_quorum_plus_one", "-t", str(TOOL_SECONDS - 10))
        self.tool(pod, "rabbitmq-upgrade", "drain")
        running = self._running.pop(pod)
        running.terminate()
        running.wait(STOP_SECONDS)

    def tool(self, pod: str, program: str, *words: str) -> str:
        """What a command line tool says in the pod. Raises DrillFailed where it fails."""
        done = subprocess.run(
            self._command(pod, program, *words),
            env=self._environment(pod),
            capture_output=True,
            text=True,
            timeout=TOOL_SECONDS,
            check=False,
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise DrillFailed(f"{pod}: {program} {' '.join(words)}: {said[:500]}")
        return done.stdout

    def queues(self, pod: str) -> dict[str, dict[str, Any]]:
        """Each queue as a pod sees it: its leader's node, its members, and those of them that are online."""
        columns = ("name", "type", "leader", "members", "online", "policy")
        said = self.tool(pod, "rabbitmqctl", "--quiet", "--formatter", "json", "list_queues", *columns)
        return {queue["name"]: queue for queue in json.loads(said)}

    def leader(self, queue: str) -> str:
        """The pod of a queue's leader."""
        asked = next(iter(self._running))
        node = self.queues(asked)[queue]["leader"]
        return next(pod for pod in PODS if self.node(pod) == node)

    def is_whole(self) -> bool:
        """Whether every queue has a member on each node, and all are online."""
        every = {self.node(pod) for pod in PODS}
        try:
            found = self.queues(PODS[0])
        except DrillFailed:
            return False
        return bool(found) and all(set(one["members"]) == set(one["online"]) == every for one in found.values())

    def _is_up(self, pod: str) -> bool:
        try:
            self.tool(pod, "rabbitmqctl", "await_startup", "--timeout", str(TOOL_SECONDS - 10))
        except DrillFailed:
            return False  # it does not answer yet
        return True

    def _environment(self, pod: str) -> Mapping[str, str]:
        own = self.folder / pod
        return {
            "PATH": f"{_PROGRAMS}:/usr/sbin:/usr/bin",
            "HOME": str(own),
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": self.node(pod),
            "RABBITMQ_USE_LONGNAME": "true",
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_CONFIG_FILES": str(self.folder / "conf.d"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "nothing"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(own / "data"),
            "RABBITMQ_LOG_BASE": str(own),
            "ERL_CRASH_DUMP": str(own / "erl_crash.dump"),
        }

    def _command(self, pod: str, program: str, *words: str) -> list[str]:
        """With the packages' own /usr, for this process and its children alone."""
        return self.network.command(pod, with_usr(self._usr, [f"{_PROGRAMS}/{program}", *words]))
