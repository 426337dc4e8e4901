"""Settings of the platform add-ons: what they may say, and what the rest of the stack forbids."""

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from stacks.check_platform import check_platform
from stacks.platform_settings import PlatformSettings

ZONE = {"zone_id": "Z0123456789ABC", "domain": "us-east.mmorpg-game.com"}


def problems(platform: dict[str, Any] | None, *, edge: bool) -> list[str]:
    """What the check says of one region of a stack with or without an edge."""
    region = SimpleNamespace(platform=None if platform is None else PlatformSettings.model_validate(platform))
    domain = SimpleNamespace(domain="mmorpg-game.com") if edge else None
    return list(check_platform(SimpleNamespace(regions={"us-east": region}, edge=domain)))  # type: ignore[arg-type]


def test_nothing_at_all_is_a_platform_too():
    assert PlatformSettings.model_validate({}) == PlatformSettings(dns_zone=None, acme_email=None)
    assert problems({}, edge=False) == problems({}, edge=True) == problems(None, edge=True) == []


@pytest.mark.parametrize(
    ("platform", "edge"),
    [
        ({"dns_zone": ZONE, "acme_email": "a@b.com"}, False),
        ({"acme_email": "a@b.com"}, True),
        ({"dns_zone": ZONE}, False),
    ],
)
def test_a_zone_comes_from_the_edge_or_from_the_region(platform: dict[str, Any], edge: bool):
    assert problems(platform, edge=edge) == []


def test_a_second_zone_beside_the_edges_is_refused():
    (found,) = problems({"dns_zone": ZONE}, edge=True)
    assert found == (
        "regions.us-east.platform.dns_zone: the stack's edge makes the region's zone, us-east.mmorpg-game.com, "
        "so another cannot be named; leave dns_zone out"
    )


def test_certificates_without_a_zone_are_refused():
    (found,) = problems({"acme_email": "platform@mmorpg-game.com"}, edge=False)
    assert found == (
        "regions.us-east.platform.acme_email: Let's Encrypt proves names by records, and there is no zone "
        "to write them in; give dns_zone too, or leave acme_email out"
    )


@pytest.mark.parametrize("zone_id", ["", "z0123", "/hostedzone/Z0123456789ABC", "Z" * 33, "arn:aws:route53:::Z1"])
def test_what_is_no_zone_id_is_refused(zone_id: str):
    with pytest.raises(
        ValidationError, match="is no hosted zone id; give Route 53's own, such as Z0123456789ABCDEFGHIJ"
    ):
        PlatformSettings.model_validate({"dns_zone": {**ZONE, "zone_id": zone_id}})


@pytest.mark.parametrize(
    "address", ["", "platform", "@b.com", "a@b", "Ops <a@b.com>", "a@b.com,c@d.com", f"a@{'b' * 64}.com", "a@b.com\n"]
)
def test_what_is_no_address_is_refused(address: str):
    with pytest.raises(ValidationError, match="is no e-mail address; give one such as platform@"):
        PlatformSettings.model_validate({"acme_email": address})
