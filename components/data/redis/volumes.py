"""RedisVolumes: the claims of the pods' volumes at the size of the settings, however small they were born."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.ground import DataGround
from components.data.redis.names import CLAIM, STATEFUL_SET


@dataclass(frozen=True, kw_only=True)
class RedisVolumesArgs:
    """`after` is the StatefulSet, whose controller makes the claims of its `pods` pods."""

    ground: DataGround
    pods: int
    storage_gib: int
    after: pulumi.Resource


class RedisVolumes(pulumi.ComponentResource):
    """A StatefulSet's claim template can't change; so the claims themselves are told the size, one by one."""

    def __init__(self, name: str, args: RedisVolumesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:RedisVolumes", name, None, opts)
        for ordinal in range(args.pods):
            k8s.core.v1.PersistentVolumeClaimPatch(
                f"{name}-redis-{CLAIM}-{ordinal}",
                metadata=k8s.meta.v1.ObjectMetaPatchArgs(
                    name=f"{CLAIM}-{STATEFUL_SET}-{ordinal}",
                    namespace=args.ground.namespace,
                    # The size belongs to whoever made the claim, the StatefulSet's controller; it never sets it again.
                    annotations={"pulumi.com/patchForce": "true"},
                ),
                spec=_claim_patch(args.ground.storage_class, args.storage_gib),
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[args.after],
                    # Giving the fields back would take the size away from a claim that needs one, and be refused.
                    retain_on_delete=True,
                ),
            )
        self.register_outputs({})


def claim_template(
    labels: dict[str, str], storage_class: pulumi.Input[str], storage_gib: int
) -> k8s.core.v1.PersistentVolumeClaimArgs:
    """The claim that every pod is born with."""
    return k8s.core.v1.PersistentVolumeClaimArgs(
        metadata=k8s.meta.v1.ObjectMetaArgs(name=CLAIM, labels=labels),
        spec=k8s.core.v1.PersistentVolumeClaimSpecArgs(
            access_modes=["ReadWriteOnce"],
            storage_class_name=storage_class,
            resources=k8s.core.v1.VolumeResourceRequirementsArgs(requests={"storage": f"{storage_gib}Gi"}),
        ),
    )


def _claim_patch(storage_class: pulumi.Input[str], storage_gib: int) -> k8s.core.v1.PersistentVolumeClaimSpecPatchArgs:
    # Whole, though only the size ever changes: a preview asks the API server about claims that are not there yet, and
    # it judges them as new ones.
    return k8s.core.v1.PersistentVolumeClaimSpecPatchArgs(
        access_modes=["ReadWriteOnce"],
        storage_class_name=storage_class,
        resources=k8s.core.v1.VolumeResourceRequirementsPatchArgs(requests={"storage": f"{storage_gib}Gi"}),
    )
