"""Pure: the custom resources of PostgreSQL: the Cluster, where its backups go, and when."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.data.postgres.names import (
    ANY_SERVICE,
    CLUSTER,
    CONNECTION_SECRET,
    INSTANCES,
    OBJECT_STORE,
    PLUGIN,
    PORT,
    PRIMARY_SERVICE,
    READ_SERVICE,
    SIDECAR,
    SIDECAR_LIMIT,
    SYSTEM,
    TLS_SECRET,
)
from components.kube.labels import client_of
from components.kube.placement import ZONE, node_selector, node_taint

WORKLOAD = "database"
AWAY_SECONDS = 60  # how long a pod stays bound to a node that does not answer
# At worst this much is lost with all three volumes: a segment of WAL is closed and archived at least this often.
ARCHIVE_TIMEOUT = "5min"
MIB_PER_GIB = 1024
CA_PATH = "/app/connections/postgres/ca.crt"  # as components/data/clients.py mounts it


@dataclass(frozen=True, kw_only=True)
class PostgresBackup:
    """`bucket` is the name of the region's backup bucket in AWS region `region`.

    `schedule` has six fields, seconds first, in UTC; base backups and their WAL go after `retention_days`.
    """

    bucket: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    region: str
    schedule: str
    retention_days: int


@dataclass(frozen=True, kw_only=True)
class PostgresSize:
    """Of each instance: requests and limits, and GiB of its two volumes. `memory_gib` is also the limit's."""

    cpu: str
    cpu_limit: str
    memory_gib: int
    storage_gib: int
    wal_gib: int


def cluster_spec(
    *,
    image: pulumi.Input[str],
    size: PostgresSize,
    database: str,
    owner: str,
    storage_class: pulumi.Input[str],
    priority_class: pulumi.Input[str],
    backup: bool,
) -> dict[str, Any]:
    """Three instances in three zones, of which a commit waits for two (postgresql.cnpg.io/v1 Cluster)."""
    spec: dict[str, Any] = {
        "instances": INSTANCES,
        "imageName": image,
        "description": "game database",
        "enableSuperuserAccess": False,
        "bootstrap": {"initdb": _first_database(database, owner)},
        "postgresql": {
            "parameters": parameters(size.memory_gib),
            # The operator's own rules come before these and its last one, which takes any host, after.
            "pg_hba": ["hostnossl all all all reject"],
            # Preferred: with both standbys away the primary goes on alone, for an hour without the game is worse than
            # the seconds that a third fault could take.
            "synchronous": {"method": "any", "number": 1, "dataDurability": "preferred"},
        },
        "certificates": {"serverTLSSecret": TLS_SECRET, "serverCASecret": TLS_SECRET},
        "storage": {"size": f"{size.storage_gib}Gi", "storageClass": storage_class},
        # A volume of its own: a full archive queue must not stop the data, and the two never wait for one disk.
        "walStorage": {"size": f"{size.wal_gib}Gi", "storageClass": storage_class},
        "resources": {
            "requests": {"cpu": size.cpu, "memory": f"{size.memory_gib}Gi"},
            "limits": {"cpu": size.cpu_limit, "memory": f"{size.memory_gib}Gi"},
        },
        "affinity": affinity(),
        "priorityClassName": priority_class,
        **_changes_of_primary(),
        "enablePDB": True,
        "inheritedMetadata": {
            "labels": {"sidecar.istio.io/inject": "false"},
            "annotations": {"karpenter.sh/do-not-disrupt": "true"},
        },
    }
    if backup:
        archiver = {"name": PLUGIN, "isWALArchiver": True, "parameters": {"barmanObjectName": OBJECT_STORE}}
        spec["plugins"] = [archiver]
    return spec


def _first_database(database: str, owner: str) -> dict[str, Any]:
    return {
        "database": database,
        "owner": owner,
        "encoding": "UTF8",
        "localeCollate": "C",
        "localeCType": "C",
        "dataChecksums": True,
        "secret": {"name": CONNECTION_SECRET},
    }


def _changes_of_primary() -> dict[str, Any]:
    return {
        "primaryUpdateStrategy": "unsupervised",
        "primaryUpdateMethod": "switchover",
        # Clients have 20 s to finish; then a primary that must go ends within 40 s, and a failover is not waited for.
        "smartShutdownTimeout": 20,
        "stopDelay": 60,
        "switchoverDelay": 60,
        "failoverDelay": 0,
    }


def parameters(memory_gib: int) -> dict[str, str]:
    """postgresql.conf by the instance's memory; the operator itself sets the rest of replication and archiving."""
    memory = memory_gib * MIB_PER_GIB
    return {
        "archive_timeout": ARCHIVE_TIMEOUT,
        "max_connections": "200",
        # A quarter of the memory, and what the kernel may hold of files beside it.
        # postgresql.org/docs/18/runtime-config-resource.html
        "shared_buffers": f"{memory // 4}MB",
        "effective_cache_size": f"{memory * 3 // 4}MB",
        "maintenance_work_mem": f"{memory // 16}MB",
        "wal_compression": "lz4",
        "log_min_duration_statement": "500",
        "log_lock_waits": "on",
        # A standby that fell behind is cut off before the WAL it holds back fills the primary's volume.
        "max_slot_wal_keep_size": "4GB",
        "idle_in_transaction_session_timeout": "60s",
    }


def affinity() -> dict[str, Any]:
    """Each instance in a zone of its own, on nodes kept for databases."""
    key, value = node_taint(WORKLOAD)
    away = [
        {
            "key": f"node.kubernetes.io/{what}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": AWAY_SECONDS,
        }
        for what in ("not-ready", "unreachable")
    ]
    return {
        "enablePodAntiAffinity": True,
        "podAntiAffinityType": "required",
        "topologyKey": ZONE,
        "nodeSelector": node_selector(WORKLOAD),
        "tolerations": [{"key": key, "operator": "Equal", "value": value, "effect": "NoSchedule"}, *away],
    }


def object_store_spec(backup: PostgresBackup) -> dict[str, Any]:
    """Where base backups and WAL go (barmancloud.cnpg.io/v1 ObjectStore); the bucket encrypts by its own key."""
    return {
        "configuration": {
            "destinationPath": pulumi.Output.concat("s3://", backup.bucket, f"/{SYSTEM}/"),
            "s3Credentials": {"inheritFromIAMRole": True},
            "data": {"compression": "gzip", "jobs": 2},
            "wal": {"compression": "gzip", "maxParallel": 4},
        },
        "retentionPolicy": f"{backup.retention_days}d",
        "instanceSidecarConfiguration": {
            "env": [{"name": "AWS_DEFAULT_REGION", "value": backup.region}],
            "resources": {"requests": SIDECAR.quantities(), "limits": SIDECAR_LIMIT.quantities()},
        },
    }


def scheduled_backup_spec(schedule: str) -> dict[str, Any]:
    """A base backup at once and by `schedule`, from a standby where one runs."""
    return {
        "schedule": schedule,
        "immediate": True,
        "backupOwnerReference": "none",
        "cluster": {"name": CLUSTER},
        "method": "plugin",
        "target": "prefer-standby",
        "pluginConfiguration": {"name": PLUGIN},
    }


def backup_statements(backup: PostgresBackup) -> list[dict[str, Any]]:
    """Rights on the system's own folder of the bucket, and on the key by which the bucket encrypts.

    Listing is of the whole bucket: barman first asks whether the bucket is there, which names no folder.
    """
    objects = pulumi.Output.concat(backup.bucket_arn, f"/{SYSTEM}/*")
    actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    return [
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": backup.bucket_arn},
        {"Effect": "Allow", "Action": actions, "Resource": objects},
        {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": backup.key_arn},
    ]


def server_names(namespace: str) -> list[str]:
    """Every name under which a client may reach an instance."""
    services = (PRIMARY_SERVICE, READ_SERVICE, ANY_SERVICE)
    return [
        name
        for service in services
        for name in (
            service,
            f"{service}.{namespace}",
            f"{service}.{namespace}.svc",
            f"{service}.{namespace}.svc.cluster.local",
        )
    ]


def connection(owner: str, database: str, password: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
    """What a client needs; the authority's certificate is `ca.crt` of the Secret `postgres-tls`."""
    options = f"sslmode=verify-full&sslrootcert={CA_PATH}"
    address = f"{PRIMARY_SERVICE}:{PORT}/{database}"
    return {
        "username": owner,
        "password": password,
        "host": PRIMARY_SERVICE,
        "port": str(PORT),
        "dbname": database,
        "uri": pulumi.Output.concat(f"postgresql://{owner}:", password, f"@{address}?{options}"),
    }


def client_labels() -> dict[str, str]:
    """What pods that reach PostgreSQL carry."""
    return client_of(SYSTEM)
