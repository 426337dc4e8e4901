"""Settings of a place on AWS: the region, whose credentials reach it, and which account they must lead to."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from stacks.setting_types import Settings, Text, Unique

_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
# docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: a path of 512, a name of 64 or 128 characters.
_ROLE = re.compile(r"arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,576}", re.ASCII)
_POLICY = re.compile(r"arn:aws:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]{1,640}", re.ASCII)
# docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: RoleSessionName
_SESSION = re.compile(r"[A-Za-z0-9_+=,.@-]{2,64}", re.ASCII)
# What the AWS CLI writes between the brackets of ~/.aws/config without quoting it.
_PROFILE = re.compile(r"[A-Za-z0-9_+=,.@/-]{1,128}", re.ASCII)


def _account(value: object) -> object:
    # YAML reads digits without quotes as a number, and those with a leading zero as another one.
    if not isinstance(value, str) or not _ACCOUNT.fullmatch(value):
        raise ValueError('is no account id; write its 12 digits in quotes, such as "123456789012"')
    return value


def _role(value: str) -> str:
    if not _ROLE.fullmatch(value):
        raise ValueError("is no IAM role; give an ARN such as arn:aws:iam::123456789012:role/deploy")
    return value


def _policy(value: str) -> str:
    if not _POLICY.fullmatch(value):
        raise ValueError("is no IAM policy of an account; give an ARN such as arn:aws:iam::123456789012:policy/bound")
    return value


def _session(value: str) -> str:
    if not _SESSION.fullmatch(value):
        raise ValueError("is no session name; use 2 to 64 letters, digits or _+=,.@- (STS, RoleSessionName)")
    return value


def _profile(value: str) -> str:
    if not _PROFILE.fullmatch(value):
        raise ValueError("is no profile; give the name of one in ~/.aws/config, without spaces")
    return value


AccountId = Annotated[str, Strict(), BeforeValidator(_account)]
RoleArn = Annotated[str, Strict(), AfterValidator(_role)]
PolicyArn = Annotated[str, Strict(), AfterValidator(_policy)]
SessionName = Annotated[str, Strict(), AfterValidator(_session)]
Profile = Annotated[str, Strict(), AfterValidator(_profile)]


class AwsSettings(Settings):
    """Where on AWS something stands, and as whom it is reached; without profile and role, as the environment says."""

    region: Text = Field(description="AWS region, such as us-east-1")
    profile: Profile | None = Field(default=None, description="profile of ~/.aws/config that every call uses")
    role: RoleArn | None = Field(
        default=None, description="ARN of the role that is assumed for every call; instead of a profile"
    )
    session_name: SessionName | None = Field(
        default=None, description="name of the role's sessions in CloudTrail; where there is a role"
    )
    account_ids: Annotated[tuple[AccountId, ...], Unique] = Field(
        default=(), description="accounts that it may stand in, in quotes; with any other nothing is called"
    )
    boundary: PolicyArn | None = Field(
        default=None, description="ARN of the permission boundary of every IAM role that is made there"
    )
