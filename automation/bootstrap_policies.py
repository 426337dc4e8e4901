"""Pure data: what `./regions bootstrap` names its things, and the policies that it gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

GITHUB = "token.actions.githubusercontent.com"
# docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
AUDIENCE = "sts.amazonaws.com"
# Roles and policies of the bootstrap stand below this path of IAM, which no name of a region's roles begins with.
PATH = "/bootstrap/"
# What CI calls by itself, anywhere in the account: what it makes mostly gets its name from AWS.
_SERVICES = (
    "acm:Describe*",
    "acm:List*",
    "budgets:*",
    "ec2:*",
    "ecr:*",
    "eks:*",
    "elasticloadbalancing:*",
    "events:*",
    "iam:Get*",
    "iam:List*",
    "kms:*",
    "logs:*",
    "route53:*",
    "sqs:*",
    "sts:GetCallerIdentity",
    "tag:GetResources",
)
# What only the roles need that CI makes: nodes (AmazonSSMManagedInstanceCore), the cluster, its controllers.
_OF_ROLES = (
    "arc-zonal-shift:GetManagedResource",
    "autoscaling:*",
    "ec2messages:*",
    "eks-auth:AssumeRoleForPodIdentity",
    "pricing:GetProducts",
    "ssm:Describe*",
    "ssm:Get*",
    "ssm:List*",
    "ssm:Put*",
    "ssm:UpdateAssociationStatus",
    "ssm:UpdateInstance*",
    "ssmmessages:*",
)
# docs.aws.amazon.com/AmazonECR/latest/userguide/using-service-linked-roles.html for those of ECR: templates, cache,
# replication.
_LINKED = (
    "autoscaling",
    "ecr",
    "eks",
    "eks-nodegroup",
    "elasticloadbalancing",
    "pullthroughcache.ecr",
    "replication.ecr",
    "spot",
)
# Services that take on a role which CI hands to them, as the roles' trust policies name them; S3 copies buckets.
_TRUSTED = ("ec2", "ecr", "eks", "pods.eks", "s3", "vpc-flow-logs")


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names and ARNs of one stack's bootstrap; `region` is where bucket and key stand."""

    game: str
    stack: str
    account: str
    region: str

    @property
    def prefix(self) -> str:
        """What they all begin with."""
        return f"{self.game}-{self.stack}"

    @property
    def bucket(self) -> str:
        """The account makes it unique, because all of AWS shares one set of bucket names."""
        return f"{self.prefix}-state-{self.account}"

    @property
    def alias(self) -> str:
        """The state key's."""
        return f"alias/{self.prefix}-state"

    @property
    def role(self) -> str:
        """The role that CI takes on."""
        return f"{self.prefix}-deploy"

    @property
    def boundary(self) -> str:
        """The policy that bounds that role, and every role it makes."""
        return f"{self.prefix}-boundary"

    @property
    def role_arn(self) -> str:
        return self.iam(f"role{PATH}{self.role}")

    @property
    def boundary_arn(self) -> str:
        return self.iam(f"policy{PATH}{self.boundary}")

    @property
    def provider_arn(self) -> str:
        """GitHub's OIDC provider, of which an account has one."""
        return self.iam(f"oidc-provider/{GITHUB}")

    def iam(self, resource: str) -> str:
        """ARN of something in the account's IAM."""
        return f"arn:aws:iam::{self.account}:{resource}"

    def own(self, kind: str) -> str:
        """All that the stacks of this game make of an IAM kind."""
        return self.iam(f"{kind}/{self.game}-*")


def document(statements: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A policy of the current language version."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def key_policy(names: Names) -> dict[str, Any]:
    """IAM decides who uses the state key; without the account's root in it nobody could ever change it."""
    principal = {"AWS": f"arn:aws:iam::{names.account}:root"}
    return document([{"Sid": "Iam", "Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}])


def bucket_policy(names: Names) -> dict[str, Any]:
    """Nobody reads or writes the state without TLS."""
    bucket = f"arn:aws:s3:::{names.bucket}"
    return document(
        [
            {
                "Sid": "OnlyTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket, f"{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]
    )


def trust_policy(names: Names, repository: str) -> dict[str, Any]:
    """Only jobs of this repository that run in its environment of the stack's name; a fork's or a branch's may not.

    `repository` is as GitHub's tokens write it: OWNER@ID/NAME@ID since July 2026, OWNER/NAME in older repositories.
    """
    subject = {f"{GITHUB}:aud": AUDIENCE, f"{GITHUB}:sub": f"repo:{repository}:environment:{names.stack}"}
    return document(
        [
            {
                "Sid": "GitHub",
                "Effect": "Allow",
                "Principal": {"Federated": names.provider_arn},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": subject},
            }
        ]
    )


def deploy_policy(names: Names, roles: Sequence[str]) -> dict[str, Any]:
    """What CI may do: all that a region needs, IAM only below the game's name; `roles` are those it may assume."""
    return document(_rights(names, roles))


def boundary_policy(names: Names, roles: Sequence[str], key_arn: str) -> dict[str, Any]:
    """The most that CI, and every role that CI makes, can ever do: never anything to what bounds it."""
    return document([*_rights(names, roles), *_rights_of_roles(names), *_never(names, key_arn)])


def _rights(names: Names, roles: Sequence[str]) -> list[dict[str, Any]]:
    bounded = {"ArnEquals": {"iam:PermissionsBoundary": names.boundary_arn}}
    passed = {"StringEquals": {"iam:PassedToService": [f"{name}.amazonaws.com" for name in _TRUSTED]}}
    linked = {"StringLike": {"iam:AWSServiceName": [f"{name}.amazonaws.com" for name in _LINKED]}}
    role = names.own("role")
    # A role without the boundary could be given any right, and its maker would have that right too.
    making = [f"iam:{verb}" for verb in ("CreateRole", "PutRolePermissionsBoundary")]
    giving = [f"iam:{verb}RolePolicy" for verb in ("Attach", "Delete", "Detach", "Put")]
    keeping = [f"iam:{verb}Role" for verb in ("Delete", "Tag", "Untag", "Update")] + ["iam:UpdateAssumeRolePolicy"]
    # ECR reads it as whoever makes the rule that needs it.
    secrets = [f"arn:aws:secretsmanager:*:{names.account}:secret:ecr-pullthroughcache/*"]
    rights = [
        _allow("Services", _SERVICES, "*"),
        _allow("Buckets", ["s3:*"], [f"arn:aws:s3:::{names.game}-*"]),
        _allow("CacheSecrets", ["secretsmanager:GetSecretValue"], secrets),
        _allow("MakeRoles", [*making, *giving], role, bounded),
        _allow("KeepRoles", keeping, role),
        _allow("PassRoles", ["iam:PassRole"], role, passed),
        _allow("ServiceRoles", ["iam:CreateServiceLinkedRole"], "*", linked),
    ]
    return [*rights, _allow("RegionRoles", ["sts:AssumeRole"], list(roles))] if roles else rights


def _rights_of_roles(names: Names) -> list[dict[str, Any]]:
    # Karpenter's path: /karpenter/<aws region>/<cluster>/<class>/ (pkg/providers/instanceprofile of v1.14).
    profiles = names.iam(f"instance-profile/karpenter/*/{names.game}-*")
    verbs = ("AddRoleTo", "Create", "Delete", "RemoveRoleFrom", "Tag")
    secrets = f"arn:aws:secretsmanager:*:{names.account}:secret:{names.game}/*"
    reading = ("DescribeSecret", "GetResourcePolicy", "GetSecretValue", "ListSecretVersionIds")
    return [
        _allow("NodesAndControllers", _OF_ROLES, "*"),
        _allow("InstanceProfiles", [f"iam:{verb}InstanceProfile" for verb in verbs], profiles),
        _allow("Secrets", [f"secretsmanager:{action}" for action in reading], secrets),
    ]


def _never(names: Names, key_arn: str) -> list[dict[str, Any]]:
    verbs = ["Add*", "Attach*", "Create*", "Delete*", "Detach*", "PassRole", "Put*", "Remove*", "Set*"]
    verbs += ["Tag*", "Untag*", "Update*"]
    bootstrap = [names.iam(f"{kind}{PATH}*") for kind in ("role", "policy")]
    bucket = f"arn:aws:s3:::{names.bucket}"
    of_key = ("DeleteAlias", "Disable*", "PutKeyPolicy", "ScheduleKeyDeletion", "UpdateAlias")
    of_bucket = ("DeleteBucket*", "DeleteObjectVersion", "PutBucket*", "PutEncryption*", "PutLifecycle*")
    alias = f"arn:aws:kms:{names.region}:{names.account}:{names.alias}"
    return [
        _deny("Bootstrap", [f"iam:{verb}" for verb in verbs], [*bootstrap, names.provider_arn]),
        _deny("Unbounded", ["iam:DeleteRolePermissionsBoundary"], "*"),
        _deny("StateKey", [f"kms:{verb}" for verb in of_key], [key_arn, alias]),
        _deny("StateBucket", [f"s3:{verb}" for verb in of_bucket], [bucket, f"{bucket}/*"]),
    ]


def _allow(
    sid: str, actions: Sequence[str], resources: str | Sequence[str], condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources}
    return statement if condition is None else {**statement, "Condition": condition}


def _deny(sid: str, actions: Sequence[str], resources: str | Sequence[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Action": list(actions), "Resource": resources}
