"""Who acts on AWS: one way in, into an account that is allowed, with rights in the cluster."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stacks.settings_errors import shown

if TYPE_CHECKING:
    from stacks.aws_settings import AwsSettings
    from stacks.settings import StackSettings


def check_accounts(settings: "StackSettings") -> list[str]:
    """Problems of each `aws` of the stack, and of roles that would be locked out of the clusters they make."""
    problems = [problem for path, aws in places(settings).items() for problem in _place(path, aws)]
    for name, region in settings.regions.items():
        if region.aws.role is not None and region.aws.role not in region.cluster.admins:
            problems.append(
                f"regions.{name}.aws.role: {shown(region.aws.role)} is not among cluster.admins, and the creator of a "
                f"cluster gets no rights in it; add it there"
            )
    return [*problems, *_strangers_to_the_edge(settings)]


def _strangers_to_the_edge(settings: "StackSettings") -> Iterator[str]:
    """Regions that could not write in their own zones, which the edge makes.

    docs.aws.amazon.com/Route53/latest/DeveloperGuide/access-control-overview.html: Route 53 attaches no policy to a
    zone, so nobody of another account changes its records.
    """
    home = _accounts(settings.edge.aws) if settings.edge else frozenset()
    for name, region in settings.regions.items():
        own = _accounts(region.aws)
        if home and own and not home & own:
            yield (
                f"regions.{name}.aws: leads to account {', '.join(sorted(own))} and the edge to "
                f"{', '.join(sorted(home))}, and records of a zone are written by its own account alone; give the "
                f"region a stack of its own, with a zone of its account as platform.dns_zone"
            )


def _accounts(aws: "AwsSettings") -> frozenset[str]:
    """The accounts that a place may stand in; empty where the settings do not tell."""
    of_role = (aws.role.split(":")[4],) if aws.role is not None else ()
    return frozenset(aws.account_ids or of_role)


def places(settings: "StackSettings") -> dict[str, "AwsSettings"]:
    """Path to value of every `aws` in a stack's settings."""
    found = {f"regions.{name}.aws": region.aws for name, region in settings.regions.items()}
    for name, part in (("edge", settings.edge), ("registry", settings.registry)):
        if part is not None:
            found[f"{name}.aws"] = part.aws
    return found


def _place(path: str, aws: "AwsSettings") -> Iterator[str]:
    if aws.profile is not None and aws.role is not None:
        yield (
            f"{path}.role: {shown(aws.role)} is given together with profile {shown(aws.profile)}; give one of them "
            f"(a profile may name a role by its own role_arn)"
        )
    if aws.role is not None and aws.session_name is None:
        yield f"{path}.session_name: a role's sessions need a name by which CloudTrail shows them; give one"
    if aws.role is None and aws.session_name is not None:
        yield f"{path}.session_name: {shown(aws.session_name)} names the sessions of no role; give role, or take it out"
    for field, arn in (("role", aws.role), ("boundary", aws.boundary)):
        account = arn.split(":")[4] if arn is not None else None
        if account is not None and aws.account_ids and account not in aws.account_ids:
            yield (
                f"{path}.{field}: {shown(arn)} is of account {account}, which account_ids does not allow; allow it, "
                f"or give a {field} of {', '.join(aws.account_ids)}"
            )
