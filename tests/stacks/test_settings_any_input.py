"""Whatever a stack file holds, it is read or refused in sentences: never a traceback."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacks.settings import SettingsError, StackSettings, parse_settings, read_stack_file
from tests.stacks.sample import stack

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

odd_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**4000),
    st.floats(),
    st.text(max_size=30),
    st.binary(max_size=5),
    st.dates(),
    st.sampled_from(["us-east-1", "10.10.0.0/16", "latest", "1.35", "aws", "embedded", "2Gi", "500m", "a\nb", "\x00"]),
)
keys = st.one_of(st.text(max_size=10), st.sampled_from(list(StackSettings.model_fields)), st.integers())
anything = st.recursive(
    odd_scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


def read_or_refused(raw: Any) -> StackSettings | None:
    """The settings, or None if refused in whole sentences, each on one line and none of them endless."""
    sentences: tuple[str, ...] = ()
    try:
        read = parse_settings(raw)
    except SettingsError as error:
        read, sentences = None, error.problems
    assert bool(sentences) == (read is None)
    assert all(sentence.isprintable() and len(sentence) < 1500 for sentence in sentences), sentences
    return read


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in a tree of mappings and lists."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inside for place in places(item, (*path, key)))]


def replaced(raw: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    result = copy.deepcopy(raw)
    place: Any = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return result


@QUICK
@given(st.dictionaries(keys, anything, max_size=5))
def test_any_mapping_is_read_or_refused(raw: dict[Any, Any]):
    read_or_refused(raw)


@QUICK
@given(st.data())
def test_valid_settings_with_any_value_replaced_are_read_or_refused(data: st.DataObject):
    path = data.draw(st.sampled_from([place for place in places(stack()) if place]))
    read_or_refused(replaced(stack(), path, data.draw(anything)))


@QUICK
@given(st.data())
def test_valid_settings_with_a_figure_changed_are_consistent_or_refused(data: st.DataObject):
    sizes = ("min_size", "desired_size", "max_size")
    paths = [("regions", "us-east", "node_pools", "game", size) for size in sizes]
    paths += [("regions", "us-east", "worlds", name) for name in ("count", "max_count", "storage_gib")]
    raw = stack()
    for path in paths:
        raw = replaced(raw, path, data.draw(st.integers(0, 12)))
    read = read_or_refused(raw)
    if read:
        region = read.regions["us-east"]
        pool = region.node_pools["game"]
        assert pool.min_size <= pool.desired_size <= pool.max_size
        assert region.worlds.count <= region.worlds.max_count <= pool.max_size


@QUICK
@given(st.lists(st.integers(0, 255), min_size=2, max_size=5), st.integers(16, 19))  # the pools do not fit a /20
def test_networks_that_are_taken_never_overlap(seconds: list[int], prefix: int):
    raw = stack()
    sample = raw["regions"].pop("us-east")
    for index, second in enumerate(seconds):
        raw["regions"][f"r{index}"] = replaced(sample, ("network", "cidr"), f"10.{second}.0.0/{prefix}")
    read = read_or_refused(raw)
    assert (read is not None) == (len(set(seconds)) == len(seconds) and 100 not in seconds)


@QUICK
@given(st.binary(max_size=200))
def test_a_file_of_any_bytes_is_read_or_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"^Pulumi\.dev\.yaml: "):
        read_stack_file(path)


@QUICK
@given(st.dictionaries(st.sampled_from(["config", "x"]), anything))
def test_a_file_of_any_yaml_is_read_or_refused(tmp_path: Path, content: dict[str, Any]):
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    raw: dict[str, object] = {}
    refusal = ""
    try:
        raw = read_stack_file(path)
    except SettingsError as error:
        refusal = str(error)
    assert refusal.isprintable()
    read_or_refused(raw)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("config: [", "is no valid YAML (line 1: "),
        ("config:\n  a: 1\n  a: 2\n", 'is no valid YAML (line 3: "a" is given twice)'),
        ("config: 2024-99-99", "is no valid YAML (month must be in 1..12)"),
        ("config: !!python/object/apply:os.system [ls]", "is no valid YAML (line 1: could not determine a constructor"),
        ("[" * 5000, "is nested too deeply"),
        ("- config", 'has no mapping "config"'),
        ("", 'has no mapping "config"'),
        ("config: 3", 'has no mapping "config"'),
    ],
)
def test_a_file_that_is_no_stack_file_is_refused_with_the_place(tmp_path: Path, content: str, sentence: str):
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(content)
    with pytest.raises(SettingsError) as caught:
        read_stack_file(path)
    assert str(caught.value).startswith(f"Pulumi.dev.yaml: {sentence}")


def test_a_missing_or_unreadable_file_is_refused_by_name(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"^Pulumi\.test\.yaml: cannot be read \(No such file or directory\)"):
        read_stack_file(tmp_path / "Pulumi.test.yaml")
    with pytest.raises(SettingsError, match=r"cannot be read \(Is a directory\)"):
        read_stack_file(tmp_path)
    (tmp_path / "Pulumi.latin.yaml").write_bytes(b"config: \xff")
    with pytest.raises(SettingsError, match=r"^Pulumi\.latin\.yaml: is not UTF-8 text"):
        read_stack_file(tmp_path / "Pulumi.latin.yaml")


def test_an_encrypted_value_at_any_depth_is_refused(tmp_path: Path):
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("config:\n  game-regions:regions:\n    a:\n      - b: {secure: v1:hunter2}\n")
    with pytest.raises(SettingsError, match=r"^regions: is encrypted, but settings are shown") as caught:
        read_stack_file(path)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_holds_itself_is_refused(tmp_path: Path):
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("config:\n  game-regions:regions: &r\n    a: *r\n")
    assert read_or_refused(read_stack_file(path)) is None


def test_keys_of_other_projects_are_left_alone(tmp_path: Path):
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("config:\n  aws:region: x\n  3: y\n  game-regions:game: mmorpg\n")
    assert read_stack_file(path) == {"game": "mmorpg"}
