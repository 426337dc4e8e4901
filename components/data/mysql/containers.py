"""Pure: the containers of a pod of MySQL: the server, its agent, its exporter, and what prepares the volume first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.claims import CLAIM
from components.data.mysql.names import METRICS_PORT, METRICS_PORT_NAME, PORT, PORT_NAME
from components.data.mysql.pod_paths import (
    DATA_PATH,
    EXPORTER_PATH,
    OPTIONS,
    RENDERED,
    RUN_PATH,
    SCRIPTS,
    TEMPORARY,
    TLS_PATH,
    TOKEN_PATH,
    USERS_PATH,
)
from components.data.mysql.shape import EXPORTER_LIMITS, EXPORTER_REQUESTS
from components.kube.compute import Compute
from components.kube.resources import resources
from components.kube.security_context import container_security

# Volumes of the pod, by name, and where each is mounted; read-only but for those of `_WRITABLE`.
MOUNTS: Mapping[str, str] = {
    CLAIM: DATA_PATH,
    "scripts": SCRIPTS,
    "rendered": RENDERED,
    "users": USERS_PATH,
    "exporter": EXPORTER_PATH,
    "tls": TLS_PATH,
    "run": RUN_PATH,
    "temporary": TEMPORARY,
    "token": TOKEN_PATH,
}
_WRITABLE = (CLAIM, "rendered", "run", "temporary")

# Tables of Group Replication, of replicas and of InnoDB, beside what the exporter reads by itself.
COLLECTED = (
    "perf_schema.replication_group_members",
    "perf_schema.replication_group_member_stats",
    "perf_schema.replication_applier_status_by_worker",
    "info_schema.innodb_metrics",
)


@dataclass(frozen=True, kw_only=True)
class Server:
    """What the containers that run MySQL's own image have in common; `environment` is plain text by name."""

    image: pulumi.Input[str]
    environment: Mapping[str, pulumi.Input[str]]
    requests: Compute
    limits: Compute


def init(server: Server) -> k8s.core.v1.ContainerArgs:
    """Renders the options and, on an empty volume, makes the data directory with its accounts. May run again."""
    return k8s.core.v1.ContainerArgs(
        name="mysql-init",
        image=server.image,
        command=["/bin/bash", f"{SCRIPTS}/init.sh"],
        env=environment(server.environment),
        # The server's own share, which costs nothing more: this one has ended before the server starts.
        resources=resources(server.requests, server.limits),
        security_context=container_security(),
        volume_mounts=mounts(CLAIM, "scripts", "rendered", "users", "tls", "run", "temporary"),
    )


def mysql(server: Server, options: Sequence[str] = (), *, in_group: bool = True) -> k8s.core.v1.ContainerArgs:
    """The server itself; `options` go on its command line, after the option file.

    `in_group`: it is ready while the group counts it ONLINE, and hands over before it stops. Otherwise it is ready
    while it answers.
    """
    hand_over = k8s.core.v1.LifecycleArgs(pre_stop=k8s.core.v1.LifecycleHandlerArgs(exec_=script("prestop.sh")))
    return k8s.core.v1.ContainerArgs(
        name="mysql",
        image=server.image,
        # Not the image's own entry point: with super_read_only it fails at the first account.
        command=["mysqld", f"--defaults-file={OPTIONS}", *options],
        env=environment(server.environment),
        ports=[port(PORT_NAME, PORT)],
        resources=resources(server.requests, server.limits),
        security_context=container_security(),
        # Half an hour: a crash recovery, or a whole copy of another member's data.
        startup_probe=probe("startup", period=10, failures=180, timeout=10),
        # A ping and never the group's state: a member that waits for the others must not be killed for it.
        liveness_probe=probe("live", period=10, failures=6, timeout=10),
        readiness_probe=probe("ready" if in_group else "live", period=5, failures=2, timeout=5),
        lifecycle=hand_over if in_group else None,
        volume_mounts=mounts(CLAIM, "scripts", "rendered", "users", "tls", "run", "temporary", "token")
        if in_group
        else mounts(CLAIM, "scripts", "rendered", "users", "tls", "run", "temporary"),
    )


def exporter(image: pulumi.Input[str]) -> k8s.core.v1.ContainerArgs:
    """Prometheus's exporter, which asks its own pod's server over the socket."""
    ready = k8s.core.v1.HTTPGetActionArgs(path="/", port=METRICS_PORT_NAME)  # its page, which asks the server nothing
    return k8s.core.v1.ContainerArgs(
        name="exporter",
        image=image,
        args=[f"--config.my-cnf={EXPORTER_PATH}/my.cnf", *(f"--collect.{table}" for table in COLLECTED)],
        ports=[port(METRICS_PORT_NAME, METRICS_PORT)],
        resources=resources(EXPORTER_REQUESTS, EXPORTER_LIMITS),
        security_context=container_security(),
        startup_probe=k8s.core.v1.ProbeArgs(http_get=ready, period_seconds=5, failure_threshold=12),
        liveness_probe=k8s.core.v1.ProbeArgs(http_get=ready, period_seconds=30, timeout_seconds=5),
        readiness_probe=k8s.core.v1.ProbeArgs(http_get=ready, period_seconds=10, timeout_seconds=5),
        volume_mounts=mounts("exporter", "run"),
    )


def script(name: str, *arguments: str) -> k8s.core.v1.ExecActionArgs:
    """A call of one of the mounted scripts."""
    return k8s.core.v1.ExecActionArgs(command=["/bin/bash", f"{SCRIPTS}/{name}", *arguments])


def probe(what: str, *, period: int, failures: int, timeout: int) -> k8s.core.v1.ProbeArgs:
    """A health probe by the script: `startup`, `live` or `ready`."""
    return k8s.core.v1.ProbeArgs(
        exec_=script("probe.sh", what),
        period_seconds=period,
        failure_threshold=failures,
        timeout_seconds=timeout,
    )


def port(name: str, number: int) -> k8s.core.v1.ContainerPortArgs:
    """A TCP port of a container."""
    return k8s.core.v1.ContainerPortArgs(name=name, container_port=number, protocol="TCP")


def mounts(*names: str) -> list[k8s.core.v1.VolumeMountArgs]:
    """The named volumes, each at its place."""
    return [
        k8s.core.v1.VolumeMountArgs(name=name, mount_path=MOUNTS[name], read_only=name not in _WRITABLE)
        for name in names
    ]


def environment(plain: Mapping[str, pulumi.Input[str]]) -> list[k8s.core.v1.EnvVarArgs]:
    """Who the pod is, and what is plain text."""
    fields = {"POD_NAME": "metadata.name", "POD_NAMESPACE": "metadata.namespace", "POD_IP": "status.podIP"}
    return [
        *(
            k8s.core.v1.EnvVarArgs(
                name=name,
                value_from=k8s.core.v1.EnvVarSourceArgs(
                    field_ref=k8s.core.v1.ObjectFieldSelectorArgs(api_version="v1", field_path=path)
                ),
            )
            for name, path in fields.items()
        ),
        *(k8s.core.v1.EnvVarArgs(name=name, value=value) for name, value in sorted(plain.items())),
    ]
