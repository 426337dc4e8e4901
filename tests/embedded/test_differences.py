"""Where two sets of inputs differ."""

from hypothesis import given
from hypothesis import strategies as st

from embedded.differences import differences, top_level
from embedded.provider import UNKNOWN

VALUES = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.integers(0, 3) | st.lists(st.integers(0, 2), max_size=3), max_size=3
)


def test_paths_are_written_as_the_engine_writes_them():
    old = {"spec": {"ports": [{"port": 1}], "selector": {"app.kubernetes.io/name": "x"}}, "gone": 1}
    new = {"spec": {"ports": [{"port": 2}, {"port": 3}], "selector": {"app.kubernetes.io/name": "y"}}, "new": 1}
    assert differences(old, new) == {
        "spec.ports[0].port": "update",
        "spec.ports[1]": "add",
        'spec.selector["app.kubernetes.io/name"]': "update",
        "gone": "delete",
        "new": "add",
    }


def test_a_missing_property_and_a_null_are_the_same():
    assert differences({"a": None}, {}) == {}


def test_true_and_one_are_not_the_same():
    assert differences({"a": True}, {"a": 1}) == {"a": "update"}


def test_a_value_not_yet_known_counts_as_a_change():
    assert differences({"a": {"b": 1}}, {"a": {"b": UNKNOWN}}) == {"a.b": "update"}


def test_the_engines_own_keys_never_differ():
    assert differences({"__defaults": []}, {"__defaults": ["x"]}) == {}


@given(VALUES, VALUES)
def test_there_is_no_difference_exactly_when_the_values_are_equal(old, new):
    assert (differences(old, new) == {}) == (old == new)


def test_the_property_a_path_begins_with():
    assert [top_level(path) for path in ("spec.template[0].x", "tags", "list[2]")] == ["spec", "tags", "list"]
