"""The platform's settings held against what the stack has besides."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stacks.settings import StackSettings


def check_platform(settings: "StackSettings") -> Iterator[str]:
    """Zones that two settings name, and issuers of certificates without a zone to prove names in."""
    for name, region in settings.regions.items():
        platform = region.platform
        if platform is None:
            continue
        if settings.edge and platform.dns_zone:
            yield (
                f"regions.{name}.platform.dns_zone: the stack's edge makes the region's zone, "
                f"{name}.{settings.edge.domain}, so another cannot be named; leave dns_zone out"
            )
        if platform.acme_email and not settings.edge and not platform.dns_zone:
            yield (
                f"regions.{name}.platform.acme_email: Let's Encrypt proves names by records, and there is no zone "
                "to write them in; give dns_zone too, or leave acme_email out"
            )
