"""Storage: the class of the volumes that worlds and databases keep their data on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as k8s

from components.tags import CLUSTER_TAG

FAST_SSD = "fast-ssd"  # volume claims name it
PROVISIONER = "ebs.csi.aws.com"
EKS_CLASS = "gp2"  # EKS puts it into every cluster
DEFAULT = "storageclass.kubernetes.io/is-default-class"


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """`cluster_name` is put on every volume as a tag: a volume outlives the cluster and must be found again.

    `tags` go on it too: the driver makes it, and no provider's default tags reach it.
    """

    cluster_name: str
    tags: Mapping[str, str] = field(default_factory=dict)


class Storage(pulumi.ComponentResource):
    """StorageClass fast-ssd: encrypted gp3 in the zone of the pod, growing on demand, kept when the claim goes.

    No class is the default: a claim that names none waits, instead of keeping its data where nobody chose to.
    """

    class_name: pulumi.Output[str]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:platform:Storage", name, None, opts)
        fast_ssd = self._fast_ssd(name, args)
        self._no_default(name)
        self.class_name = fast_ssd.metadata.name
        self.register_outputs({"class_name": self.class_name})

    def _fast_ssd(self, name: str, args: StorageArgs) -> k8s.storage.v1.StorageClass:
        return k8s.storage.v1.StorageClass(
            f"{name}-fast-ssd",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=FAST_SSD),
            provisioner=PROVISIONER,
            # A change here replaces the class; volumes made before keep what they were made with.
            parameters={"type": "gp3", "encrypted": "true", **tag_parameters(args.cluster_name, args.tags)},
            # Bound with the first pod: a volume made earlier might stand in a zone where the pod cannot run.
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            reclaim_policy="Retain",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _no_default(self, name: str) -> None:
        """The class that EKS brings is no default either, whoever marked it: EKS did up to 1.29."""
        k8s.storage.v1.StorageClassPatch(
            f"{name}-{EKS_CLASS}",
            metadata=k8s.meta.v1.ObjectMetaPatchArgs(
                # By force: where the mark is there, it is somebody else's field.
                name=EKS_CLASS,
                annotations={DEFAULT: "false", "pulumi.com/patchForce": "true"},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def tag_parameters(cluster_name: str, tags: Mapping[str, str]) -> dict[str, str]:
    """A class's parameters for tags of its volumes or snapshots, numbered from 1: the driver knows no other form.

    Not the stack's: a class cannot be changed, and would be replaced when its region moves to another stack.
    """
    every = {CLUSTER_TAG: cluster_name, **{key: value for key, value in tags.items() if key != "stack"}}
    return {f"tagSpecification_{number}": f"{key}={value}" for number, (key, value) in enumerate(every.items(), 1)}
