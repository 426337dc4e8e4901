"""Roles over zones: pairs never in one zone, and one master in each zone again after every failover."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.data.redis.runtime.roles import Roles, assign_roles, fail_back, pair_up
from tests.components.data.redis.redis_model import zones_of

THREE_ZONES = st.permutations("aabbcc").map("".join).map(zones_of)


def test_masters_are_the_lowest_of_each_zone_and_each_replica_stands_in_the_next_zone():
    assert assign_roles(zones_of("abcabc")) == Roles(
        masters=("redis-cluster-0", "redis-cluster-1", "redis-cluster-2"),
        replicas={
            "redis-cluster-4": "redis-cluster-0",
            "redis-cluster-5": "redis-cluster-1",
            "redis-cluster-3": "redis-cluster-2",
        },
    ), "the replica of zone b's other pod is of a's master, c's of b's, a's of c's"


@given(THREE_ZONES)
def test_no_pair_stands_in_one_zone_and_each_zone_has_one_master(zones: dict[str, str]):
    roles = assign_roles(zones)
    assert sorted(zones[master] for master in roles.masters) == ["a", "b", "c"]
    assert sorted(roles.replicas.values()) == sorted(roles.masters), "one replica each"
    assert all(zones[replica] != zones[master] for replica, master in roles.replicas.items())
    for master in roles.masters:
        assert master == min(pod for pod in zones if zones[pod] == zones[master])


@given(st.integers(3, 7).flatmap(lambda pairs: st.permutations(("abc" * 5)[: 2 * pairs])).map("".join))
def test_more_pods_spread_evenly_are_paired_as_well(letters: str):
    zones = {f"redis-cluster-{number}": zone for number, zone in enumerate(letters)}
    roles = assign_roles(zones)
    assert len(roles.masters) == len(letters) // 2
    assert all(zones[replica] != zones[master] for replica, master in roles.replicas.items())


@given(THREE_ZONES)
def test_from_every_layout_one_change_leads_back_to_one_master_in_each_zone(zones: dict[str, str]):
    roles = assign_roles(zones)
    pairs = [(master, *(one for one, of in roles.replicas.items() if of == master)) for master in roles.masters]
    for turned in product((False, True), repeat=3):
        shards = [pair[::-1] if turn else pair for turn, pair in zip(turned, pairs, strict=True)]
        promoted = fail_back(shards, zones)
        masters = [next((pod for pod in shard if pod in promoted), shard[0]) for shard in shards]
        assert sorted(zones[master] for master in masters) == ["a", "b", "c"], f"from {shards} by {promoted}"
        assert len(promoted) <= 1


def test_nothing_moves_back_where_each_zone_has_its_master():
    shards = [
        ("redis-cluster-4", "redis-cluster-0"),
        ("redis-cluster-5", "redis-cluster-1"),
        ("redis-cluster-3", "x-9"),
    ]
    assert fail_back(shards, {**zones_of("abcabc"), "x-9": "c"}) == ()


def test_pairs_that_stand_are_kept_where_there_is_a_way():
    zones = zones_of("abcabc")
    now = {"redis-cluster-3": "redis-cluster-1"}
    masters, replicas = ["redis-cluster-0", "redis-cluster-1", "redis-cluster-2"], list(zones)[3:]
    assert pair_up(masters, replicas, zones, now)["redis-cluster-3"] == "redis-cluster-1"


@pytest.mark.parametrize(
    ("letters", "problem"),
    [
        ("aaaaaa", "6 in a; no master could have its replica in another zone, spread them evenly"),
        ("aaaabb", "4 in a, 2 in b; no master could have its replica in another zone"),
        ("abcab", "5 cannot be paired; give as many replicas as masters"),
    ],
)
def test_pods_that_cannot_be_paired_over_zones_are_refused(letters: str, problem: str):
    with pytest.raises(ValueError, match=problem):
        assign_roles(zones_of(letters))
