"""`./regions bootstrap STACK`: what must be there before a stack's first run on AWS, and stays when the stack goes.

A bucket and a key for the state, and a role with which CI deploys. Each call looks first, so a second run changes
nothing, and one that was cut off is continued by the next.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.prompt import Confirm

from automation.aws_sessions import Access, AwsSessions
from automation.bootstrap_identity import boundary, deploy_role, github_provider
from automation.bootstrap_policies import Names
from automation.bootstrap_state import bucket_is_there, state_bucket, state_key
from automation.errors import BadUsage, Refused
from automation.stacks_of_project import ChosenStack
from automation.workspace import workspace_of
from embedded.client import CloudError, attach
from stacks.aws_settings import AwsSettings
from stacks.check_accounts import places
from stacks.settings import StackSettings

# docs.github.com/get-started/learning-about-github/types-of-github-accounts: an owner, a slash, a repository.
# docs.github.com/actions/reference/security/oidc, "Immutable subject claims": tokens of repositories that were made,
# renamed or moved since 15 July 2026 have the ids of both behind their names.
_OWNER, _NAME = r"[A-Za-z0-9](-?[A-Za-z0-9]){0,38}", r"[A-Za-z0-9._-]{1,100}"
_REPOSITORY = re.compile(rf"{_OWNER}/{_NAME}|{_OWNER}@\d+/{_NAME}@\d+", re.ASCII)
# Buckets take 3 to 63 lower-case letters, digits and hyphens (dots too, but those break TLS).
_BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", re.ASCII)


def bootstrap(chosen: ChosenStack, repository: str, *, yes: bool, console: Console) -> None:
    """Ask, then make what is missing and mend what is not as it should be; say what to put where."""
    if not _REPOSITORY.fullmatch(repository):
        raise BadUsage(
            f"--repository {repository}: is no repository of GitHub; give it as OWNER/NAME, or as "
            "OWNER@ID/NAME@ID where GitHub's tokens name it so"
        )
    if chosen.cloud == "aws" and not yes and not console.is_terminal:
        raise Refused(f"bootstrap {chosen.name} would touch AWS and there is no terminal to ask at", "add --yes")
    place = place_of(chosen.settings)
    with _sessions(chosen) as sessions:
        session = sessions.with_access(Access.of_settings(place))
        try:
            names = names_of(session, chosen, place)
            where = f"account {names.account}, {names.region}" if chosen.cloud == "aws" else chosen.where
            console.print(f"[bold]bootstrap {chosen.name}[/]: {where}", highlight=False)
            _confirm(chosen, names, yes, console)
            changes = make(session, names, repository, assumed_roles(chosen.settings))
        except (BotoCoreError, ClientError) as error:
            raise Refused(f"bootstrap {chosen.name}: {error}", "run it again to continue where it stopped") from error
    _say(chosen, changes, names, repository, console)


def make(session: boto3.Session, names: Names, repository: str, roles: tuple[str, ...]) -> list[str]:
    """Make and mend everything; a sentence for each change, none where all was as it should be."""
    changes: list[str] = []
    there = bucket_is_there(session, names)
    key_arn = state_key(session, names, changes)
    state_bucket(session, names, key_arn, there, changes)
    github_provider(session, names, changes)
    boundary(session, names, roles, key_arn, changes)
    deploy_role(session, names, repository, roles, changes)
    return changes


def place_of(settings: StackSettings) -> AwsSettings:
    """Where a stack's state is kept: with the edge if there is one, else with the first region."""
    return settings.edge.aws if settings.edge else next(iter(settings.regions.values())).aws


def assumed_roles(settings: StackSettings) -> tuple[str, ...]:
    """The roles that the stack's providers take on, which CI must be able to take on too."""
    return tuple(sorted({place.role for place in places(settings).values() if place.role is not None}))


def names_of(session: boto3.Session, chosen: ChosenStack, place: AwsSettings) -> Names:
    """The names, with the account that the session is in. BadUsage where they do not fit AWS's limits."""
    account = str(session.client("sts").get_caller_identity()["Account"])
    names = Names(game=chosen.settings.game, stack=chosen.name, account=account, region=place.region)
    if not _BUCKET.fullmatch(names.bucket):
        raise BadUsage(
            f"bootstrap {chosen.name}: {names.bucket} cannot be a bucket's name (63 lower-case letters, digits and "
            f"hyphens at most); shorten game or the stack's name, and use no dots or underscores in it"
        )
    return names


@contextmanager
def _sessions(chosen: ChosenStack) -> Iterator[AwsSessions]:
    workspace = workspace_of(chosen.name, chosen.cloud)
    if workspace.folder is None:
        yield AwsSessions(None, {})
        return
    try:
        cloud = attach(workspace.folder, pids=(os.getpid(),))
    except CloudError as error:
        raise Refused(str(error)) from error
    try:
        yield AwsSessions(cloud, workspace.environment())
    finally:
        cloud.close()


def _plain(repository: str) -> str:
    """As people write it: without ids."""
    return re.sub(r"@\d+", "", repository)


def _confirm(chosen: ChosenStack, names: Names, yes: bool, console: Console) -> None:
    if yes or chosen.cloud == "embedded":
        return
    question = f"make or mend {names.bucket}, {names.alias} and {names.role_arn}?"
    if not Confirm.ask(question, console=console, default=False):
        raise Refused(f"bootstrap {chosen.name}: not confirmed, nothing was changed")


def _say(chosen: ChosenStack, changes: list[str], names: Names, repository: str, console: Console) -> None:
    profile = place_of(chosen.settings).profile
    query = f"region={names.region}" + ("" if profile is None else f"&profile={profile}")
    lines = [
        *changes,
        *(() if changes else ("nothing to change",)),
        "Where the state is kept, once on each machine and in CI:",
        f"  pulumi login 's3://{names.bucket}?{query}'",
        "What encrypts the secrets in it, once for the stack:",
        f"  pulumi stack init {names.stack} --secrets-provider='awskms://{names.alias}?{query}'",
        f"In {_plain(repository)} on GitHub, an environment {names.stack}, whose jobs take on the role:",
        f"  {names.role_arn}",
    ]
    # A region that is reached by a role of its own is that role's to deploy.
    if any(region.aws.role is None for region in chosen.settings.regions.values()):
        lines += [
            f"In Pulumi.{names.stack}.yaml, as aws.boundary and among cluster.admins of each region that CI deploys:",
            f"  {names.boundary_arn}",
            f"  {names.role_arn}",
        ]
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
