"""Buckets, images and registry held against AWS's rules and against each other."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stacks.aws_regions import ZONES
from stacks.settings_errors import nearest, shown

if TYPE_CHECKING:
    from stacks.settings import StackSettings

# docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_RESERVED_FOR_S3 = ("sthree-", "amzn-s3-demo-")
# ECR, PutReplicationConfiguration: unique destinations.
_DESTINATIONS = 25


def check_operations(settings: "StackSettings") -> list[str]:
    """Names that S3 or ECR refuse, secrets of another region, own images that no repository holds."""
    return [*_buckets(settings), *_caches(settings), *_registry(settings)]


def replicas(settings: "StackSettings") -> tuple[str, ...]:
    """AWS regions, sorted, that the registry's images go to: those of the stack's regions, without its home."""
    home = settings.registry.aws.region if settings.registry else None
    return tuple(sorted({region.aws.region for region in settings.regions.values()} - {home}))


def _buckets(settings: "StackSettings") -> Iterator[str]:
    for name, region in settings.regions.items():
        prefix = f"{settings.game}-{name}"
        if region.buckets and prefix.startswith(_RESERVED_FOR_S3):
            yield (
                f"regions.{name}.buckets: their names would begin with {shown(prefix)}, and S3 keeps names that begin "
                f"with {' or '.join(_RESERVED_FOR_S3)} for itself; give the game another name"
            )


def _caches(settings: "StackSettings") -> Iterator[str]:
    for name, region in settings.regions.items():
        if region.image_cache is None:
            continue
        for upstream, arn in region.image_cache.credentials.items():
            stands = arn.split(":")[3]
            if stands != region.aws.region:
                yield (
                    f"regions.{name}.image_cache.credentials.{upstream}: the secret is in {stands}, and ECR in "
                    f"{region.aws.region} reads only its own region's; replicate the secret there and give that ARN"
                )


def _registry(settings: "StackSettings") -> Iterator[str]:
    registry = settings.registry
    if registry is None:
        return
    home = registry.aws.region
    if home not in ZONES:
        yield f"registry.aws.region: {shown(home)} is not a known AWS region; {nearest(home, list(ZONES))}"
    if len(replicas(settings)) > _DESTINATIONS:
        yield (
            f"registry: the regions stand in {len(replicas(settings))} AWS regions besides {home}, above the "
            f"{_DESTINATIONS} that ECR replicates to; split the stack"
        )
    for name, region in settings.regions.items():
        allowed, own = set(registry.aws.account_ids), set(region.aws.account_ids)
        if allowed and own and not allowed & own:
            yield (
                f"regions.{name}.aws.account_ids: none of them is the registry's ({', '.join(sorted(allowed))}), and "
                f"images are replicated within one account; give the region a stack of its own"
            )
        for setting in ("image", "loader_image"):
            yield from _own_image(
                settings.game,
                registry.repositories,
                f"regions.{name}.worlds.{setting}",
                getattr(region.worlds, setting),
            )


def _own_image(game: str, repositories: tuple[str, ...], path: str, image: str) -> Iterator[str]:
    """An image whose name, whatever the host before it, is of the game and of no repository."""
    *folders, last = image.partition("@")[0].split("/")
    repository = last.partition(":")[0]
    if folders and folders[-1] == game and repository not in repositories:
        yield (
            f"{path}: {shown(image)} is in no repository of the registry; add {shown(repository)} to "
            f"registry.repositories"
        )
