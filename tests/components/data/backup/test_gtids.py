"""Sets of transactions behave as sets, and read as MySQL writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.data.backup.runtime.gtids import GtidSet

A, B = "3e11fa47-71ca-11e1-9e33-c80aa9429562", "4f22ab58-71ca-11e1-9e33-c80aa9429562"
numbers = st.sets(st.integers(1, 30))
members = st.fixed_dictionaries({A: numbers, f"{B}:blue": numbers})


def of(content: dict[str, set[int]]) -> GtidSet:
    found = GtidSet()
    for source, several in content.items():
        for number in several:
            found = found | GtidSet({source: ((number, number),)})
    return found


def plain(found: GtidSet) -> set[tuple[str, int]]:
    return {
        (source, number)
        for source, intervals in found.intervals.items()
        for first, last in intervals
        for number in range(first, last + 1)
    }


@given(members, members)
def test_union_difference_and_subset_are_those_of_plain_sets(one, two):
    first, second = of(one), of(two)
    assert plain(first | second) == plain(first) | plain(second)
    assert plain(first - second) == plain(first) - plain(second)
    assert (first <= second) == (plain(first) <= plain(second))
    assert bool(first) == bool(plain(first))


@given(members)
def test_what_is_written_reads_back(one):
    assert GtidSet.parse(str(of(one))) == of(one)


def test_sets_are_read_as_mysql_writes_them():
    found = GtidSet.parse(f"{A.upper()}:1-10:1000001-1000004:12,\n{B}:7:blue:1-2:4")
    assert found.intervals == {A: ((1, 10), (12, 12), (1000001, 1000004)), B: ((7, 7),), f"{B}:blue": ((1, 2), (4, 4))}
    assert GtidSet.parse("") == GtidSet()


def test_intervals_that_touch_are_one():
    assert str(GtidSet.parse(f"{A}:1-5") | GtidSet.parse(f"{A}:6-9")) == f"{A}:1-9"


@pytest.mark.parametrize("text", [A, f"{A}:1-5,{B}", f"{A}:1-x"])
def test_what_is_no_set_is_refused(text):
    with pytest.raises(ValueError, match=r"has no interval|invalid literal"):
        GtidSet.parse(text)
