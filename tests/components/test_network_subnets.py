"""The layout of a region's addresses: pinned, because a deployed subnet cannot move."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.network.subnets import ZONE_LETTERS, pod_subnets, shared_quarters, zone_subnets

REGION = IPv4Network("10.10.0.0/16")


def test_the_layout_of_a_16_never_changes():
    layout = zone_subnets(REGION, ["us-east-1a", "us-east-1b", "us-east-1f"])
    assert {zone: (str(blocks.private), str(blocks.public)) for zone, blocks in layout.items()} == {
        "us-east-1a": ("10.10.0.0/20", "10.10.16.0/21"),
        "us-east-1b": ("10.10.32.0/20", "10.10.48.0/21"),
        "us-east-1f": ("10.10.160.0/20", "10.10.176.0/21"),
    }


def test_the_layout_of_databases_and_control_plane_never_changes():
    layout = zone_subnets(REGION, ["us-east-1a", "us-east-1h"])
    assert {zone: (str(blocks.database), str(blocks.control_plane)) for zone, blocks in layout.items()} == {
        "us-east-1a": ("10.10.24.0/22", "10.10.31.240/28"),
        "us-east-1h": ("10.10.248.0/22", "10.10.255.240/28"),
    }


def test_the_layout_of_pods_never_changes():
    layout = pod_subnets(IPv4Network("100.64.0.0/16"), ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"])
    assert [str(block) for block in layout.values()] == [
        "100.64.0.0/18",
        "100.64.64.0/18",
        "100.64.128.0/18",
        "100.64.192.0/18",
    ]
    assert str(pod_subnets(IPv4Network("100.64.0.0/16"), ["us-east-1f"])["us-east-1f"]) == "100.64.64.0/18"


def test_zones_four_letters_apart_cannot_both_have_pods():
    assert shared_quarters(["us-east-1a", "us-east-1b", "us-east-1f"]) == [("us-east-1b", "us-east-1f")]
    with pytest.raises(ValueError, match=r"us-east-1b, us-east-1f share one quarter of 100\.64\.0\.0/16"):
        pod_subnets(IPv4Network("100.64.0.0/16"), ["us-east-1a", "us-east-1b", "us-east-1f"])


@pytest.mark.parametrize("pods", ["100.64.0.0/10", "100.64.0.0/21"])
def test_a_pods_block_too_large_or_too_small_is_refused_with_the_bounds(pods: str):
    with pytest.raises(ValueError, match=rf"network pods: {pods} is not between /16 and /20"):
        pod_subnets(IPv4Network(pods), ["us-east-1a"])


def test_a_zone_keeps_its_blocks_whatever_zones_come_before_it():
    alone = zone_subnets(REGION, ["eu-west-1c"])["eu-west-1c"]
    among_others = zone_subnets(REGION, ["eu-west-1a", "eu-west-1b", "eu-west-1c"])["eu-west-1c"]
    assert alone == among_others


def test_the_smallest_region_still_gives_a_zone_251_addresses_for_nodes_and_pods():
    blocks = zone_subnets(IPv4Network("10.0.0.0/20"), ["us-east-1a"])["us-east-1a"]
    assert blocks.private.num_addresses - 5 == 251, "AWS keeps five addresses of each subnet"
    assert (blocks.public.prefixlen, blocks.database.prefixlen, blocks.control_plane.prefixlen) == (25, 26, 28)


@given(
    prefix=st.integers(min_value=16, max_value=20),
    letters=st.lists(st.sampled_from(ZONE_LETTERS), min_size=1, max_size=8, unique=True),
)
def test_subnets_lie_inside_the_region_and_never_overlap(prefix: int, letters: list[str]):
    region = IPv4Network(f"10.64.0.0/{prefix}")
    layout = zone_subnets(region, [f"us-west-2{letter}" for letter in letters])
    blocks = [
        block for zone in layout.values() for block in (zone.private, zone.public, zone.database, zone.control_plane)
    ]
    assert all(block.subnet_of(region) for block in blocks)
    assert sum(one.overlaps(other) for one in blocks for other in blocks) == len(blocks), "each only with itself"


@pytest.mark.parametrize("cidr", ["10.0.0.0/15", "10.0.0.0/21"])
def test_a_region_too_large_or_too_small_is_refused_with_the_bounds(cidr: str):
    with pytest.raises(ValueError, match=rf"{cidr} is not between /16 and /20"):
        zone_subnets(IPv4Network(cidr), ["us-east-1a"])


@pytest.mark.parametrize("zone", ["us-east-1", "us-east-1i", ""])
def test_a_zone_without_a_place_in_the_layout_is_refused(zone: str):
    with pytest.raises(ValueError, match="letter from a to h"):
        zone_subnets(REGION, [zone])


def test_two_zones_that_would_share_a_block_are_refused():
    with pytest.raises(ValueError, match="us-west-2a, us-west-2-lax-1a end in the same letter"):
        zone_subnets(REGION, ["us-west-2a", "us-west-2-lax-1a"])
