"""Pure: the sidecar that MySQL's pods bring along, and the volumes that it wants of them."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.backup.access import BackupAccess
from components.data.backup.names import METRICS_PORT, METRICS_PORT_NAME, MYSQL_ROOT
from components.data.backup.places import SECURITY, environment, module, scripts_volume
from components.data.backup.shape import ARCHIVER
from components.kube.resources import resources

SCRIPTS = "archiver-scripts"  # the volume's name: the pod has scripts of its own
TEMPORARY = "archiver-temporary"


@dataclass(frozen=True, kw_only=True)
class ArchiverArgs:
    """`image` is MySQL's own. The other fields are names of the pod's volumes: data, passwords, the TLS files."""

    image: pulumi.Input[str]
    bucket: pulumi.Input[str]
    region: str
    interval_minutes: int
    data_volume: str = "data"
    users_volume: str = "users"
    tls_volume: str = "tls"


@dataclass(frozen=True, kw_only=True)
class Archiver:
    """The sidecar, the volumes that it wants of its pod, and the rights that must be there before that pod."""

    container: k8s.core.v1.ContainerArgs
    volumes: list[k8s.core.v1.VolumeArgs]
    access: BackupAccess


def archiver_container(args: ArchiverArgs) -> k8s.core.v1.ContainerArgs:
    """Archives where it is this member's turn; has the data read-only, and writes into the bucket alone."""
    return k8s.core.v1.ContainerArgs(
        name="archiver",
        image=args.image,
        command=module("archiver"),
        env=environment(
            {
                "BACKUP_BUCKET": args.bucket,
                "BACKUP_REGION": args.region,
                "BACKUP_ROOT": MYSQL_ROOT,
                "BACKUP_INTERVAL_SECONDS": str(args.interval_minutes * 60),
                "BACKUP_LOGIN": "/tmp/backup.cnf",
                "BACKUP_PASSWORD_FILE": "/etc/mysql-users/backup",
                "BACKUP_CA": "/etc/mysql/tls/ca.crt",
            }
        ),
        ports=[
            k8s.core.v1.ContainerPortArgs(name=METRICS_PORT_NAME, container_port=METRICS_PORT, protocol="TCP"),
        ],
        resources=resources(*ARCHIVER),
        security_context=SECURITY,
        startup_probe=_probe(period=5, failures=24),
        # Never for what it could not archive: another start would change nothing, and an alert tells.
        liveness_probe=_probe(period=30, failures=4),
        readiness_probe=None,
        volume_mounts=[
            _mount(SCRIPTS, "/etc/backup"),
            _mount(TEMPORARY, "/tmp", read_only=False),
            _mount(args.data_volume, "/var/lib/mysql"),
            _mount(args.users_volume, "/etc/mysql-users"),
            _mount(args.tls_volume, "/etc/mysql/tls"),
        ],
    )


def archiver_volumes() -> list[k8s.core.v1.VolumeArgs]:
    """What the pod must have for it, beside its own volumes."""
    memory = k8s.core.v1.EmptyDirVolumeSourceArgs(medium="Memory", size_limit="16Mi")  # it holds a password
    return [scripts_volume(SCRIPTS), k8s.core.v1.VolumeArgs(name=TEMPORARY, empty_dir=memory)]


def _mount(name: str, path: str, *, read_only: bool = True) -> k8s.core.v1.VolumeMountArgs:
    return k8s.core.v1.VolumeMountArgs(name=name, mount_path=path, read_only=read_only)


def _probe(*, period: int, failures: int) -> k8s.core.v1.ProbeArgs:
    page = k8s.core.v1.HTTPGetActionArgs(path="/metrics", port=METRICS_PORT_NAME)
    return k8s.core.v1.ProbeArgs(http_get=page, period_seconds=period, timeout_seconds=5, failure_threshold=failures)
