"""What a preview may not make smaller without being told so, or at all."""

from typing import Any

from automation.guard_scale import CLAIM_PATCH, STATEFUL_SET, liftable, shrinks
from components.data.shrink import BY_NAME


def stateful_set(replicas: float, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "metadata": {"annotations": dict(BY_NAME) if annotations is None else annotations},
        "spec": {"replicas": replicas},
    }


def claim(storage: str) -> dict[str, Any]:
    return {"spec": {"resources": {"requests": {"storage": storage}}}}


def test_members_with_data_or_a_vote_go_only_by_name():
    found = shrinks(STATEFUL_SET, stateful_set(10), stateful_set(6.0))
    assert found is not None
    assert "from 10 to 6 members" in found
    assert liftable(STATEFUL_SET)


def test_a_member_more_and_none_less_pass():
    assert shrinks(STATEFUL_SET, stateful_set(6), stateful_set(10)) is None
    assert shrinks(STATEFUL_SET, stateful_set(6), stateful_set(6)) is None


def test_worlds_come_and_go_as_the_settings_say():
    assert shrinks(STATEFUL_SET, stateful_set(5, {}), stateful_set(4, {})) is None


def test_taking_the_mark_away_in_the_same_step_does_not_help():
    assert shrinks(STATEFUL_SET, stateful_set(6), stateful_set(4, {})) is not None


def test_no_volume_shrinks_whoever_asks():
    found = shrinks(CLAIM_PATCH, claim("10Gi"), claim("5Gi"))
    assert found is not None
    assert "from 10Gi to 5Gi" in found
    assert not liftable(CLAIM_PATCH)
    assert shrinks(CLAIM_PATCH, claim("5Gi"), claim("10Gi")) is None
    assert shrinks(CLAIM_PATCH, claim("1Gi"), claim("1024Mi")) is None, "the same size in other words"


def test_what_is_new_or_not_yet_known_is_not_smaller():
    assert shrinks(CLAIM_PATCH, None, claim("5Gi")) is None
    assert shrinks(STATEFUL_SET, stateful_set(6), {"metadata": {}, "spec": {"replicas": "unknown"}}) is None
    assert shrinks("kubernetes:core/v1:Service", claim("10Gi"), claim("5Gi")) is None
