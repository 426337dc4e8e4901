"""KarpenterRoles: who Karpenter's controller is on AWS, and who the nodes are that it makes."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.karpenter.iam import Scope, controller_policy
from components.node_pools import NODE_POLICIES
from components.platform.pod_identity import pod_role
from components.policies import managed, trust

# Names that the chart gives; helm chart karpenter, values serviceAccount.
NAMESPACE = "kube-system"
SERVICE_ACCOUNT = "karpenter"


@dataclass(frozen=True, kw_only=True)
class KarpenterRolesArgs:
    """`prefix` begins the roles' names and is the cluster's own, which tags and conditions of the policy name."""

    prefix: str
    cluster_name: pulumi.Input[str]
    region: str
    account_id: pulumi.Input[str]
    queue_arn: pulumi.Input[str]


class KarpenterRoles(pulumi.ComponentResource):
    """The controller's role, bound to its service account by Pod Identity, and the nodes' role with its way in."""

    node_role_name: pulumi.Output[str]

    def __init__(self, name: str, args: KarpenterRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:karpenter:Roles", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        node_role = self._node_role(name, args)
        self._controller(name, args, node_role)
        # EKS admits a managed group's role by itself; nodes of any other role join only with an entry of their own.
        aws.eks.AccessEntry(
            f"{name}-karpenter-node",
            cluster_name=args.cluster_name,
            principal_arn=node_role.arn,
            type="EC2_LINUX",
            opts=self._child,
        )
        self.node_role_name = node_role.name
        self.register_outputs({"node_role_name": self.node_role_name})

    def _node_role(self, name: str, args: KarpenterRolesArgs) -> aws.iam.Role:
        role = aws.iam.Role(
            f"{name}-karpenter-node",
            name=f"{args.prefix}-karpenter-node",
            description=f"Nodes that Karpenter makes for {args.prefix}",
            assume_role_policy=trust("ec2.amazonaws.com"),
            opts=self._child,
        )
        for node_policy in NODE_POLICIES:
            aws.iam.RolePolicyAttachment(
                f"{name}-karpenter-node-{node_policy}",
                role=role.name,
                policy_arn=managed(node_policy),
                opts=self._child,
            )
        return role

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
