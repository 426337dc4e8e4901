"""What an AWS provider and the roles under it are given, from the settings of their place on AWS."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from stacks.tags import GAME_TAG

if TYPE_CHECKING:
    from stacks.aws_settings import AwsSettings

_ROLE_TYPE = "aws:iam/role:Role"
Transformation = Callable[[pulumi.ResourceTransformationArgs], pulumi.ResourceTransformationResult | None]


def default_tags(game: str, region: str, stack: str) -> dict[str, str]:
    """What tells costs apart, on all that a region (or the edge) has, by key.

    They are fixed at birth: another key or value would change every resource of every region.
    """
    return {GAME_TAG: game, "region": region, "stack": stack}


def provider_arguments(settings: "AwsSettings", *, game: str, region: str, stack: str) -> dict[str, Any]:
    """Arguments of `aws.Provider` for one of our regions (or the edge), by name.

    The default tags are on all that the provider makes. Where AWS copies no tags (instances, volumes) they do not
    arrive: who makes those is given them too.
    """
    arguments: dict[str, Any] = {
        "region": settings.region,
        "default_tags": aws.ProviderDefaultTagsArgs(tags=default_tags(game, region, stack)),
    }
    if settings.profile is not None:
        arguments["profile"] = settings.profile
    if settings.role is not None:
        # The class, because the keys of a plain dict would be sent as they stand, and role_arn would count for nothing.
        role = aws.ProviderAssumeRoleArgs(role_arn=settings.role, session_name=settings.session_name)
        arguments["assume_roles"] = [role]
    if settings.account_ids:
        arguments["allowed_account_ids"] = list(settings.account_ids)
    return arguments


def role_boundaries(settings: "AwsSettings") -> list[Transformation]:
    """Transformations that give every IAM role below a component its permission boundary; none without one."""
    boundary = settings.boundary
    if boundary is None:
        return []

    def bound(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != _ROLE_TYPE:
            return None
        props = {**args.props, "permissions_boundary": boundary}
        return pulumi.ResourceTransformationResult(props=props, opts=args.opts)

    return [bound]
