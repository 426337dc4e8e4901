"""What keeps a world's players: nobody evicts a busy pod, and one that must go has the time for it."""

from components.game.sessions import DRAIN
from tests.components.test_game_worlds import pod, server, spec, worlds
from tests.engine import only


def test_a_pod_with_players_or_whose_players_nobody_knows_is_never_evicted():
    budget = only(worlds(), "kubernetes:policy/v1:PodDisruptionBudget").resolved["spec"]
    assert budget == {
        "maxUnavailable": 0,
        "selector": {"matchExpressions": [{"key": "session", "operator": "In", "values": ["busy", "unknown"]}]},
    }
    assert spec()["template"]["metadata"]["labels"]["session"] == "unknown", "born protected"
    assert "session" not in spec()["selector"]["matchLabels"], "the label flips, a selector can't"


def test_no_autoscaler_takes_a_worlds_node_from_under_it():
    annotations = spec()["template"]["metadata"]["annotations"]
    assert annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"
    assert annotations["karpenter.sh/do-not-disrupt"] == "true"


def test_a_world_stops_taking_players_then_saves_before_it_is_killed():
    assert server()["lifecycle"] == {"preStop": {"sleep": {"seconds": DRAIN.pre_stop_seconds}}}
    assert pod()["terminationGracePeriodSeconds"] == DRAIN.pod_grace_seconds
