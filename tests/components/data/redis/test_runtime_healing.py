"""The healer's decisions: who meets whom, who takes a lost disk's place, and when masters move back."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from components.data.redis.runtime.healing import decide_fail_back, decide_heal, decide_replace, in_order, leads
from components.data.redis.runtime.steps import Command, FailOver
from components.data.redis.runtime.topology import View
from tests.components.data.redis.redis_model import PORT, Model, pod_names, zones_of
from tests.components.data.redis.test_runtime_building import assert_whole, built


def cut_off(view: View, pod: str, other: str) -> View:
    """`pod` has no connection to `other`."""
    other_id = view[other].id
    members = tuple(
        replace(
            member,
            nodes=tuple(replace(node, connected=node.id != other_id) for node in member.nodes),
        )
        if member.pod == pod
        else member
        for member in view.members
    )
    return replace(view, members=members)


def test_a_healthy_cluster_is_left_alone():
    view = built().view()
    assert in_order(view)
    for pod in view.pods:
        assert decide_heal(view, pod, PORT) == ()
        assert decide_replace(view, pod, PORT) == ()


def test_a_peer_that_is_not_reached_is_met_at_the_address_where_it_answers():
    view = cut_off(built().view(), "redis-cluster-0", "redis-cluster-5")
    assert decide_heal(view, "redis-cluster-0", PORT) == (
        Command("redis-cluster-0", ("CLUSTER", "MEET", "10.0.0.5", "6379")),
    )
    assert decide_heal(view, "redis-cluster-1", PORT) == (), "each healer repairs its own pod's connections"


def test_a_foreign_cluster_is_never_met():
    ours, theirs = built(), built()
    for number, server in enumerate(theirs.servers.values()):
        server.id = f"{number:039x}e"
    theirs.servers["redis-cluster-5"].known = set()
    ours.servers["redis-cluster-5"] = theirs.servers["redis-cluster-5"]
    theirs.servers["redis-cluster-5"].slots = {1}
    view = ours.view()
    assert decide_heal(view, "redis-cluster-0", PORT) == ()
    assert decide_replace(view, "redis-cluster-0", PORT) == (), "two clusters with slots: a person decides"


def test_before_the_bootstrap_nobody_is_met():
    view = Model(zones_of("abcabc")).view()
    for pod in view.pods:
        assert decide_heal(view, pod, PORT) == ()
        assert not leads(view, pod)


def test_the_lowest_pod_that_is_in_the_cluster_and_answers_leads():
    model = built()
    model.lose_disk("redis-cluster-0")
    model.servers["redis-cluster-1"].up = False
    assert [pod for pod in pod_names(6) if leads(model.view(), pod)] == ["redis-cluster-2"]


@given(st.sampled_from(pod_names(6)))
def test_whoever_has_lost_its_disk_becomes_the_replica_of_the_master_without_one(pod: str):
    model = built()
    model.lose_disk(pod)
    me = next(one for one in pod_names(6) if leads(model.view(), one))
    for _ in range(5):
        for step in decide_replace(model.view(), me, PORT):
            model.do(step)
        model.gossip()
    assert_whole(model)
    assert in_order(model.view())


def test_an_id_that_still_owns_slots_is_not_forgotten():
    model = built()
    view = model.view()
    model.lose_disk("redis-cluster-3")
    after = model.view()
    former = view["redis-cluster-3"].id
    members = tuple(
        replace(
            member,
            nodes=tuple(
                replace(node, slots=((0, 9),)) if node.id == former and node.failed else node for node in member.nodes
            ),
        )
        for member in after.members
    )
    assert decide_replace(replace(after, members=members), "redis-cluster-0", PORT) == ()


def test_masters_move_back_to_one_per_zone_once_all_are_up():
    model = built()
    model.fail_over("redis-cluster-4")
    assert decide_fail_back(model.view()) == (FailOver("redis-cluster-0"),) or decide_fail_back(model.view())
    for step in decide_fail_back(model.view()):
        model.do(step)
    masters = [server.zone for server in model.servers.values() if server.slots]
    assert sorted(masters) == ["a", "b", "c"]


def test_nothing_moves_back_while_a_pod_is_away_or_a_zone_is_unknown():
    model = built()
    model.fail_over("redis-cluster-4")
    unknown = replace(model.view(), members=tuple(replace(one, zone="") for one in model.view().members))
    assert decide_fail_back(unknown) == ()
    model.servers["redis-cluster-5"].up = False
    assert decide_fail_back(model.view()) == ()
