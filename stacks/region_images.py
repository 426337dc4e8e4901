"""Where a region's images come from: the game's own registry, the region's cache, or where their names say."""

from collections.abc import Mapping

import pulumi

from components.chart_images import Transformation, images_from
from components.operations.image_cache import ImageCache, ImageCacheArgs, cached_folders, fill_policy
from components.operations.image_source import ImageSource
from stacks.settings import RegionSettings


class RegionImages:
    """The `source` of a region's images, what its nodes need for it, and the policy by which they fill the cache.

    `own` are the names of the repositories that the registry has in the region too, `tags` those of cached ones.
    `of_charts` lets every release below a component take its images from the cache. Without a cache it is empty, as
    `after` is, and `node_rights` is None.
    """

    source: ImageSource
    of_charts: list[Transformation]
    node_rights: pulumi.Output[str] | None = None
    after: tuple[pulumi.Resource, ...] = ()

    def __init__(
        self,
        name: str,
        prefix: str,
        settings: RegionSettings,
        own: frozenset[str],
        account_id: pulumi.Input[str],
        tags: Mapping[str, str],
        options: pulumi.ResourceOptions,
    ) -> None:
        region, cached = settings.aws.region, {}
        if settings.image_cache is not None:
            credentials = {str(upstream): secret for upstream, secret in settings.image_cache.credentials.items()}
            cached = cached_folders(prefix, credentials)
            self.node_rights = fill_policy(region, account_id, prefix)
            arguments = ImageCacheArgs(
                prefix=prefix, region=region, account_id=account_id, credentials=credentials, tags=tags
            )
            self.after = (ImageCache(name, arguments, options),)
        registry = pulumi.Output.concat(account_id, ".dkr.ecr.", region, ".amazonaws.com")
        self.source = ImageSource(registry=registry, own=own, cached=cached)
        self.of_charts = images_from(self.source)
