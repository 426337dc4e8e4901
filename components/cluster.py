"""GameCluster: a region's EKS control plane, who may administer it, and the way in for Kubernetes resources."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components.kubeconfig import kubeconfig
from components.policies import managed, trust
from components.secrets_key import SecretsKey, SecretsKeyArgs

# Every kind that EKS offers: without audit and authenticator an incident cannot be reconstructed afterwards.
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
Access = Literal["admin", "viewer"]
# docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html; AmazonEKSAdminViewPolicy would show a viewer
# the Secrets too, and with the token of a service account nobody is a mere viewer any more.
ACCESS_POLICIES: Mapping[Access, str] = MappingProxyType(
    {
        "admin": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        "viewer": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
    }
)
Support = Literal["standard", "extended"]
# docs.aws.amazon.com/eks/latest/userguide/eks-provisioned-control-plane.html: all but the first are paid by the hour.
ControlPlaneTier = Literal["standard", "tier-xl", "tier-2xl", "tier-4xl", "tier-8xl"]


@dataclass(frozen=True, kw_only=True)
class GameClusterArgs:
    """`cluster_name` also begins the role's and the key's names; `subnets` (ids by zone) hold the control plane's ends.

    `admins` and `viewers` are ARNs of IAM roles or users; the one that deploys must be an admin, since the creator gets
    no rights of its own, and a viewer sees all but Secrets. Without `public_access_cidrs` the API server has no public
    end. `profile` or `role` is how clients prove who they are.
    """

    cluster_name: str
    region: str
    version: str
    account_id: pulumi.Input[str]
    subnets: Mapping[str, pulumi.Input[str]]
    public_access_cidrs: tuple[str, ...]
    admins: tuple[str, ...]
    log_retention_days: int
    protect: bool
    profile: str | None = None
    role: str | None = None
    viewers: tuple[str, ...] = ()
    support: Support = "standard"
    control_plane_tier: ControlPlaneTier = "standard"

    def __post_init__(self) -> None:
        if not self.admins:
            raise ValueError(
                "cluster admins: none given, and the creator gets no rights; name at least the role that deploys"
            )
        twice = sorted({*self.admins} & {*self.viewers})
        if twice:
            raise ValueError(f"cluster viewers: {', '.join(twice)} is an admin already; name each principal once")


class GameCluster(pulumi.ComponentResource):
    """An EKS cluster without nodes or add-ons. `provider` acts in it with the rights of the deploying role.

    `security_group` is the id of the group that EKS makes for the control plane's ends.
    """

    cluster_name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]
    security_group: pulumi.Output[str]
    provider: k8s.Provider

    def __init__(self, name: str, args: GameClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:cluster:GameCluster", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        role, role_policy = self._role(name, args)
        key = self._key(name, args, role)
        log_group = self._log_group(name, args)
        cluster = self._cluster(name, args, role, key, (role_policy, log_group))
        admins = [self._access(name, cluster, "admin", principal) for principal in args.admins]
        for principal in args.viewers:
            self._access(name, cluster, "viewer", principal)

        self.cluster_name, self.endpoint = cluster.name, cluster.endpoint
        self.security_group = cluster.vpc_config["cluster_security_group_id"]
        authority = cluster.certificate_authority["data"]
        self.kubeconfig = kubeconfig(
            args.cluster_name, args.region, cluster.endpoint, authority, profile=args.profile, role=args.role
        )
        self.provider = self._kubernetes_provider(name, args, admins)
        self.register_outputs(
            {
                "cluster_name": self.cluster_name,
                "endpoint": self.endpoint,
                "kubeconfig": self.kubeconfig,
                "security_group": self.security_group,
            }
        )

    def _role(self, name: str, args: GameClusterArgs) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        role = aws.iam.Role(
            f"{name}-cluster",
            name=f"{args.cluster_name}-cluster",
            description=f"EKS control plane of {args.cluster_name}",
            # TagSession: EKS tags its sessions; docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html
            assume_role_policy=trust("eks.amazonaws.com", ("sts:AssumeRole", "sts:TagSession")),
            opts=self._child,
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{name}-cluster",
            role=role.name,
            policy_arn=managed("AmazonEKSClusterPolicy"),
            opts=self._child,
        )
        return role, attachment

    def _key(self, name: str, args: GameClusterArgs, role: aws.iam.Role) -> SecretsKey:
        key = SecretsKeyArgs(
            prefix=args.cluster_name, account_id=args.account_id, user_role_arn=role.arn, protect=args.protect
        )
        return SecretsKey(name, key, self._child)

    def _log_group(self, name: str, args: GameClusterArgs) -> aws.cloudwatch.LogGroup:
        # Made before the cluster: EKS would make a group of this very name itself, and keep its logs for ever.
        return aws.cloudwatch.LogGroup(
            f"{name}-control-plane",
            name=f"/aws/eks/{args.cluster_name}/cluster",
            retention_in_days=args.log_retention_days,
            opts=self._child,
        )

    def _cluster(
        self,
        name: str,
        args: GameClusterArgs,
        role: aws.iam.Role,
        key: SecretsKey,
        after: tuple[pulumi.Resource, ...],
    ) -> aws.eks.Cluster:
        return aws.eks.Cluster(
            f"{name}-cluster",
            name=args.cluster_name,
            role_arn=role.arn,
            version=args.version,
            # Both are fixed at birth, a change replaces the cluster: access only by the entries below, and only our
            # own add-ons instead of unmanaged copies that EKS would install.
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            bootstrap_self_managed_addons=False,
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=list(args.subnets.values()),
                endpoint_private_access=True,  # nodes reach the API server inside the VPC
                endpoint_public_access=bool(args.public_access_cidrs),
                # EKS keeps the last list where none is given, and refuses an empty one.
                public_access_cidrs=list(args.public_access_cidrs) or None,
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=key.arn), resources=["secrets"]
            ),
            # Extended support costs six times as much and EKS's own default slides into it without notice.
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type=args.support.upper()),
            control_plane_scaling_config=aws.eks.ClusterControlPlaneScalingConfigArgs(tier=args.control_plane_tier),
            # Costs nothing, and lets traffic inside the cluster leave an ailing zone.
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=True),
            enabled_cluster_log_types=list(LOG_TYPES),
            deletion_protection=args.protect,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after), protect=args.protect),
        )

    def _access(
        self, name: str, cluster: aws.eks.Cluster, access: Access, principal: str
    ) -> aws.eks.AccessPolicyAssociation:
        label = principal_label(principal)
        # EKS takes one entry for a principal, so a viewer who becomes an admin keeps the entry and changes the policy.
        entry = aws.eks.AccessEntry(
            f"{name}-access-{label}",
            cluster_name=cluster.name,
            principal_arn=principal,
            type="STANDARD",
            opts=pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(name=f"{name}-admin-{label}")]),
        )
        return aws.eks.AccessPolicyAssociation(
            f"{name}-{access}-{label}",
            cluster_name=cluster.name,
            principal_arn=principal,
            policy_arn=ACCESS_POLICIES[access],
            access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[entry]),
        )

    def _kubernetes_provider(
        self, name: str, args: GameClusterArgs, access: list[aws.eks.AccessPolicyAssociation]
    ) -> k8s.Provider:
        return k8s.Provider(
            f"{name}-kubernetes",
            kubeconfig=self.kubeconfig,
            # A plain text, not an output: while it stays the same, no unknown in the kubeconfig can make a preview
            # replace every Kubernetes object of the region.
            cluster_identifier=args.cluster_name,
            # Else a changed ConfigMap or Secret gets a new name, and every pod that names it is replaced.
            enable_config_map_mutable=True,
            enable_secret_mutable=True,
            # Without its access entry even the deploying role may not read a namespace.
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(access)),
        )


def principal_label(arn: str) -> str:
    """`<account>-<role|user>-<name>` of an IAM ARN: unique, and stable when the list of admins changes."""
    account, resource = arn.split(":", 5)[4:]
    return f"{account}-{resource.split('/')[0]}-{resource.split('/')[-1]}"
