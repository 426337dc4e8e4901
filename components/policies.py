"""Pure: IAM and key policies as JSON text, keys sorted so that the same policy is always the same text."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

# The longest that KMS waits. What a deleted key has encrypted is lost for good, so a mistake must stay reversible.
DELETION_WINDOW_DAYS = 30
# IAM quotas: the inline policies of one role hold this many characters together, white space not counted.
# docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
INLINE_LIMIT = 10_240


def policy(statements: Sequence[Mapping[str, Any]]) -> pulumi.Output[str]:
    """A policy document of the current language version; statements may hold values still to come, such as ARNs."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def trust(service: str, actions: Sequence[str] = ("sts:AssumeRole",)) -> pulumi.Output[str]:
    """The trust policy of a role that one AWS service may take on."""
    return policy([{"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions)}])


def account_administers_key(account_id: pulumi.Input[str]) -> dict[str, Any]:
    """The statement of a key policy without which nobody could ever change that policy, not even AWS support.

    In a key policy the resource "*" means this key alone.
    """
    return {
        "Sid": "AccountAdministersKey",
        "Effect": "Allow",
        "Principal": {"AWS": pulumi.Output.concat("arn:aws:iam::", account_id, ":root")},
        "Action": ["kms:*"],
        "Resource": "*",
    }


def managed(name: str) -> str:
    """ARN of a policy that AWS keeps, such as AmazonEKSClusterPolicy or service-role/AmazonEBSCSIDriverPolicy."""
    return f"arn:aws:iam::aws:policy/{name}"
