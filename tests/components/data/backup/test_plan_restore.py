"""Which dump and which logs lead to a moment: each log after those that it builds upon, and never over a gap."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.data.backup.runtime.gtids import GtidSet
from components.data.backup.runtime.restore import CannotRestore, needed_since, plan_restore
from tests.components.data.backup.histories import at, dump, log, upto


def test_the_newest_dump_that_was_finished_by_then_is_taken():
    dumps = [dump(10, 0), dump(50, 60), dump(90, 120)]
    logs = [log(1, 0, 60, minutes=70), log(2, 60, 95, minutes=130)]
    assert plan_restore(dumps, logs, at(100)).dump == dumps[1]
    assert plan_restore(dumps, logs, at(120.5)).dump == dumps[1], "one that is still being taken may hold later rows"
    assert plan_restore(dumps, logs, None).dump == dumps[2]


def test_logs_that_hold_nothing_more_than_the_dump_are_left_out():
    plan = plan_restore([dump(25)], [log(1, 0, 10), log(2, 10, 25), log(3, 25, 30)], None)
    assert [one.file for one in plan.logs] == ["binlog.000003"]
    assert (plan.exclude, plan.reaches, plan.stop_text()) == (upto(25), upto(30), "")


def test_a_moment_is_told_in_utc_to_the_second():
    plan = plan_restore([dump(5)], [log(1, 5, 9, minutes=30)], at(20.5))
    assert plan.stop_text() == "2026-11-29 02:20:30"


def test_a_moment_before_the_first_dump_is_refused():
    with pytest.raises(CannotRestore, match=r"no dump was finished by .*02:00:30.*the oldest of 1 is of .*02:01:00"):
        plan_restore([dump(5)], [], at(0.5))
    with pytest.raises(CannotRestore, match="the oldest of 0 is of None"):
        plan_restore([], [], None)


def test_a_moment_that_no_log_reaches_is_refused():
    with pytest.raises(CannotRestore, match=r"the binary logs end at .*02:30:00.*before .*03:00:00"):
        plan_restore([dump(5)], [log(1, 5, 9, minutes=30)], at(60))


def test_a_gap_is_said_with_the_transactions_that_are_missing():
    with pytest.raises(CannotRestore, match=r"a gap: before s1/binlog.000003 the transactions \S+:11-20 are in no"):
        plan_restore([dump(10)], [log(3, 20, 30), log(4, 30, 40)], None)


def test_two_members_that_archived_in_turn_make_one_history():
    logs = [log(9, 0, 12, "s2", 1), log(4, 10, 30, "s1", 2), log(11, 28, 50, "s2", 3)]
    plan = plan_restore([dump(5)], logs, None)
    assert [(one.server, one.file) for one in plan.logs] == [
        ("s2", "binlog.000009"),
        ("s1", "binlog.000004"),
        ("s2", "binlog.000011"),
    ]
    assert plan.reaches == upto(50)


cuts = st.lists(st.integers(1, 60), min_size=1, max_size=12, unique=True).map(sorted)


@given(st.lists(cuts, min_size=1, max_size=3), st.integers(0, 60), st.randoms(use_true_random=False))
def test_whatever_the_members_cut_and_however_clocks_differ_every_log_follows_what_it_needs(servers, taken, chance):
    logs = [
        log(number, first, last, f"s{server}", chance.random() * 60)
        for server, ends in enumerate(servers)
        for number, (first, last) in enumerate(pairwise([0, *ends]), 1)
    ]
    plan = plan_restore([dump(taken)], logs, None)
    reached = upto(taken)
    for one in plan.logs:
        assert one.previous <= reached, "a log is never replayed before what it builds upon"
        assert not one.content <= reached, "a log with nothing new is not fetched"
        reached = reached | one.content
    assert reached == plan.reaches == upto(max(taken, *(ends[-1] for ends in servers)))


def test_the_index_is_read_from_a_day_before_the_dump_that_counts():
    dumps = [dump(10, 0), dump(50, 60 * 24)]
    assert needed_since(dumps, at(60)) == at(-60 * 24)
    assert needed_since(dumps, None) == at(0)
    assert needed_since([], None).year == 1970


def test_sets_of_several_sources_are_in_order_too():
    other = GtidSet.parse("bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee:1-3")
    first = log(1, 0, 10)
    second = type(first)("s1", "binlog.000002", at(2), upto(10), upto(10) | other, 1)
    assert plan_restore([dump(5)], [second, first], None).reaches == upto(10) | other
