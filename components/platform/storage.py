"""Storage: the class of the volumes that worlds and databases keep their data on."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

FAST_SSD = "fast-ssd"  # volume claims name it
PROVISIONER = "ebs.csi.aws.com"


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """`cluster_name` is put on every volume as a tag: a volume outlives the cluster and must be found again."""

    cluster_name: str


class Storage(pulumi.ComponentResource):
    """StorageClass fast-ssd: encrypted gp3 in the zone of the pod, growing on demand, kept when the claim goes."""

    class_name: pulumi.Output[str]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:platform:Storage", name, None, opts)
        fast_ssd = k8s.storage.v1.StorageClass(
            f"{name}-fast-ssd",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=FAST_SSD),
            provisioner=PROVISIONER,
            # A change here replaces the class; volumes made before keep what they were made with.
            parameters={
                "type": "gp3",
                "encrypted": "true",
                "tagSpecification_1": f"game-regions/cluster={args.cluster_name}",
            },
            # Bound with the first pod: a volume made earlier might stand in a zone where the pod cannot run.
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            reclaim_policy="Retain",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.class_name = fast_ssd.metadata.name
        self.register_outputs({"class_name": self.class_name})
