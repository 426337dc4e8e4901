"""The loss of zones, gone through with the functions that Redis's and MySQL's own pods run."""

import pytest

from automation.drills.live.data_roles import healed, layouts, mysql_outcome, redis_outcome

SPREAD = {f"redis-cluster-{number}": f"zone-{'abcacb'[number]}" for number in range(6)}
MEMBERS = {f"mysql-{number}": f"zone-{'cab'[number]}" for number in range(3)}


def test_redis_keeps_a_majority_of_masters_through_two_losses_from_every_layout():
    outcome = redis_outcome(SPREAD)
    assert outcome.broken == ()
    assert outcome.held == 4 * 6, "as founded and with each of three pairs turned; two of three zones in turn"


def test_before_the_healer_has_failed_back_one_zone_holds_two_masters():
    assert redis_outcome(SPREAD).exposed == 3, "one zone in each layout that a failover left"


def test_the_healer_gives_each_zone_one_master_again():
    for shards in layouts(
        (
            ("redis-cluster-0", "redis-cluster-2"),
            ("redis-cluster-1", "redis-cluster-3"),
            ("redis-cluster-4", "redis-cluster-5"),
        )
    ):
        masters = {SPREAD[shard[0]] for shard in healed(shards, SPREAD)}
        assert masters == {"zone-a", "zone-b", "zone-c"}


def test_redis_in_two_zones_is_said_to_lose_its_majority():
    crowded = {pod: zone.replace("zone-c", "zone-a") for pod, zone in SPREAD.items()}
    with pytest.raises(ValueError, match="could have its replica in another zone"):
        redis_outcome(crowded)


def test_mysql_keeps_its_quorum_and_one_primary_whoever_led():
    outcome = mysql_outcome(MEMBERS)
    assert outcome.broken == ()
    assert outcome.held == 3 * 6


def test_two_members_in_one_zone_are_said_to_lose_the_quorum():
    outcome = mysql_outcome({**MEMBERS, "mysql-2": "zone-a"})
    assert outcome.broken[0] == "mysql: without zone-a 1 of 3 members are no majority"
