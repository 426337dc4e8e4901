"""What a preview may not make smaller without being told so, or at all."""

from typing import Any

from automation.guard_scale import STATEFUL_SET, loses_members
from components.data.shrink import BY_NAME


def stateful_set(replicas: float, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "metadata": {"annotations": dict(BY_NAME) if annotations is None else annotations},
        "spec": {"replicas": replicas},
    }


def test_members_with_data_or_a_vote_go_only_by_name():
    found = loses_members(STATEFUL_SET, stateful_set(10), stateful_set(6.0))
    assert found is not None
    assert "from 10 to 6 members" in found


def test_a_member_more_and_none_less_pass():
    assert loses_members(STATEFUL_SET, stateful_set(6), stateful_set(10)) is None
    assert loses_members(STATEFUL_SET, stateful_set(6), stateful_set(6)) is None


def test_worlds_come_and_go_as_the_settings_say():
    assert loses_members(STATEFUL_SET, stateful_set(5, {}), stateful_set(4, {})) is None


def test_taking_the_mark_away_in_the_same_step_does_not_help():
    assert loses_members(STATEFUL_SET, stateful_set(6), stateful_set(4, {})) is not None


def test_what_is_new_or_not_yet_known_is_not_smaller():
    assert loses_members(STATEFUL_SET, None, stateful_set(6)) is None
    assert loses_members(STATEFUL_SET, stateful_set(6), {"metadata": {}, "spec": {"replicas": "unknown"}}) is None
    assert loses_members("kubernetes:apps/v1:Deployment", stateful_set(6), stateful_set(4)) is None
