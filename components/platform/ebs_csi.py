"""EbsCsi: the add-on that makes, attaches and grows EBS volumes for pods, with the AWS rights it needs."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.addons import addon
from components.platform.pod_identity import pod_role
from components.policies import managed

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
        self._child = pulumi.ResourceOptions(parent=self)

        role, role_policy = self._role(name, args)
        association = aws.eks.PodIdentityAssociation(
            f"{name}-ebs-csi",
            cluster_name=args.cluster_name,
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
            role_arn=role.arn,
            opts=self._child,
        )
        # Credentials are put into a pod when it is admitted: an association that comes later helps no running pod.
        addon(
            f"{name}-ebs-csi",
            args.cluster_name,
            ADDON,
            args.version,
            self,
            (role_policy, association, *args.after),
        )
        self.register_outputs({})

    def _role(self, name: str, args: EbsCsiArgs) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        label = f"{name}-ebs-csi"
        role = pod_role(label, f"{args.prefix}-ebs-csi", f"EBS CSI driver of {args.prefix}", self._child)
        attachment = aws.iam.RolePolicyAttachment(
            label,
            role=role.name,
            policy_arn=managed("service-role/AmazonEBSCSIDriverPolicy"),
            opts=self._child,
        )
        return role, attachment
