"""How long an outcome is awaited: what the program says before what is usual."""

import pytest

from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.waits import gone_seconds, is_awaited, is_delete_awaited, ready_seconds
from embedded.provider import Target

SET, CLAIM = Kind("apps", "v1", "StatefulSet"), Kind("", "v1", "PersistentVolumeClaim")
SKIPPED = {"metadata": {"annotations": {"pulumi.com/skipAwait": "true"}}}
LIMITED = {"metadata": {"annotations": {"pulumi.com/timeoutSeconds": "90"}}}


def target(seconds=0.0):
    return Target("urn", "type", "name", seconds=seconds)


@pytest.mark.parametrize(
    ("kind", "inputs", "seconds", "awaited"),
    [(SET, {}, 0.0, 600.0), (CLAIM, {}, 0.0, 300.0), (SET, LIMITED, 0.0, 90.0), (SET, LIMITED, 1800.0, 1800.0)],
)
def test_custom_timeouts_win_over_the_annotation_and_that_over_what_is_usual(kind, inputs, seconds, awaited):
    assert ready_seconds(target(seconds), kind, inputs) == awaited


def test_deletes_are_given_five_minutes_if_nobody_says_otherwise():
    assert (gone_seconds(target(), {}), gone_seconds(target(1200.0), LIMITED)) == (300.0, 1200.0)


def test_the_annotation_skips_deletes_only_of_kinds_whose_delete_is_awaited_in_its_own_way():
    assert (is_awaited({}), is_awaited(SKIPPED)) == (True, False)
    assert (is_delete_awaited(SET, SKIPPED), is_delete_awaited(CLAIM, SKIPPED)) == (False, True)
