"""The IAM role of nodes, whoever makes them."""

import pulumi
import pulumi_aws as aws

from components.policies import managed, trust

# docs.aws.amazon.com/eks/latest/userguide/create-node-role.html; the last one is the way in without SSH or open ports.
# The CNI's rights are its own pods', see components/network/cni_rights.py.
NODE_POLICIES = (
    "AmazonEKSWorkerNodePolicy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonSSMManagedInstanceCore",
)


def node_role(
    name: str, role_name: str, description: str, image_rights: pulumi.Input[str] | None, child: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, tuple[pulumi.Resource, ...]]:
    """The role and what gives it its rights; `image_rights` is the policy by which its nodes fill an image cache."""
    role = aws.iam.Role(
        name, name=role_name, description=description, assume_role_policy=trust("ec2.amazonaws.com"), opts=child
    )
    rights: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(f"{name}-{policy}", role=role.name, policy_arn=managed(policy), opts=child)
        for policy in NODE_POLICIES
    ]
    if image_rights is not None:
        rights.append(
            aws.iam.RolePolicy(
                f"{name}-fill-image-cache", name="fill-image-cache", role=role.name, policy=image_rights, opts=child
            )
        )
    return role, tuple(rights)
