"""What workloads keep: the sentence that tells a broken promise, and what the declarations add up to."""

import pytest

from components.game.promises import world_promise
from components.promises import Promise, check, seats, stateless

WORLDS = world_promise("game", 4, 2000, 3)
MEMBERS = Promise(
    kind="StatefulSet", namespace="game", name="mysql", replicas=3, minimum_ready=2, after_zone_loss=1, quorum=True
)


def test_four_worlds_move_one_by_one_and_a_lost_zone_may_take_two():
    assert (WORLDS.minimum_ready, WORLDS.after_zone_loss) == (3, 2)
    assert check(WORLDS, {"a": 1, "b": 1}, zone_lost=True) is None
    assert check(WORLDS, {"a": 2, "b": 1}, zone_lost=False) is None


def test_a_broken_promise_says_how_many_pods_run_where_and_how_many_seats_are_left():
    assert check(WORLDS, {"a": 1, "b": 0}, zone_lost=True) == (
        "StatefulSet game/game-world-servers: 1 of 4 pods run (1 in a), fewer than the promised 2; 2000 seats of 4000"
    )


def test_two_of_three_members_are_a_quorum_and_one_is_not_even_where_one_is_promised():
    assert check(MEMBERS, {"a": 1, "b": 1}, zone_lost=True) is None
    assert check(MEMBERS, {"a": 1}, zone_lost=True) == (
        "StatefulSet game/mysql: 1 of 3 pods run (1 in a), fewer than its quorum of 2"
    )


def test_no_pod_at_all_is_said_so():
    sentence = check(stateless("kube-system", "karpenter", 2), {}, zone_lost=True)
    assert sentence == "Deployment kube-system/karpenter: 0 of 2 pods run (none anywhere), fewer than the promised 2"


@pytest.mark.parametrize(("replicas", "ready"), [(1, 0), (2, 1), (3, 2)])
def test_a_stateless_workload_moves_one_pod_at_a_time_and_comes_back_whole_after_a_zone(replicas: int, ready: int):
    promise = stateless("mesh", "gateway", replicas)
    assert (promise.minimum_ready, promise.after_zone_loss) == (ready, replicas)


def test_a_closed_region_promises_no_worlds():
    closed = world_promise("game", 0, 2000, 3)
    assert (closed.minimum_ready, closed.after_zone_loss) == (0, 0)
    assert check(closed, {}, zone_lost=True) is None


def test_seats_are_those_of_the_running_pods():
    assert seats(WORLDS, {"a": 2, "b": 1}) == 6000


def test_more_pods_than_there_are_cannot_be_promised():
    with pytest.raises(ValueError, match="promise of Deployment mesh/gateway: 3 pods are above its 2 replicas"):
        Promise(namespace="mesh", name="gateway", replicas=2, minimum_ready=3, after_zone_loss=1)
