"""Velero: every night the game's namespace and its volumes into the backup bucket, readable from any other region."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.charts import VELERO, install
from components.kube.chart_values import CLUSTER_CRITICAL, container_resources
from components.platform.namespaces import platform_namespace
from components.platform.pod_identity import PodIdentity, pod_identity

NAME = "velero"  # of the namespace, the release and the service account
PREFIX = "velero"  # of its keys in the bucket
SCHEDULE = "daily"
LOCATION = "default"
# The tag that the chart's own defaults name; without one it takes the cluster's version, which nobody has pinned.
KUBECTL_TAG = "v1.34.5"
NODE_CRITICAL = "system-node-critical"

# What the cluster makes by itself from what is in the backup, or what is about machines that are gone. Karpenter's
# objects, restored, would be taken for machines to be deleted or made. The ConfigMap of MySQL's agents
# (mysql-cluster-state) cannot be left out by name: they make it with the label velero.io/exclude-from-backup.
DERIVED = (
    "endpoints",
    "endpointslices.discovery.k8s.io",
    "events",
    "events.events.k8s.io",
    "leases.coordination.k8s.io",
    "nodes",
    "nodeclaims.karpenter.sh",
    "nodepools.karpenter.sh",
    "ec2nodeclasses.karpenter.k8s.aws",
    "pods",
    "replicasets.apps",
    "controllerrevisions.apps",
    "podmetrics.metrics.k8s.io",
)


@dataclass(frozen=True, kw_only=True)
class VeleroArgs:
    """`prefix` is the cluster's name, `region` AWS's; `namespace` is what is backed up, at `hour` (UTC) of every day.

    `bucket`, its ARN and key are the backups'. `plugin_image` is velero-plugin-for-aws as nodes pull it. `after` holds
    nodes and what turns VolumeSnapshots into snapshots.
    """

    prefix: str
    cluster_name: pulumi.Input[str]
    region: str
    namespace: pulumi.Input[str]
    bucket: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    plugin_image: pulumi.Input[str]
    hour: int
    retention_days: int
    after: tuple[pulumi.Resource, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.hour <= 23:
            raise ValueError(f"velero hour: {self.hour} is no hour of a day; give 0 to 23, in UTC")


class Velero(pulumi.ComponentResource):
    """The server, an agent on each node that moves snapshots into the bucket, and one schedule."""

    ready: pulumi.Resource

    def __init__(self, name: str, args: VeleroArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:operations:Velero", name, None, opts)
        # Not restricted: what moves a snapshot reads other users' files, so it is root in its own pod.
        namespace = platform_namespace(f"{name}-{NAME}", NAME, "privileged", self, after=args.after)
        identity = PodIdentity(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            controller=NAME,
            namespace=NAME,
            service_account=NAME,
            rights=velero_statements(args),
        )
        self.ready = install(
            f"{name}-{NAME}",
            VELERO,
            name=NAME,
            namespace=namespace.metadata.name,
            values=velero_values(args),
            parent=self,
            after=(*pod_identity(name, identity, self), *args.after),
        )
        self.register_outputs({})


def velero_statements(args: VeleroArgs) -> list[dict[str, Any]]:
    """Its own keys in the bucket. None on EC2: the volumes' own driver takes the snapshots.

    Source: github.com/vmware-tanzu/velero-plugin-for-aws, "Set permissions for Velero".
    """
    objects = pulumi.Output.concat(args.bucket_arn, f"/{PREFIX}/*")
    actions = ["GetObject", "PutObject", "PutObjectTagging", "DeleteObject"]
    uploads = ["AbortMultipartUpload", "ListMultipartUploadParts"]
    return [
        {"Effect": "Allow", "Action": [f"s3:{action}" for action in (*actions, *uploads)], "Resource": objects},
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": args.bucket_arn,
            "Condition": {"StringLike": {"s3:prefix": [f"{PREFIX}/*", PREFIX, ""]}},
        },
        {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": args.key_arn},
    ]


def velero_values(args: VeleroArgs) -> dict[str, Any]:
    """One server: two would take each backup twice. Rights come from Pod Identity, so there is no credential."""
    return {
        "credentials": {"useSecret": False},
        "serviceAccount": {"server": {"create": True, "name": NAME}},
        "initContainers": [plugin(args.plugin_image)],
        "resources": container_resources("100m", "256Mi", "512Mi"),
        "upgradeJobResources": container_resources("50m", "128Mi", "256Mi"),
        "priorityClassName": CLUSTER_CRITICAL,
        "kubectl": {"image": {"tag": KUBECTL_TAG}},
        "configuration": {
            "backupStorageLocation": [storage_location(args)],
            "features": "EnableCSI",
            "uploaderType": "kopia",
            "defaultSnapshotMoveData": True,
            "defaultVolumesToFsBackup": False,
            "defaultBackupTTL": f"{args.retention_days * 24}h",
        },
        # No location of Velero's own snapshots: those are of the plug-in before CSI.
        "snapshotsEnabled": False,
        "deployNodeAgent": True,
        "nodeAgent": {
            # A snapshot is read from a volume made of it, never through the node's own folders.
            "disableHostPath": True,
            "priorityClassName": NODE_CRITICAL,
            "tolerations": [{"operator": "Exists"}],
            "resources": container_resources("50m", "128Mi", "1Gi"),
        },
        # Read by the region's own monitor.
        "metrics": {"enabled": True, "serviceMonitor": {"enabled": False}},
        "schedules": {SCHEDULE: schedule(args)},
    }


def plugin(image: pulumi.Input[str]) -> dict[str, Any]:
    """The container that brings the provider `aws`, which Velero itself has not."""
    return {
        "name": "velero-plugin-for-aws",
        "image": image,
        "resources": container_resources("50m", "128Mi", "128Mi"),
        "volumeMounts": [{"mountPath": "/target", "name": "plugins"}],
    }


def storage_location(args: VeleroArgs) -> dict[str, Any]:
    """The bucket encrypts by itself with its own key, so none is named."""
    return {
        "name": LOCATION,
        "provider": "aws",
        "bucket": args.bucket,
        "prefix": PREFIX,
        "default": True,
        "config": {"region": args.region},
    }


def schedule(args: VeleroArgs) -> dict[str, Any]:
    """The whole namespace and the volumes that it claims, but for what the cluster makes anew by itself."""
    return {
        "disabled": False,
        "schedule": f"0 {args.hour} * * *",
        "useOwnerReferencesInBackup": False,
        "template": {
            "ttl": f"{args.retention_days * 24}h0m0s",
            "storageLocation": LOCATION,
            "includedNamespaces": [args.namespace],
            "excludedResources": list(DERIVED),
            "snapshotVolumes": True,
            "snapshotMoveData": True,
        },
    }
