"""How the last pods leave a cluster."""

from hypothesis import given, settings
from hypothesis import strategies as st

from components.data.redis.runtime.shrinking import decide_scale_in
from components.data.redis.runtime.steps import Decision
from tests.components.data.redis.redis_model import Model, pod_names
from tests.components.data.redis.test_runtime_building import MOST_ROUNDS, assert_whole, built


def shrink(model: Model, left: int) -> Decision:
    for _ in range(MOST_ROUNDS):
        decision = decide_scale_in(model.view(), left)
        if decision.state in ("done", "refuse"):
            return decision
        for step in decision.steps:
            model.do(step)
        model.gossip()
    raise AssertionError(f"not done in {MOST_ROUNDS} rounds: {decision}")


@settings(max_examples=25)
@given(st.sets(st.sampled_from(pod_names(8))))
def test_whoever_is_master_the_last_two_leave_empty_and_the_others_hold_everything(turned: set[str]):
    model = built("abcabcab")
    for pod in turned:
        if model.servers[pod].master_id:
            model.fail_over(pod)
    assert shrink(model, 6).state == "done"
    left = model.view(pod_names(6))
    assert all(model.view()[pod].empty for pod in ("redis-cluster-6", "redis-cluster-7"))
    assert all(member.known == {one.id for one in left.members} for member in left.members)
    for pod in ("redis-cluster-6", "redis-cluster-7"):
        del model.servers[pod]
    assert_whole(model)


def test_a_run_again_after_the_pods_have_left_does_nothing():
    model = built("abcabcab")
    shrink(model, 6)
    assert decide_scale_in(model.view(), 6).state == "done"


def test_fewer_than_three_masters_are_refused():
    decision = decide_scale_in(built().view(), 4)
    assert (decision.state, decision.why) == ("refuse", "6 pods cannot become 4; keep an even number of at least 6")
