"""SnapshotController: turns VolumeSnapshots into EBS snapshots, by the class that says how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.charts import SNAPSHOT_CONTROLLER, install
from components.kube.chart_values import CLUSTER_CRITICAL, container_resources, zone_spread
from components.platform.storage import PROVISIONER, tag_parameters

NAMESPACE = "kube-system"
NAME = "snapshot-controller"
CLASS = "ebs-snapshots"  # VolumeSnapshots name it
API_VERSION = "snapshot.storage.k8s.io/v1"
KIND = "VolumeSnapshotClass"


@dataclass(frozen=True, kw_only=True)
class SnapshotControllerArgs:
    """`prefix` is the cluster's name, put on every snapshot as a tag beside `tags`; `after`: nodes and cluster DNS."""

    prefix: str
    tags: Mapping[str, str] = field(default_factory=dict)
    after: tuple[pulumi.Resource, ...] = ()


class SnapshotController(pulumi.ComponentResource):
    """The controller, its CRDs and one class. `ready` must be there before any VolumeSnapshot."""

    ready: pulumi.Resource

    def __init__(self, name: str, args: SnapshotControllerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:platform:SnapshotController", name, None, opts)
        self.ready = install(
            f"{name}-{NAME}",
            SNAPSHOT_CONTROLLER,
            name=NAME,
            namespace=NAMESPACE,
            values=snapshot_controller_values(),
            parent=self,
            after=args.after,
        )
        # Not the SDK's CustomResource: that one knows a spec and nothing else, and this kind has none.
        pulumi.CustomResource(
            f"kubernetes:{API_VERSION}:{KIND}",
            f"{name}-{CLASS}",
            snapshot_class(args.prefix, args.tags),
            pulumi.ResourceOptions(parent=self, depends_on=[self.ready]),
        )
        self.register_outputs({})


def snapshot_controller_values() -> dict[str, Any]:
    """Two replicas, one of which leads."""
    return {
        "installCRDs": True,
        "controller": {
            "replicaCount": 2,
            "pdb": {"maxUnavailable": 1},
            "priorityClassName": CLUSTER_CRITICAL,
            "topologySpreadConstraints": zone_spread({"app.kubernetes.io/name": NAME}),
            "resources": container_resources("20m", "64Mi", "128Mi"),
        },
    }


def snapshot_class(cluster_name: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """EBS snapshots that stay when the object in the cluster goes: a backup must outlive what it was made of."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        # Velero takes the class that says so: velero.io/docs/v1.18/csi
        "metadata": {"name": CLASS, "labels": {"velero.io/csi-volumesnapshot-class": "true"}},
        "driver": PROVISIONER,
        "deletionPolicy": "Retain",
        "parameters": tag_parameters(cluster_name, tags),
    }
