"""EbsCsi: the add-on that makes, attaches and grows EBS volumes for pods, with the AWS rights it needs."""

from dataclasses import dataclass

import pulumi

from components.addons import addon
from components.platform.pod_identity import PodIdentity, pod_identity

ADDON = "aws-ebs-csi-driver"
# Names that the driver's own manifest gives; docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html
NAMESPACE = "kube-system"
SERVICE_ACCOUNT = "ebs-csi-controller-sa"


@dataclass(frozen=True, kw_only=True)
class EbsCsiArgs:
    """`prefix` begins the role's name; `after` must be there first: nodes to run on and the Pod Identity agent."""

    prefix: str
    cluster_name: pulumi.Input[str]
    version: str
    after: tuple[pulumi.Resource, ...] = ()


class EbsCsi(pulumi.ComponentResource):
    """The EBS CSI driver; its controller gets AWS rights by Pod Identity, its node part needs none."""

    def __init__(self, name: str, args: EbsCsiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:platform:EbsCsi", name, None, opts)
        identity = PodIdentity(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            controller="ebs-csi",
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
            rights="service-role/AmazonEBSCSIDriverPolicy",
        )
        after = (*pod_identity(name, identity, self), *args.after)
        addon(f"{name}-ebs-csi", args.cluster_name, ADDON, args.version, self, after)
        self.register_outputs({})
