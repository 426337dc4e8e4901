"""The bootstrap's decisions: from whatever stands to one cluster, and never two."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from components.data.redis.runtime.building import decide_bootstrap
from components.data.redis.runtime.healing import decide_heal, decide_replace, leads
from components.data.redis.runtime.membership import with_data
from components.data.redis.runtime.steps import Command, Decision, MoveSlots, Step
from components.data.redis.runtime.topology import SLOTS
from tests.components.data.redis.redis_model import PORT, Model, pod_names, zones_of

MOST_ROUNDS = 40


def decide(model: Model) -> Decision:
    return decide_bootstrap(model.view(), PORT)


def build(model: Model) -> Decision:
    """Decide and do until nothing is left, or a person must decide."""
    for _ in range(MOST_ROUNDS):
        decision = decide(model)
        if decision.state in ("done", "refuse"):
            return decision
        for step in decision.steps:
            model.do(step)
        model.gossip()
    raise AssertionError(f"not done in {MOST_ROUNDS} rounds: {decision}")


def healers_steps(model: Model) -> list[Step]:
    """What all healers would do now."""
    view = model.view()
    meetings = [step for pod in view.pods for step in decide_heal(view, pod, PORT)]
    leaders = [pod for pod in view.pods if leads(view, pod)]
    return [*meetings, *(step for pod in leaders for step in decide_replace(view, pod, PORT))]


def assert_whole(model: Model) -> None:
    owned = [slot for server in model.servers.values() for slot in server.slots]
    assert sorted(owned) == list(range(SLOTS)), "every slot has one owner"
    assert len(with_data(model.view())) == 1
    masters = [server for server in model.servers.values() if server.slots]
    assert len(masters) == len(model.servers) // 2
    for server in model.servers.values():
        if server not in masters:
            master = model.by_id(server.master_id or "")
            assert master in masters
            assert master.zone != server.zone, f"{server.pod} and {master.pod} in one zone"


def built(letters: str = "abcabc") -> Model:
    model = Model(zones_of(letters))
    assert build(model).state == "done"
    return model


def test_six_empty_pods_become_three_masters_with_a_replica_in_another_zone_each():
    model = built()
    assert_whole(model)
    assert [len(model.servers[pod].slots) for pod in pod_names(3)] == [5461, 5462, 5461], "0-5460, 5461-10922, rest"


def test_a_cluster_that_stands_is_left_alone():
    assert decide(built()) == replace(decide(built()), state="done", steps=())


def test_nothing_is_done_before_all_pods_answer():
    model = Model(zones_of("abcabc"))
    model.servers["redis-cluster-4"].up = False
    assert (decide(model).state, decide(model).why) == ("wait", "no answer from redis-cluster-4")


def test_slots_are_given_out_only_when_all_know_each_other():
    model = Model(zones_of("abcabc"))
    first = decide(model)
    assert {step.words[1] for step in first.steps if isinstance(step, Command)} == {"MEET"}
    for step in first.steps[:3]:
        model.do(step)
    assert {step.words[1] for step in decide(model).steps if isinstance(step, Command)} == {"MEET"}


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=12))
def test_a_run_that_is_killed_after_any_step_is_taken_up_by_the_next(kills: list[tuple[int, bool]]):
    model = Model(zones_of("abcabc"))
    for steps_done, time_passes in kills:
        for step in decide(model).steps[:steps_done]:
            model.do(step)
        if time_passes:
            model.gossip()
    assert build(model).state == "done"
    assert_whole(model)


@settings(max_examples=60)
@given(
    st.permutations("aabbcc").map("".join),
    st.lists(st.tuples(st.sampled_from(["first", "second", "healers", "gossip"]), st.integers(1, 6)), max_size=40),
)
def test_no_interleaving_of_two_runs_and_the_healers_makes_two_clusters(letters: str, turns: list[tuple[str, int]]):
    """Each looks, then does its steps one by one, while the others do theirs, from what they saw."""
    model = Model(zones_of(letters))
    pending: dict[str, list[Step]] = {"first": [], "second": [], "healers": []}
    for move in (who for who, times in turns for _ in range(times)):
        if move == "gossip":
            model.gossip()
        elif pending[move]:
            model.do(pending[move].pop(0))
        elif move == "healers":
            pending[move] = healers_steps(model)
        else:
            decision = decide(model)
            assert decision.state != "refuse", decision.why
            pending[move] = list(decision.steps)
        owned = [server.slots for server in model.servers.values()]
        assert sum(map(len, owned)) == len(set().union(*owned)), "no slot has two owners"
        assert len(with_data(model.view())) <= 1, "slots in two clusters"
    assert build(model).state == "done"
    assert_whole(model)


def test_keys_without_all_slots_are_refused_with_a_table():
    model = Model(zones_of("abcabc"))
    model.servers["redis-cluster-2"].keys = 7
    decision = decide(model)
    assert decision.state == "refuse"
    assert "there are keys, but 16384 slots belong to nobody" in decision.why
    assert "redis-cluster-2      c            master        0        7" in decision.why


def test_two_clusters_are_refused_and_never_joined():
    model = Model(zones_of("abcabc"))
    for pod in ("redis-cluster-0", "redis-cluster-1"):
        model.servers[pod].slots = set(range(100))
    decision = decide(model)
    assert decision.state == "refuse"
    assert "2 clusters with slots or keys (redis-cluster-0; redis-cluster-1) would be joined" in decision.why


def test_members_that_are_none_of_the_pods_are_refused():
    model = built("abcabcab")
    decision = decide_bootstrap(model.view(pod_names(6)), PORT)
    assert decision.state == "refuse"
    assert "belong to no pod of 6; scale in first" in decision.why


def test_a_pod_that_has_lost_its_disk_is_taken_in_again():
    model = built()
    model.lose_disk("redis-cluster-0")
    assert build(model).state == "done"
    assert_whole(model)
    assert model.servers["redis-cluster-0"].master_id == model.servers["redis-cluster-4"].id, "its heir's replica"


def test_two_more_pods_become_a_master_with_a_fair_share_and_its_replica():
    model = built()
    grown = Model(zones_of("abcabcab"))
    grown.servers.update(model.servers)
    assert build(grown).state == "done"
    assert_whole(grown)
    assert sorted(len(server.slots) for server in grown.servers.values() if server.slots) == [4096] * 4


def test_a_new_master_gets_its_replica_before_its_first_slot():
    grown = Model(zones_of("abcabcab"))
    grown.servers.update(built().servers)
    for _ in range(MOST_ROUNDS):
        decision = decide(grown)
        if any(isinstance(step, MoveSlots) for step in decision.steps):
            break
        for step in decision.steps:
            grown.do(step)
        grown.gossip()
    targets = {step.target for step in decision.steps if isinstance(step, MoveSlots)}
    followed = {server.master_id for server in grown.servers.values()}
    assert targets
    assert all(grown.servers[pod].id in followed for pod in targets)


def test_a_move_of_slots_that_was_broken_off_is_finished_first():
    model = built()
    source, target = model.servers["redis-cluster-0"], model.servers["redis-cluster-1"]
    source.leaving[5] = target.id
    assert decide(model).steps == (MoveSlots("redis-cluster-0", "redis-cluster-1", (5,)),)
