"""Pure: where a region's nodes get each image from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

# What a name without a host means, docs.docker.com/reference/cli/docker/image/tag.
DOCKER_HUB, DOCKER_HUB_OWN = "docker.io", "library"


@dataclass(frozen=True, kw_only=True)
class ImageSource:
    """`registry` is the host of the account's registry in the region, `<account>.dkr.ecr.<region>.amazonaws.com`.

    `own` are the names of its repositories, such as mmorpg/game-server; `cached` its folders of images of other
    registries, by the host of those.
    """

    registry: pulumi.Input[str]
    own: frozenset[str] = frozenset()
    cached: Mapping[str, str] = field(default_factory=dict)

    def image(self, image: str) -> pulumi.Input[str]:
        """The image as nodes pull it, tag and digest and all; unchanged if it is neither the game's own nor cached."""
        if image.partition("@")[0].partition(":")[0] in self.own:
            return pulumi.Output.concat(self.registry, "/", image)
        host, _, path = image.partition("/")
        if path and ("." in host or ":" in host):
            return self.place(image)
        within = image if path else f"{DOCKER_HUB_OWN}/{image}"
        return self.place(f"{DOCKER_HUB}/{within}") if DOCKER_HUB in self.cached else image

    def place(self, place: str) -> pulumi.Input[str]:
        """The same for what begins the names of images: a host, or a host and folders."""
        host, slash, path = place.partition("/")
        if host not in self.cached:
            return place
        return pulumi.Output.concat(self.registry, "/", self.cached[host], slash, path)
