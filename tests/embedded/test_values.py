"""Between the engine's protobuf structs and plain values."""

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from embedded.provider import UNKNOWN, ProviderError
from embedded.values import decode, encode

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=6), PLAIN, max_size=4))
def test_plain_values_survive_the_way_to_the_engine_and_back(values):
    decoded, secrets = decode(encode(values))
    assert decoded == values
    assert secrets == set()


def test_whole_numbers_come_back_as_integers_and_fractions_do_not():
    decoded, _ = decode(encode({"replicas": 3, "share": 0.5}))
    assert decoded == {"replicas": 3, "share": 0.5}
    assert isinstance(decoded["replicas"], int)


def test_a_secret_keeps_its_mark_on_the_same_path():
    struct = encode({"spec": {"env": [{"value": "hunter2"}]}}, {("spec", "env", 0, "value")})
    decoded, secrets = decode(struct)
    assert decoded == {"spec": {"env": [{"value": "hunter2"}]}}
    assert secrets == {("spec", "env", 0, "value")}


def test_a_secret_whose_path_is_gone_hides_the_whole_property():
    struct = encode({"data": {"other": "x"}}, {("data", "password")})
    assert decode(struct)[1] == {("data",)}


def test_values_not_yet_known_stay_unknown_even_inside_secrets():
    struct = encode({"a": UNKNOWN, "b": [UNKNOWN]}, {("a",)})
    decoded, secrets = decode(struct)
    assert decoded["a"] is UNKNOWN
    assert decoded["b"] == [UNKNOWN]
    assert secrets == {("a",)}


def test_an_asset_is_refused_with_its_path():
    asset = struct_pb2.Struct()
    asset.update({"source": {rpc._special_sig_key: rpc._special_asset_sig, "path": "x"}})
    with pytest.raises(ProviderError, match="source: the embedded cloud takes no assets"):
        decode(asset)
