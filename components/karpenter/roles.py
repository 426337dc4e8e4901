"""KarpenterRoles: who Karpenter's controller is on AWS, and who the nodes are that it makes."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.karpenter.iam import Scope, controller_policy
from components.node_role import node_role
from components.platform.pod_identity import pod_role

# Names that the chart gives; helm chart karpenter, values serviceAccount.
NAMESPACE = "kube-system"
SERVICE_ACCOUNT = "karpenter"


@dataclass(frozen=True, kw_only=True)
class KarpenterRolesArgs:
    """`prefix` begins the roles' names and is the cluster's own, which tags and conditions of the policy name.

    `image_rights` is the policy by which nodes fill the region's image cache, None without one.
    """

    prefix: str
    cluster_name: pulumi.Input[str]
    region: str
    account_id: pulumi.Input[str]
    queue_arn: pulumi.Input[str]
    image_rights: pulumi.Input[str] | None = None


class KarpenterRoles(pulumi.ComponentResource):
    """The controller's role, bound to its service account by Pod Identity, and the nodes' role with its way in."""

    node_role_name: pulumi.Output[str]

    def __init__(self, name: str, args: KarpenterRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:karpenter:Roles", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        role, _ = node_role(
            f"{name}-karpenter-node",
            f"{args.prefix}-karpenter-node",
            f"Nodes that Karpenter makes for {args.prefix}",
            args.image_rights,
            self._child,
        )
        self._controller(name, args, role)
        # EKS admits a managed group's role by itself; nodes of any other role join only with an entry of their own.
        aws.eks.AccessEntry(
            f"{name}-karpenter-node",
            cluster_name=args.cluster_name,
            principal_arn=role.arn,
            type="EC2_LINUX",
            opts=self._child,
        )
        self.node_role_name = role.name
        self.register_outputs({"node_role_name": self.node_role_name})

    def _controller(self, name: str, args: KarpenterRolesArgs, node_role: aws.iam.Role) -> None:
        role = pod_role(f"{name}-karpenter", f"{args.prefix}-karpenter", f"Karpenter of {args.prefix}", self._child)
        # Inline: a managed policy of its own ends at 6,144 characters, which this one is above.
        rights = aws.iam.RolePolicy(
            f"{name}-karpenter",
            role=role.name,
            name="controller",
            policy=pulumi.Output.all(
                account_id=args.account_id, node_role_arn=node_role.arn, queue_arn=args.queue_arn
            ).apply(lambda known: controller_policy(Scope(cluster_name=args.prefix, region=args.region, **known))),
            opts=self._child,
        )
        aws.eks.PodIdentityAssociation(
            f"{name}-karpenter",
            cluster_name=args.cluster_name,
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
            role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rights]),
        )
