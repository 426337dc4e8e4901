"""SecretsKey: the KMS key that encrypts a cluster's Kubernetes Secrets."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.policies import DELETION_WINDOW_DAYS, account_administers_key, policy


@dataclass(frozen=True, kw_only=True)
class SecretsKeyArgs:
    """`user_role_arn` is the role that encrypts with the key; `prefix` begins the alias `alias/<prefix>-secrets`."""

    prefix: str
    account_id: pulumi.Input[str]
    user_role_arn: pulumi.Input[str]
    protect: bool


class SecretsKey(pulumi.ComponentResource):
    """A rotating key and its alias."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: SecretsKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:cluster:SecretsKey", name, None, opts)

        key = aws.kms.Key(
            f"{name}-secrets-key",
            description=f"Kubernetes Secrets of cluster {args.prefix}",
            policy=key_policy(args.account_id, args.user_role_arn),
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        aws.kms.Alias(
            f"{name}-secrets-key",
            name=f"alias/{args.prefix}-secrets",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )

        self.arn = key.arn
        self.register_outputs({"arn": self.arn})


def key_policy(account_id: pulumi.Input[str], user_role_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """The account administers the key, the cluster's role uses it."""
    return policy(
        [
            account_administers_key(account_id),
            {
                "Sid": "ClusterUsesKey",
                "Effect": "Allow",
                "Principal": {"AWS": user_role_arn},
                "Action": ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:ListGrants", "kms:CreateGrant"],
                "Resource": "*",
            },
        ]
    )
