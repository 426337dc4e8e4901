"""MysqlVolumes: the members' volumes grow with the settings, which a StatefulSet's own template never lets them."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.mysql.names import claim


@dataclass(frozen=True, kw_only=True)
class MysqlVolumesArgs:
    """`members` claims of `storage_gib` GiB each; `owner` is the StatefulSet whose controller has made them."""

    namespace: pulumi.Input[str]
    members: int
    storage_gib: int
    owner: pulumi.Resource


class MysqlVolumes(pulumi.ComponentResource):
    """A patch of each claim. Kubernetes lets a claim grow and never shrink; EBS takes a change each six hours."""

    def __init__(self, name: str, args: MysqlVolumesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:MysqlVolumes", name, None, opts)
        for ordinal in range(args.members):
            k8s.core.v1.PersistentVolumeClaimPatch(
                f"{name}-{claim(ordinal)}",
                metadata=k8s.meta.v1.ObjectMetaPatchArgs(
                    name=claim(ordinal),
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
