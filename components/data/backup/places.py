"""Pure: where things stand inside pods that back up or restore, and how a program of theirs is run."""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s

from components.data.backup.files import paths
from components.data.backup.names import CONFIG_MAP
from components.kube.security_context import container_security

USER = 999  # mysqld's and valkey-server's in their own images
SCRIPTS, WORK, TEMPORARY = "/etc/backup", "/work", "/tmp"
USERS, CA_FOLDER = "/etc/backup-users", "/etc/backup-ca"
CA = f"{CA_FOLDER}/ca.crt"
DATA, RUN = "/var/lib/mysql", "/var/run/mysqld"
SOCKET = f"{RUN}/mysqld.sock"
MOUNTS: Mapping[str, str] = {
    "scripts": SCRIPTS,
    "work": WORK,
    "temporary": TEMPORARY,
    "users": USERS,
    "ca": CA_FOLDER,
    "data": DATA,
    "run": RUN,
}
_WRITABLE = frozenset({"work", "temporary", "data", "run"})


def mounts(*names: str) -> list[k8s.core.v1.VolumeMountArgs]:
    """The named volumes, each at its place."""
    return [
        k8s.core.v1.VolumeMountArgs(name=name, mount_path=MOUNTS[name], read_only=name not in _WRITABLE)
        for name in names
    ]


def module(name: str) -> list[str]:
    """A module of `runtime` in MySQL's own image, whose only Python is that of MySQL Shell."""
    return ["mysqlsh", "--no-defaults", "--py", "--pym", f"runtime.{name}"]


def environment(plain: Mapping[str, pulumi.Input[str]]) -> list[k8s.core.v1.EnvVarArgs]:
    """What a module reads, beside what MySQL Shell itself needs: folders that it may write."""
    shell = {"PYTHONPATH": SCRIPTS, "HOME": TEMPORARY, "MYSQLSH_USER_CONFIG_HOME": TEMPORARY}
    shell["PYTHONDONTWRITEBYTECODE"] = "1"
    return [k8s.core.v1.EnvVarArgs(name=name, value=value) for name, value in sorted({**shell, **plain}.items())]


def scripts_volume(name: str = "scripts") -> k8s.core.v1.VolumeArgs:
    """The ConfigMap, its keys back in their folders."""
    items = [k8s.core.v1.KeyToPathArgs(key=key, path=path) for key, path in sorted(paths().items())]
    source = k8s.core.v1.ConfigMapVolumeSourceArgs(name=CONFIG_MAP, items=items)
    return k8s.core.v1.VolumeArgs(name=name, config_map=source)


def empty(name: str, *, size: str) -> k8s.core.v1.VolumeArgs:
    """A folder of the pod's own, at most so large."""
    return k8s.core.v1.VolumeArgs(name=name, empty_dir=k8s.core.v1.EmptyDirVolumeSourceArgs(size_limit=size))


def secret(name: str, secret_name: pulumi.Input[str], *keys: str) -> k8s.core.v1.VolumeArgs:
    """Only these keys of a Secret, as files."""
    items = [k8s.core.v1.KeyToPathArgs(key=key, path=key) for key in keys]
    source = k8s.core.v1.SecretVolumeSourceArgs(secret_name=secret_name, items=items, default_mode=0o440)
    return k8s.core.v1.VolumeArgs(name=name, secret=source)


def disk(name: str, storage_class: pulumi.Input[str], gib: int) -> k8s.core.v1.VolumeArgs:
    """A volume that comes and goes with the pod."""
    claim = k8s.core.v1.PersistentVolumeClaimSpecArgs(
        access_modes=["ReadWriteOnce"],
        storage_class_name=storage_class,
        resources=k8s.core.v1.VolumeResourceRequirementsArgs(requests={"storage": f"{gib}Gi"}),
    )
    template = k8s.core.v1.PersistentVolumeClaimTemplateArgs(spec=claim)
    return k8s.core.v1.VolumeArgs(
        name=name, ephemeral=k8s.core.v1.EphemeralVolumeSourceArgs(volume_claim_template=template)
    )


SECURITY = container_security()
