"""Who deploys a stack from CI: GitHub's OIDC provider, the role it may take on, and what bounds that role."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import boto3

from automation.bootstrap_policies import (
    AUDIENCE,
    GITHUB,
    PATH,
    Names,
    boundary_policy,
    deploy_policy,
    trust_policy,
)
from automation.bootstrap_state import TAG

# IAM's own hour would end in the middle of a first run of several regions and leave them half made.
SESSION_SECONDS = 4 * 3600
_POLICY = "deploy"
_VERSIONS = 5  # docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: versions of a managed policy


def github_provider(session: boto3.Session, names: Names, changes: list[str]) -> None:
    """The account's one OIDC provider for GitHub, which other stacks share: made if missing, never taken apart."""
    iam = session.client("iam")
    known = [one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    if names.provider_arn not in known:
        # Without thumbprints: AWS checks GitHub's certificate by its own list of authorities.
        iam.create_open_id_connect_provider(Url=f"https://{GITHUB}", ClientIDList=[AUDIENCE])
        changes.append(f"made the OIDC provider {GITHUB}")
        return
    provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=names.provider_arn)
    if AUDIENCE not in provider["ClientIDList"]:
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=names.provider_arn, ClientID=AUDIENCE)
        changes.append(f"let the OIDC provider {GITHUB} speak for {AUDIENCE}")


def boundary(session: boto3.Session, names: Names, roles: Sequence[str], key_arn: str, changes: list[str]) -> None:
    """Make or mend the permission boundary."""
    iam, wanted = session.client("iam"), boundary_policy(names, roles, key_arn)
    arn = names.boundary_arn
    try:
        policy = iam.get_policy(PolicyArn=arn)["Policy"]
    except iam.exceptions.NoSuchEntityException:
        iam.create_policy(PolicyName=names.boundary, Path=PATH, PolicyDocument=_text(wanted), Tags=_tags(names))
        iam.get_waiter("policy_exists").wait(PolicyArn=arn)
        changes.append(f"made the permission boundary {arn}")
        return
    now = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]["Document"]
    if now == wanted:
        return
    versions = [one for one in iam.list_policy_versions(PolicyArn=arn)["Versions"] if not one["IsDefaultVersion"]]
    if len(versions) >= _VERSIONS - 1:
        oldest = min(versions, key=lambda one: int(one["VersionId"].removeprefix("v")))
        iam.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=_text(wanted), SetAsDefault=True)
    changes.append(f"set the permission boundary {arn}")


def deploy_role(
    session: boto3.Session, names: Names, repository: str, roles: Sequence[str], changes: list[str]
) -> None:
    """Make or mend the role that jobs of the repository take on."""
    iam, trust = session.client("iam"), trust_policy(names, repository)
    try:
        role = iam.get_role(RoleName=names.role)["Role"]
    except iam.exceptions.NoSuchEntityException:
        iam.create_role(
            RoleName=names.role,
            Path=PATH,
            Description=f"Deploys the stack {names.stack} of {names.game} from {repository}",
            AssumeRolePolicyDocument=_text(trust),
            PermissionsBoundary=names.boundary_arn,
            MaxSessionDuration=SESSION_SECONDS,
            Tags=_tags(names),
        )
        changes.append(f"made the role {names.role_arn}")
    else:
        _mend_role(iam, names, role, trust, changes)
    _rights(iam, names, deploy_policy(names, roles), changes)


def _mend_role(iam: Any, names: Names, role: dict[str, Any], trust: dict[str, Any], changes: list[str]) -> None:
    if role["AssumeRolePolicyDocument"] != trust:
        iam.update_assume_role_policy(RoleName=names.role, PolicyDocument=_text(trust))
        changes.append(f"set who may take on {names.role_arn}")
    if (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") != names.boundary_arn:
        iam.put_role_permissions_boundary(RoleName=names.role, PermissionsBoundary=names.boundary_arn)
        changes.append(f"bounded {names.role_arn}")
    if role["MaxSessionDuration"] != SESSION_SECONDS:
        iam.update_role(RoleName=names.role, MaxSessionDuration=SESSION_SECONDS)
        changes.append(f"set how long a session of {names.role_arn} lasts")


def _rights(iam: Any, names: Names, wanted: dict[str, Any], changes: list[str]) -> None:
    try:
        now = iam.get_role_policy(RoleName=names.role, PolicyName=_POLICY)["PolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        now = None
    if now != wanted:
        iam.put_role_policy(RoleName=names.role, PolicyName=_POLICY, PolicyDocument=_text(wanted))
        changes.append(f"set the rights of {names.role_arn}")


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def _tags(names: Names) -> list[Any]:
    return [{"Key": TAG, "Value": names.prefix}]
