"""Pure: the pods of the nightly dumps, of the restore and of its monthly drill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.backup.names import (
    ACCOUNT,
    MYSQL_CERTIFICATE,
    MYSQL_CLAIM,
    MYSQL_READ,
    MYSQL_ROOT,
    MYSQL_USERS,
    REDIS_ROOT,
)
from components.data.backup.places import (
    CA,
    DATA,
    RUN,
    SCRIPTS,
    SECURITY,
    SOCKET,
    USER,
    USERS,
    WORK,
    disk,
    empty,
    environment,
    module,
    mounts,
    scripts_volume,
    secret,
)
from components.data.backup.shape import SERVER, SHELL, SMALL
from components.kube.compute import Compute
from components.kube.resources import resources
from components.kube.security_context import pod_security

THREADS = 4
_POOL, _REDO = "1536M", "2G"


@dataclass(frozen=True, kw_only=True)
class Redis:
    """Redis as its clients reach it; the Secret `users` has the password of account `user` below the key `key`."""

    image: pulumi.Input[str]
    host: str
    users: pulumi.Input[str]
    key: str
    user: str
    certificate: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Work:
    """What all pods are given. `mysql_image` has mysqld and MySQL Shell, `tools_image` mysqlbinlog.

    `work_gib` holds a dump or what is restored of one, `data_gib` a server's data directory.
    """

    mysql_image: pulumi.Input[str]
    tools_image: pulumi.Input[str]
    bucket: pulumi.Input[str]
    region: str
    storage_class: pulumi.Input[str]
    priority_class: pulumi.Input[str]
    work_gib: int
    data_gib: int

    def environment(self, root: str, more: Mapping[str, str]) -> list[k8s.core.v1.EnvVarArgs]:
        """Where the bucket is and what is worked on, for modules and scripts alike."""
        common: dict[str, pulumi.Input[str]] = {
            "BACKUP_BUCKET": self.bucket,
            "BACKUP_REGION": self.region,
            "BACKUP_ROOT": root,
            "BACKUP_FOLDER": WORK,
            "BACKUP_THREADS": str(THREADS),
        }
        return environment({**common, **more})


def mysql_dump(work: Work) -> k8s.core.v1.PodSpecArgs:
    """A dump of a server that takes no writes, onto a disk and from there into the bucket."""
    more = {"BACKUP_HOST": MYSQL_READ, "BACKUP_PASSWORD_FILE": f"{USERS}/backup", "BACKUP_CA": CA}
    dump = _container("dump", work.mysql_image, module("dump"), work.environment(MYSQL_ROOT, more), SHELL)
    dump.volume_mounts = mounts("scripts", "work", "temporary", "users", "ca")
    return _pod(
        work,
        [dump],
        volumes=[
            disk("work", work.storage_class, work.work_gib),
            secret("users", MYSQL_USERS, "backup"),
            secret("ca", MYSQL_CERTIFICATE, "ca.crt"),
        ],
    )


def redis_dump(work: Work, redis: Redis) -> k8s.core.v1.PodSpecArgs:
    """Each master's data from one of its replicas, by Redis's own image, and then into the bucket by MySQL's."""
    more = {
        "REDIS_HOST": redis.host,
        "REDIS_USER": redis.user,
        "REDIS_PASSWORD_FILE": f"{USERS}/{redis.key}",
        "REDIS_CA": CA,
    }
    script = ["bash", f"{SCRIPTS}/redis-dump.sh"]
    take = _container("take", redis.image, script, work.environment(REDIS_ROOT, more), SMALL)
    take.volume_mounts = mounts("scripts", "work", "temporary", "users", "ca")
    upload = _container("upload", work.mysql_image, module("upload"), work.environment(REDIS_ROOT, {}), SMALL)
    upload.volume_mounts = mounts("scripts", "work", "temporary")
    return _pod(
        work,
        [upload],
        before=[take],
        volumes=[
            disk("work", work.storage_class, work.work_gib),
            secret("users", redis.users, redis.key),
            secret("ca", redis.certificate, "ca.crt"),
        ],
    )


def restore_drill(work: Work) -> k8s.core.v1.PodSpecArgs:
    """The newest dump and all logs since, into a server that goes with the pod."""
    return _restoring(work, disk("data", work.storage_class, work.data_gib), {}, ())


def restore(work: Work) -> k8s.core.v1.PodSpecArgs:
    """The same in earnest: onto the volume of the group's first member, which must be empty. See the runbook."""
    claim = k8s.core.v1.PersistentVolumeClaimVolumeSourceArgs(claim_name=MYSQL_CLAIM)
    volume = k8s.core.v1.VolumeArgs(name="data", persistent_volume_claim=claim)
    keep = {"RESTORE_KEEP": DATA, "ROOT_PASSWORD_FILE": f"{USERS}/root"}
    return _restoring(work, volume, keep, ("users",), secret("users", MYSQL_USERS, "root"))


def _restoring(
    work: Work,
    data: k8s.core.v1.VolumeArgs,
    proof: Mapping[str, str],
    proof_mounts: Sequence[str],
    *volumes: k8s.core.v1.VolumeArgs,
) -> k8s.core.v1.PodSpecArgs:
    """A server beside three steps, each of which begins when the one before it has ended well."""
    env = work.environment(MYSQL_ROOT, {"BACKUP_SOCKET": SOCKET, "RESTORE_POINT": "", "RESTORE_TIMELINE": ""})
    prove_env = work.environment(MYSQL_ROOT, {"BACKUP_SOCKET": SOCKET, **proof})
    load = _container("load", work.mysql_image, module("restore"), env, SHELL)
    replay = _container("replay", work.tools_image, ["bash", f"{SCRIPTS}/replay.sh"], env, SMALL)
    prove = _container("prove", work.mysql_image, module("prove"), prove_env, SMALL)
    for step in (load, replay):
        step.volume_mounts = mounts("scripts", "work", "temporary", "run")
    prove.volume_mounts = mounts("scripts", "work", "temporary", "run", "data", *proof_mounts)
    return _pod(
        work,
        [prove],
        before=[_server(work), load, replay],
        volumes=[disk("work", work.storage_class, work.work_gib), data, empty("run", size="64Mi"), *volumes],
    )


def _server(work: Work) -> k8s.core.v1.ContainerArgs:
    env = environment({"RESTORE_POOL": _POOL, "RESTORE_REDO": _REDO})
    server = _container("server", work.mysql_image, ["bash", f"{SCRIPTS}/server.sh"], env, SERVER)
    server.restart_policy = "Always"  # runs beside the steps after it, and is stopped when the last one ends
    ping = ["mysqladmin", "--no-defaults", "--user=root", f"--socket={RUN}/mysqld.sock", "ping"]
    server.startup_probe = k8s.core.v1.ProbeArgs(
        exec_=k8s.core.v1.ExecActionArgs(command=ping), period_seconds=5, timeout_seconds=5, failure_threshold=120
    )
    server.volume_mounts = mounts("scripts", "data", "run", "temporary")
    return server


def _container(
    name: str,
    image: pulumi.Input[str],
    command: list[str],
    env: list[k8s.core.v1.EnvVarArgs],
    size: tuple[Compute, Compute],
) -> k8s.core.v1.ContainerArgs:
    return k8s.core.v1.ContainerArgs(
        name=name, image=image, command=command, env=env, resources=resources(*size), security_context=SECURITY
    )


def _pod(
    work: Work,
    containers: list[k8s.core.v1.ContainerArgs],
    *,
    volumes: list[k8s.core.v1.VolumeArgs],
    before: list[k8s.core.v1.ContainerArgs] | None = None,
) -> k8s.core.v1.PodSpecArgs:
    return k8s.core.v1.PodSpecArgs(
        service_account_name=ACCOUNT,
        automount_service_account_token=False,
        restart_policy="Never",
        priority_class_name=work.priority_class,
        security_context=pod_security(USER),
        # A clean shutdown of a server that was just restored flushes all of it.
        termination_grace_period_seconds=300,
        init_containers=before,
        containers=containers,
        volumes=[scripts_volume(), empty("temporary", size="1Gi"), *volumes],
    )
