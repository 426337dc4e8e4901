"""GrownVolumes: the claims of a StatefulSet's pods at the size of the settings, however small they were born."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.claims import CLAIM, claim


@dataclass(frozen=True, kw_only=True)
class GrownVolumesArgs:
    """Claims of the `pods` pods of `stateful_set`, `storage_gib` GiB of `storage_class` each.

    `owner` is that StatefulSet itself, whose controller makes them.
    """

    namespace: pulumi.Input[str]
    stateful_set: str
    pods: int
    storage_class: pulumi.Input[str]
    storage_gib: int
    owner: pulumi.Resource


class GrownVolumes(pulumi.ComponentResource):
    """A StatefulSet's claim template can't change; so the claims themselves are told the size, one by one.

    Kubernetes lets a claim grow and never shrink; EBS takes a change each six hours.
    """

    def __init__(self, name: str, args: GrownVolumesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:GrownVolumes", name, None, opts)
        for claim_name in (claim(args.stateful_set, ordinal) for ordinal in range(args.pods)):
            k8s.core.v1.PersistentVolumeClaimPatch(
                f"{name}-{claim_name}",
                metadata=k8s.meta.v1.ObjectMetaPatchArgs(
                    name=claim_name,
                    namespace=args.namespace,
                    # By force: the size belongs to whoever made the claim, a controller that never sets it again.
                    annotations={"pulumi.com/patchForce": "true"},
                ),
                spec=_whole_claim(args.storage_class, args.storage_gib),
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[args.owner],
                    # Giving the fields back would take the size away from a claim that needs one, and be refused.
                    retain_on_delete=True,
                ),
            )
        self.register_outputs({})


def data_claim(
    labels: Mapping[str, str], storage_class: pulumi.Input[str], storage_gib: int
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


def _whole_claim(storage_class: pulumi.Input[str], storage_gib: int) -> k8s.core.v1.PersistentVolumeClaimSpecPatchArgs:
    # Whole, though only the size ever changes: a preview asks the API server about claims that are not there yet, and
    # it judges them as new ones.
    return k8s.core.v1.PersistentVolumeClaimSpecPatchArgs(
        access_modes=["ReadWriteOnce"],
        storage_class_name=storage_class,
        resources=k8s.core.v1.VolumeResourceRequirementsPatchArgs(requests={"storage": f"{storage_gib}Gi"}),
    )
