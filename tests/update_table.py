"""What each setting does when it is changed: the table of docs/upgrading.md, held against recordings by its test.

A resource is written "Type name" with its logical name less the region. Rows whose resources have nothing in common
share one recording, since each costs half a second; every row's own operations stay exact.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.updates import Edit, Operations

REGION = "us-east"
GONE = object()  # a value that takes the setting out of the file
_OF_STACK = frozenset({"protect", "registry", "edge", "peering"})


@dataclass(frozen=True)
class Row:
    """New values by their settings (of the region, or of the stack), and the operations on all that they touch.

    `refused` are those of them that the guard refuses until they are named.
    """

    settings: Mapping[str, Any]
    update: Sequence[str] = ()
    replace: Sequence[str] = ()
    create: Sequence[str] = ()
    delete: Sequence[str] = ()
    refused: Sequence[str] = field(default=(), kw_only=True)
    stack: Literal["dev", "prod"] = field(default="dev", kw_only=True)

    @property
    def operations(self) -> Operations:
        """The operations by the resources' whole names."""
        found = {"update": self.update, "replace": self.replace, "create": self.create, "delete": self.delete}
        return {whole(label): operation for operation, names in found.items() for label in names}

    def edit(self, raw: dict[str, Any]) -> None:
        """Write the new values into a stack file's settings."""
        for path, value in self.settings.items():
            *steps, last = path.split(".")
            part = raw if path.split(".")[0] in _OF_STACK else raw["regions"][REGION]
            for step in steps:
                part = part.setdefault(step, {})
            if value is GONE:
                del part[last]
            else:
                part[last] = value


def whole(label: str) -> str:
    """A resource's whole name; the edge's stands already."""
    type_, name = label.split()
    return label if name.startswith("edge-") else f"{type_} {REGION}-{name}"


_SHIFT = "arn:aws:iam::123456789012:role/night-shift"
_SHIFT_NAME = "123456789012-role-night-shift"
_SECRETS = "arn:aws:secretsmanager:us-east-1:123456789012:secret"
_LISTENERS = [f"Listener entrance-{listener}" for listener in ("https", "tcp", "udp")]
_CLAIMS = [f"PersistentVolumeClaimPatch data-redis-cluster-{ordinal}" for ordinal in range(10)]
_MYSQL_PASSWORDS = [
    f"RandomPassword mysql-password-{account}"
    for account in ("app", "backup", "exporter", "gr-repl", "migration", "monitor", "root")
]
_REDIS_PASSWORDS = {
    turn: [f"RandomPassword redis-{account}-{turn}" for account in ("admin", "app", "backup", "exporter", "repl")]
    for turn in ("even", "odd")
}
_RABBITMQ_PASSWORDS = ["RandomPassword rabbitmq-admin", "RandomPassword rabbitmq-game"]
_REDIS = [
    "StatefulSet redis",
    *_CLAIMS[:6],
    *_REDIS_PASSWORDS["even"],
    *_REDIS_PASSWORDS["odd"],
    *(f"Secret redis-{name}" for name in ("connection", "users")),
    *(f"ConfigMap {name}" for name in ("dashboard-redis", "redis-client-config", "redis-server-config")),
    *(f"Service redis-{name}" for name in ("headless", "service")),
    *(f"NetworkPolicy redis-{name}" for name in ("bootstrap", "clients", "pods")),
    *(f"ServiceAccount redis-{name}" for name in ("jobs", "servers")),
    *("Role redis-pods", "RoleBinding redis-pods", "ClusterRole redis-zones", "ClusterRoleBinding redis-zones"),
    *("Job redis-bootstrap", "CronJob redis-dump", "Certificate redis-certificate", "PodDisruptionBudget redis-budget"),
    *("PodMonitor monitor-redis-cluster", "PrometheusRule alerts-redis"),
]
_BUCKET_SETTINGS = (
    *("LifecycleConfiguration", "ObjectLockConfiguration", "OwnershipControls", "Policy", "PublicAccessBlock"),
    *("ReplicationConfig", "ServerSideEncryptionConfiguration", "Versioning"),
)
_ZONAL = [f"NodeGroup pool-database-us-east-1{letter}" for letter in "abc"]
_CLIENT_RULES = [f"SecurityGroupIngressRule entrance-{port}-from-" for port in ("tcp-443", "tcp-8080", "udp-8081")]


def _groups(generation: str) -> list[str]:
    return [f"TargetGroup entrance-{listener}-{generation}" for listener in ("https", "tcp", "udp")]


ROWS: tuple[Row, ...] = (
    Row({"cluster.support": "extended"}, update=["Cluster cluster"]),
    Row({"cluster.control_plane_tier": "tier-xl"}, update=["Cluster cluster"]),
    Row({"cluster.public_access_cidrs": ["203.0.113.0/24", "198.51.100.0/24"]}, update=["Cluster cluster"]),
    Row({"cluster.log_retention_days": 7}, update=["LogGroup control-plane"]),
    Row(
        {"cluster.admins": [_SHIFT, "arn:aws:iam::123456789012:role/platform-admin"]},
        create=[f"AccessEntry access-{_SHIFT_NAME}", f"AccessPolicyAssociation admin-{_SHIFT_NAME}"],
    ),
    Row(
        {"cluster.viewers": [_SHIFT]},
        create=[f"AccessEntry access-{_SHIFT_NAME}", f"AccessPolicyAssociation viewer-{_SHIFT_NAME}"],
    ),
    Row(
        {"cluster.autoscaler": "cluster-autoscaler", "karpenter.pools.worlds": GONE},
        create=[
            "ServiceMonitor monitor-cluster-autoscaler",
            *(f"{type_} cluster-autoscaler" for type_ in ("PodIdentityAssociation", "Release", "Role", "RolePolicy")),
        ],
        delete=["NodePool karpenter-pool-worlds"],
    ),
    Row({"node_pools.game.max_size": 9}, update=["NodeGroup pool-game"]),
    Row({"node_pools.game.desired_size": 4}),
    Row({"node_pools.game.disk_gib": 200}, update=["LaunchTemplate pool-game", "NodeGroup pool-game"]),
    Row(
        {"node_pools.game.instance_types": ["c7i.2xlarge"]},
        replace=["NodeGroup pool-game"],
        refused=["NodeGroup pool-game"],
    ),
    Row(
        {"node_pools.system.arch": "arm64", "node_pools.system.instance_types": ["m7g.large"]},
        replace=["NodeGroup pool-system"],
    ),
    Row(
        {
            "node_pools.night": {
                "instance_types": ["m7i.large"],
                "min_size": 1,
                "desired_size": 1,
                "max_size": 2,
                "disk_gib": 50,
            }
        },
        create=["LaunchTemplate pool-night", "NodeGroup pool-night"],
    ),
    Row({"node_pools.database.disk_gib": 600}, update=["LaunchTemplate pool-database", *_ZONAL], stack="prod"),
    Row(
        {
            "network.zones": ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"],
            **{
                f"node_pools.database.{figure}_size": count
                for figure, count in (("min", 4), ("desired", 4), ("max", 8))
            },
        },
        create=[
            "NodeGroup pool-database-us-east-1d",
            "Route private-us-east-1d-nat",
            "RouteTable private-us-east-1d",
            *(f"RouteTableAssociation {role}-us-east-1d" for role in ("pods", "private", "public")),
            *(f"Subnet {role}-us-east-1d" for role in ("pods", "private", "public")),
        ],
        update=[
            "Addon node-addons-vpc-cni",
            "Cluster cluster",
            "LoadBalancer entrance",
            "StatefulSet redis",
            "VpcEndpoint endpoint-s3",
        ],
        replace=["NodeGroup pool-game", "NodeGroup pool-system"],
        refused=["NodeGroup pool-game"],
    ),
    Row(
        {"network.nat": "per-zone"},
        create=[f"{made} nat-us-east-1{letter}" for made in ("Eip", "NatGateway") for letter in "bc"],
        update=[f"Route private-us-east-1{letter}-nat" for letter in "bc"],
    ),
    Row(
        {"network.interface_endpoints": ["sts"]},
        create=[
            "SecurityGroup endpoints",
            "SecurityGroupIngressRule endpoints-pods",
            "SecurityGroupIngressRule endpoints-vpc",
            "VpcEndpoint endpoint-sts",
        ],
    ),
    Row(
        {"network.interface_endpoints": ["ecr.api", "ecr.dkr", "sts", "eks-auth"]},
        delete=["VpcEndpoint endpoint-ec2"],
        stack="prod",
    ),
    Row({"network.flow_logs.retention_days": 7}, update=["LogGroup flow-logs"]),
    Row({"network.flow_logs.traffic": "ALL"}, replace=["FlowLog flow-log"]),
    Row(
        {"network.own_subnets": ["database"]},
        create=[
            f"{type_} database-us-east-1{letter}" for type_ in ("RouteTableAssociation", "Subnet") for letter in "abc"
        ],
        replace=_ZONAL,
        refused=_ZONAL,
    ),
    Row({"data.mysql.storage_gib": 40}, update=[f"PersistentVolumeClaimPatch data-mysql-{n}" for n in range(3)]),
    Row({"data.mysql.variables": {"long_query_time": 1}}, update=["ConfigMap mysql-config", "StatefulSet mysql"]),
    Row({"data.mysql.limits": {"cpu": "3", "memory": "4Gi"}}, update=["StatefulSet mysql"]),
    Row(
        {"data.mysql.rotation": 2},
        update=[f"Secret mysql-{of}" for of in ("connection", "exporter", "users")],
        replace=_MYSQL_PASSWORDS,
        refused=_MYSQL_PASSWORDS,
    ),
    Row({"data.redis.storage_gib": 10}, update=_CLAIMS[:6]),
    Row(
        {"data.redis.masters": 5},
        create=_CLAIMS[6:],
        update=["PrometheusRule alerts-redis", "StatefulSet redis"],
        replace=["Job redis-bootstrap"],
    ),
    Row(
        {"data.redis.settings": {"maxmemory-policy": "noeviction"}},
        update=["ConfigMap redis-server-config", "StatefulSet redis"],
    ),
    Row(
        {"data.redis.rotation": 1},
        update=["Secret redis-connection", "Secret redis-users", "StatefulSet redis"],
        replace=_REDIS_PASSWORDS["odd"],
        refused=_REDIS_PASSWORDS["odd"],
    ),
    Row(
        {"data.redis": GONE},
        update=["PrometheusRule alerts-backup", "StatefulSet worlds"],
        delete=_REDIS,
        refused=["StatefulSet redis", *_REDIS_PASSWORDS["even"], *_REDIS_PASSWORDS["odd"]],
    ),
    Row({"data.postgres.storage_gib": 40}, update=["Cluster postgres"]),
    Row({"data.postgres.memory_gib": 3}, update=["Cluster postgres"]),
    Row(
        {"data.postgres.password_rotation": 1},
        update=["Secret postgres-connection"],
        replace=["RandomPassword postgres-password"],
        refused=["RandomPassword postgres-password"],
    ),
    Row({"data.rabbitmq.storage_gib": 30}, update=["RabbitmqCluster rabbitmq"]),
    Row({"data.rabbitmq.memory_gib": 3}, update=["RabbitmqCluster rabbitmq"]),
    Row(
        {"data.rabbitmq.password_rotation": 1},
        update=[
            "RabbitmqCluster rabbitmq",
            *(f"Secret rabbitmq-{of}" for of in ("admin-secret", "connection", "credentials")),
        ],
        replace=_RABBITMQ_PASSWORDS,
        refused=_RABBITMQ_PASSWORDS,
    ),
    Row({"data.backup.archive_minutes": 3}, update=["StatefulSet mysql"]),
    Row(
        {"data.backup.hour": 4},
        update=[f"CronJob {job}" for job in ("mysql-dump", "mysql-restore", "mysql-restore-drill", "redis-dump")]
        + ["Release velero"],
    ),
    Row({"data.backup.retention_days": 40}, update=["BucketLifecycleConfiguration backup", "Release velero"]),
    Row(
        {"data.backup.copy_to": "us-west-2"},
        create=[
            "aws aws-copies",
            *(f"{type_} backup-copy" for type_ in ("Bucket", "Key", "Role", "RolePolicy")),
            *(f"Bucket{part} backup-copy" for part in _BUCKET_SETTINGS),
        ],
    ),
    Row(
        {"data.kafka": {"brokers": ["b-1.events.example.com:9094"], "cidrs": ["10.200.0.0/16"]}},
        create=["ConfigMap kafka", "NetworkPolicy kafka-clients"],
    ),
    Row({"karpenter.peak.hours": 8}, update=[f"NodePool karpenter-pool-{pool}" for pool in ("services", "worlds")]),
    Row(
        {"karpenter.pools.services.limits": {"cpu": "128", "memory": "512Gi"}},
        update=["NodePool karpenter-pool-services"],
    ),
    Row({"worlds.count": 2}, update=["StatefulSet worlds"]),
    Row({"worlds.image": "mmorpg/game-server:v2.2.0"}, update=["StatefulSet worlds"]),
    Row({"worlds.players_per_world": 1500}, update=["PrometheusRule alerts", "StatefulSet worlds"]),
    Row({"worlds.limits": {"cpu": "3", "memory": "6Gi"}}, update=["StatefulSet worlds"]),
    Row({"worlds.storage_gib": 20}),
    Row({"namespace.quota.pods": 300}, update=["ResourceQuota quota"]),
    Row({"namespace.limits": {"claim": {"max": "200Gi"}}}, update=["LimitRange limits"]),
    Row(
        {"entrance.client_cidrs": ["198.51.100.0/24"]},
        create=[f"{rule}198.51.100.0-24" for rule in _CLIENT_RULES],
        delete=[f"{rule}0.0.0.0-0" for rule in _CLIENT_RULES],
        update=["NetworkPolicy entrance-tcp", "NetworkPolicy entrance-udp"],
    ),
    Row({"entrance.weights": {"a": 90, "b": 10}}, create=_groups("b"), update=_LISTENERS),
    Row({"entrance.cross_zone": False}, update=["LoadBalancer entrance"]),
    Row({"entrance.minimum_healthy": 2}, update=_groups("a")),
    Row({"mesh.gateway": {"min": 4, "max": 12}}, update=["Release istio-ingressgateway"]),
    Row({"monitoring.retention_days": 60}, update=["Release monitoring"]),
    Row({"scaling.replicas": 3}, update=["Release keda"]),
    Row({"buckets.log_days": 60}, update=["BucketLifecycleConfiguration logs"]),
    Row(
        {"buckets.backup_lock_days": 14},
        update=["BucketLifecycleConfiguration backup", "BucketObjectLockConfiguration backup"],
    ),
    Row({"budget.monthly_usd": 3000}, update=["Budget budget"]),
    Row(
        {"image_cache.credentials.hub": f"{_SECRETS}:ecr-pullthroughcache/hub"},
        create=["PullThroughCacheRule image-cache-hub"],
        # Images change their names, so that whatever runs of them is rolled, one pod after the other.
        update=[
            *(f"CronJob {job}" for job in ("mysql-dump", "mysql-restore", "mysql-restore-drill", "redis-dump")),
            *(f"Release {name}" for name in ("istiod", "monitoring", "velero")),
            *("StatefulSet mysql", "StatefulSet redis", "RabbitmqCluster rabbitmq"),
        ],
        replace=["Job redis-bootstrap"],
        stack="prod",
    ),
    Row({"platform.acme_email": "web@mmorpg-game.com"}, update=["ClusterIssuer letsencrypt-prod"], stack="prod"),
    Row(
        {"registry.repositories": ["game-server", "lobby", "world-data-loader"]},
        create=["LifecyclePolicy edge-registry-us-east-1-lobby", "Repository edge-registry-us-east-1-lobby"],
        stack="prod",
    ),
    Row(
        {"aws.boundary": "arn:aws:iam::123456789012:policy/bound"},
        update=[
            f"Role {role}"
            for role in (
                *("cluster", "data-backup", "ebs-csi", "external-secrets", "flow-logs", "karpenter", "karpenter-node"),
                *("load-balancer", "node", "postgres", "velero", "vpc-cni"),
            )
        ],
    ),
    Row({"aws.account_ids": ["123456789012"]}, update=["aws aws"]),
    Row({"protect": True}, update=["Bucket backup", "Cluster cluster", "LoadBalancer entrance"]),
)

# What the guard refuses until each resource is named; of each a few of those that it names.
REFUSED: tuple[Row, ...] = (
    Row(
        {"namespace.name": "mmo"},
        replace=[
            *("Namespace namespace", "StatefulSet worlds", "StatefulSet mysql", "StatefulSet redis"),
            *("Cluster postgres", "RabbitmqCluster rabbitmq"),
        ],
    ),
    Row({"network.cidr": "10.11.0.0/16"}, replace=["Vpc vpc", "Subnet private-us-east-1a"]),
    Row({"network.pods": "100.65.0.0/16"}, replace=["Subnet pods-us-east-1a", "Subnet pods-us-east-1b"]),
    Row({"scaling": GONE}, delete=["Namespace keda"]),
    Row(
        {"buckets": GONE, "data.backup": GONE, "data.postgres.backup": None},
        delete=["Bucket backup", "Bucket logs", "Bucket traces", "Key storage-key", "Namespace velero"],
    ),
    Row({"data.mysql": GONE, "data.backup": GONE}, delete=["StatefulSet mysql", *_MYSQL_PASSWORDS]),
    Row(
        {"data.postgres": GONE},
        delete=["Cluster postgres", "Namespace cnpg-system", "RandomPassword postgres-password"],
    ),
    Row(
        {"data.rabbitmq": GONE},
        delete=[
            *("CustomResourceDefinition rabbitmq-definition", "Namespace rabbitmq-system", "RabbitmqCluster rabbitmq"),
            *_RABBITMQ_PASSWORDS,
        ],
    ),
    Row({"edge.domain": "mmo.example.com"}, replace=["Zone edge-zone", "Zone edge-zone-us-east"], stack="prod"),
)


def batches(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows in as few groups as their order gives, no resource and no setting twice in a group."""
    groups: list[tuple[set[str], list[Row]]] = []
    for row in rows:
        touched = {*row.operations, *row.settings}
        for taken, group in groups:
            if group[0].stack == row.stack and not taken & touched:
                taken |= touched
                group.append(row)
                break
        else:
            groups.append((touched, [row]))
    return [group for _, group in groups]


def together(rows: Sequence[Row]) -> Edit:
    """One edit that makes all their changes."""

    def edit(raw: dict[str, Any]) -> None:
        for row in rows:
            row.edit(raw)

    return edit


def markdown() -> str:
    """The table as docs/upgrading.md has it."""
    lines = ["| Change | Updated in place | Replaced | Created | Deleted |", "| --- | --- | --- | --- | --- |"]
    for row in ROWS:
        change = "<br>".join(f"`{path}: {_shown(value)}`" for path, value in row.settings.items())
        cells = [
            _counted(cell) + (" (by name)" if set(cell) & set(row.refused) else "")
            for cell in (row.update, row.replace, row.create, row.delete)
        ]
        lines.append(f"| {' | '.join([change, *cells])} |")
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    if value is GONE:
        return "taken out"
    return value if isinstance(value, str) else json.dumps(value)


def _counted(names: Sequence[str]) -> str:
    kinds = Counter("AWS provider" if name.startswith("aws ") else name.split()[0] for name in names)
    return ", ".join(kind if count == 1 else f"{count} {kind}" for kind, count in kinds.items())
