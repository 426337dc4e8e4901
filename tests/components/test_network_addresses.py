"""The address plan: what nodes, pods and the rest take of each subnet at their greatest, in figures."""

from ipaddress import IPv4Network

import pytest

from components.network.addresses import (
    Choice,
    Interfaces,
    Pool,
    nodes_in_a_zone,
    pod_addresses,
    pool_needs,
    shared_addresses,
    shortages,
    usable,
)

LARGE = Choice(nodes=4, vcpus=2, interfaces=Interfaces(count=3, addresses_each=10))
XLARGE = Choice(nodes=12, vcpus=4, interfaces=Interfaces(count=4, addresses_each=15))
HUGE = Choice(nodes=1, vcpus=96, interfaces=Interfaces(count=15, addresses_each=50))
WORLD = Choice(nodes=12, vcpus=4, interfaces=Interfaces(count=4, addresses_each=15), pods=32)
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")


@pytest.mark.parametrize(("block", "left"), [("10.0.0.0/28", 11), ("10.0.0.0/24", 251), ("10.0.0.0/30", 0)])
def test_aws_keeps_five_addresses_of_each_subnet(block: str, left: int):
    assert usable(IPv4Network(block)) == left


@pytest.mark.parametrize(("choice", "addresses"), [(LARGE, 30), (XLARGE, 60), (HUGE, 750), (WORLD, 60)])
def test_a_full_node_holds_all_addresses_of_its_interfaces(choice: Choice, addresses: int):
    assert shared_addresses(choice) == addresses


def test_a_large_node_with_few_pods_holds_one_interface_more_than_it_fills():
    choice = Choice(nodes=1, vcpus=16, interfaces=Interfaces(count=8, addresses_each=30), pods=32)
    assert shared_addresses(choice) == 90, "29 and 3 pods on two interfaces, the third warm"


@pytest.mark.parametrize(
    ("choice", "addresses", "why"),
    [
        (LARGE, 144, "110 pods: 7 prefixes and one warm, on one interface"),
        (XLARGE, 144, "the same"),
        (HUGE, 288, "250 pods: 16 prefixes and one warm, on one interface of 49 slots"),
        (WORLD, 64, "32 pods: 2 prefixes and one warm, on one interface"),
    ],
)
def test_pods_take_whole_prefixes_of_their_own_subnet(choice: Choice, addresses: int, why: str):
    assert pod_addresses(choice) == addresses, why


def test_a_small_node_takes_no_more_prefixes_than_its_interfaces_have_room_for():
    medium = Choice(nodes=1, vcpus=1, interfaces=Interfaces(count=2, addresses_each=4))
    assert pod_addresses(medium) == 16 * (3 + 1)


@pytest.mark.parametrize(
    ("nodes", "zones", "surge", "most"),
    [(12, 3, 2, 6), (12, 3, 0, 6), (3, 3, 2, 3), (4, 2, 2, 4), (5, 1, 2, 7), (5, 1, 0, 5), (7, 3, 0, 4)],
)
def test_a_zone_takes_its_share_with_an_update_or_that_of_a_lost_zone(nodes: int, zones: int, surge: int, most: int):
    assert nodes_in_a_zone(nodes, zones, surge) == most


def test_a_pool_counts_the_choice_that_takes_most():
    pool = Pool(name="game", choices=(LARGE, XLARGE), zones=ZONES, subnets="private", surge=2)
    assert pool_needs(pool, own_pod_subnets=False) == {"private": 6 * 60}
    assert pool_needs(pool, own_pod_subnets=True) == {"private": 6, "pods": 6 * 144}


def test_a_subnet_too_small_is_named_with_all_that_it_should_hold():
    pools = [Pool(name="game", choices=(XLARGE,), zones=ZONES, subnets="private")]
    blocks = {"private": {zone: IPv4Network(f"10.0.{n}.0/24") for n, zone in enumerate(ZONES)}}
    (short,) = shortages(blocks, pools, {"private": {"control plane": 6}})
    assert (short.kind, short.zone, short.usable, short.needed) == ("private", "us-east-1a", 251, 366)
    assert short.needs == {"game": 360, "control plane": 6}


def test_a_subnet_filled_to_the_last_address_is_large_enough():
    blocks = {"control-plane": {"us-east-1a": IPv4Network("10.0.0.0/28")}}
    assert shortages(blocks, [], {"control-plane": {"control plane": 11}}) == []
    (short,) = shortages(blocks, [], {"control-plane": {"control plane": 12}})
    assert short.needed - short.usable == 1


def test_a_pool_of_one_zone_takes_nothing_of_another():
    pools = [Pool(name="database", choices=(XLARGE,), zones=("us-east-1b",), subnets="private")]
    blocks = {"private": {"us-east-1a": IPv4Network("10.0.0.0/28"), "us-east-1b": IPv4Network("10.0.4.0/22")}}
    assert shortages(blocks, pools, {}) == []


def test_pods_of_their_own_subnets_leave_the_nodes_one_address_each():
    pools = [Pool(name="game", choices=(XLARGE,), zones=ZONES, subnets="private")]
    blocks = {
        "private": {zone: IPv4Network(f"10.0.{n}.0/28") for n, zone in enumerate(ZONES)},
        "pods": {zone: IPv4Network(f"100.64.{4 * n}.0/23") for n, zone in enumerate(ZONES)},
    }
    (short,) = shortages(blocks, pools, {})
    assert (short.kind, short.usable, short.needed) == ("pods", 507, 864)
