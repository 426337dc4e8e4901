"""AWS rights of one controller's pods by EKS Pod Identity: a role, what it may do, which service account has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.policies import managed, policy, trust


@dataclass(frozen=True, kw_only=True)
class PodIdentity:
    """`prefix` is the region's `<game>-<region>`; `controller` ends the role's name.

    `rights` are IAM statements, at most 10,240 characters without spaces, which become the role's inline policy, or the
    name of a policy that AWS keeps for this very controller, such as AmazonEKS_CNI_Policy.
    """

    prefix: str
    cluster_name: pulumi.Input[str]
    controller: str
    namespace: pulumi.Input[str]
    service_account: str
    rights: Sequence[Mapping[str, Any]] | str


def pod_role(logical_name: str, name: str, description: str, opts: pulumi.ResourceOptions) -> aws.iam.Role:
    """A role that EKS hands to pods; it tags the sessions, docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html"""
    return aws.iam.Role(
        logical_name,
        name=name,
        description=description,
        assume_role_policy=trust("pods.eks.amazonaws.com", ("sts:AssumeRole", "sts:TagSession")),
        opts=opts,
    )


def pod_identity(name: str, args: PodIdentity, parent: pulumi.Resource) -> tuple[pulumi.Resource, ...]:
    """What must be there before the controller's first pod: the rights, and the association with its account.

    Credentials are put into a pod when it is admitted: an association that comes later helps no running pod.
    """
    child = pulumi.ResourceOptions(parent=parent)
    logical_name = f"{name}-{args.controller}"
    physical_name = f"{args.prefix}-{args.controller}"
    role = pod_role(logical_name, physical_name, f"{args.controller} of {args.prefix}", child)
    association = aws.eks.PodIdentityAssociation(
        logical_name,
        cluster_name=args.cluster_name,
        namespace=args.namespace,
        service_account=args.service_account,
        role_arn=role.arn,
        opts=child,
    )
    return (_rights(logical_name, args, role, child), association)


def _rights(
    logical_name: str, args: PodIdentity, role: aws.iam.Role, child: pulumi.ResourceOptions
) -> aws.iam.RolePolicy | aws.iam.RolePolicyAttachment:
    if isinstance(args.rights, str):
        return aws.iam.RolePolicyAttachment(logical_name, role=role.name, policy_arn=managed(args.rights), opts=child)
    # Inline: the rights of one role go with it, and the limit is 10,240 characters where a managed policy's is 6,144.
    return aws.iam.RolePolicy(
        logical_name, role=role.name, name=args.controller, policy=policy(args.rights), opts=child
    )
