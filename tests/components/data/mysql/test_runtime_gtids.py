"""Sets of transactions, as the server writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.data.mysql.runtime.gtids import EMPTY, GtidSet

ONE, TWO = "3e11fa47-71ca-11e1-9e33-c80aa9429562", "4e11fa47-71ca-11e1-9e33-c80aa9429562"

SOURCES = st.sampled_from([(ONE, ""), (TWO, ""), (ONE, "release"), (TWO, "release_2")])
PLAIN = st.sets(st.tuples(SOURCES, st.integers(1, 12)))  # a set as its single transactions


def as_set(transactions):
    result = EMPTY
    for (uuid, tag), number in transactions:
        result = result | GtidSet.parse(":".join([uuid, *([tag] if tag else []), str(number)]))
    return result


def as_plain(gtids):
    return {
        (source, n) for source, some in gtids.intervals.items() for first, last in some for n in range(first, last + 1)
    }


@given(PLAIN)
def test_a_set_is_read_back_as_it_was_written(transactions):
    gtids = as_set(transactions)
    assert as_plain(gtids) == transactions
    assert GtidSet.parse(str(gtids)) == gtids


@given(PLAIN, PLAIN)
def test_union_difference_and_subset_are_those_of_plain_sets(one, two):
    assert as_plain(as_set(one) | as_set(two)) == one | two
    assert as_plain(as_set(one) - as_set(two)) == one - two
    assert (as_set(one) <= as_set(two)) == (one <= two)
    assert bool(as_set(one)) == bool(one)


def test_what_the_server_writes_is_read_line_breaks_tags_and_all():
    text = f"{ONE}:1-3:11:47-49:release:1-5:9,\n{TWO}:1"
    assert str(GtidSet.parse(text)) == f"{ONE}:1-3:11:47-49,{ONE}:release:1-5:9,{TWO}:1"


def test_blocks_that_members_take_are_not_counted():
    assert not GtidSet.parse(f"{ONE}:1-10:1000001") <= GtidSet.parse(f"{ONE}:1-1000000")


def test_neighbours_become_one_interval():
    assert str(GtidSet.parse(f"{ONE}:4-6:1-3:7")) == f"{ONE}:1-7"


@pytest.mark.parametrize("text", ["abc:1", ONE, f"{ONE}:", f"{ONE}:1-", f"{ONE}:x-y"])
def test_what_is_no_set_is_refused(text):
    with pytest.raises(ValueError, match="is no part of a GTID set"):
        GtidSet.parse(text)
