"""MysqlVolumes: the members' volumes grow with the settings, which a StatefulSet's own template never lets them."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.mysql.names import claim


@dataclass(frozen=True, kw_only=True)
class MysqlVolumesArgs:
    """Claims of `members` pods of `stateful_set`, `storage_gib` GiB each; `owner` is that StatefulSet itself, whose
    controller makes them. Logical names begin with `prefix`.
    """

    prefix: str
    namespace: pulumi.Input[str]
    stateful_set: str
    members: int
    storage_gib: int
    owner: pulumi.Resource


class MysqlVolumes(pulumi.ComponentResource):
    """A patch of each claim. Kubernetes lets a claim grow and never shrink; EBS takes a change each six hours."""

    def __init__(self, name: str, args: MysqlVolumesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:MysqlVolumes", name, None, opts)
        for claim_name in (claim(args.stateful_set, ordinal) for ordinal in range(args.members)):
            k8s.core.v1.PersistentVolumeClaimPatch(
                f"{args.prefix}-{claim_name}",
                metadata=k8s.meta.v1.ObjectMetaPatchArgs(
                    name=claim_name,
                    namespace=args.namespace,
                    # By force: the size was the StatefulSet controller's field.
                    annotations={"pulumi.com/patchForce": "true"},
                ),
                spec=k8s.core.v1.PersistentVolumeClaimSpecPatchArgs(
                    resources=k8s.core.v1.VolumeResourceRequirementsPatchArgs(
                        requests={"storage": f"{args.storage_gib}Gi"}
                    )
                ),
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[args.owner],
                    # Taken back, the patch would leave a claim that asks for nothing, which the API server refuses.
                    retain_on_delete=True,
                ),
            )
        self.register_outputs({})
