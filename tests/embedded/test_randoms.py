"""The random provider: composition, bounds, replacement, import."""

import base64
import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded import randoms
from embedded.provider import UNKNOWN, ProviderError, Replacement, Target
from embedded.randoms import RandomHandler, bcrypt_hash

PASSWORD = "random:index/randomPassword:RandomPassword"
TEXT = "random:index/randomString:RandomString"
ID = "random:index/randomId:RandomId"
UUID = "random:index/randomUuid:RandomUuid"
HANDLER = RandomHandler()
SUM = "Attribute length value must be at least sum of min_upper + min_lower + min_numeric + min_special, got: 3"
SPECIAL = "!@#$%&*()-_=+[]{}<>:?"


def target(token):
    return Target(f"urn:pulumi:local::game-regions::{token}::thing", token, "thing")


def make(token, **inputs):
    checked, failures = HANDLER.check(target(token), None, inputs)
    assert failures == []
    return HANDLER.create(target(token), checked)


def failures(token, **inputs):
    return [(failure.property, failure.reason) for failure in HANDLER.check(target(token), None, inputs)[1]]


def count(text, characters):
    return sum(character in characters for character in text)


@given(
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(1, 20),
    st.sampled_from([None, "~^"]),
)
def test_a_text_has_its_length_its_minima_and_only_characters_of_its_classes(
    upper, lower, numeric, special, more, override
):
    length = upper + lower + numeric + special + more
    minima = {"minUpper": upper, "minLower": lower, "minNumeric": numeric, "minSpecial": special}
    _, outputs = make(TEXT, length=length, **minima, **({"overrideSpecial": override} if override else {}))
    text = outputs["result"]
    specials = override or SPECIAL
    assert len(text) == length
    assert count(text, string.ascii_uppercase) >= upper
    assert count(text, string.ascii_lowercase) >= lower
    assert count(text, string.digits) >= numeric
    assert count(text, specials) >= special
    assert set(text) <= set(string.ascii_letters + string.digits + specials)


@given(st.sets(st.sampled_from(["upper", "lower", "numeric", "special"]), min_size=1))
def test_a_class_that_is_off_gives_no_characters(on):
    classes = {
        "upper": string.ascii_uppercase,
        "lower": string.ascii_lowercase,
        "numeric": string.digits,
        "special": SPECIAL,
    }
    _, outputs = make(TEXT, length=40, **{name: name in on for name in classes})
    for name, characters in classes.items():
        assert name in on or count(outputs["result"], characters) == 0


def test_a_password_is_new_every_time_and_its_id_gives_nothing_away():
    (first_id, first), (second_id, second) = make(PASSWORD, length=32), make(PASSWORD, length=32)
    assert first["result"] != second["result"]
    assert first_id == second_id == "none"
    assert first["special"] is first["upper"] is first["lower"] is first["numeric"] is True
    assert first["minSpecial"] == 0


def test_the_id_of_a_string_is_the_string():
    made, outputs = make(TEXT, length=8)
    assert made == outputs["result"]
    assert "bcryptHash" not in outputs


def test_the_bcrypt_hash_is_the_passwords_own():
    library = randoms._libcrypt()
    if library is None:
        pytest.skip("this platform has no libcrypt")
    _, outputs = make(PASSWORD, length=90)
    hashed = outputs["bcryptHash"].encode()
    assert hashed.startswith(b"$2a$10$")
    assert len(hashed) == 60
    assert library.crypt(outputs["result"].encode()[:72], hashed) == hashed
    assert library.crypt(b"another password", hashed) != hashed


def test_a_platform_without_bcrypt_leaves_the_hash_out(monkeypatch):
    monkeypatch.setattr(randoms, "_libcrypt", lambda: None)
    assert bcrypt_hash("x") is None
    assert "bcryptHash" not in make(PASSWORD, length=8)[1]


@pytest.mark.parametrize(
    ("inputs", "wanted"),
    [
        ({}, [("length", 'Missing required argument: the argument "length" is required')]),
        ({"length": 0}, [("length", "Attribute length value must be at least 1, got: 0")]),
        (
            {"length": 3, "minUpper": 2, "minNumeric": 2},
            [
                (
                    "length",
                    SUM,
                )
            ],
        ),
        (
            {"length": 3, "upper": False, "lower": False, "numeric": False, "special": False},
            [("special", "the character set specified is empty")],
        ),
    ],
)
def test_a_length_that_cannot_be_is_refused_with_the_providers_own_message(inputs, wanted):
    assert failures(PASSWORD, **inputs) == wanted


def test_values_not_yet_known_are_not_judged():
    assert failures(PASSWORD, length=UNKNOWN) == []
    assert failures(PASSWORD, length=4, minUpper=UNKNOWN) == []


def test_number_is_the_old_name_of_numeric():
    assert count(make(TEXT, length=40, number=False)[1]["result"], string.digits) == 0
    assert failures(TEXT, length=4, number=True, numeric=False)[0][0] == "number"


def test_every_input_replaces_but_an_empty_one_left_out():
    def replacement(old, new, path):
        return HANDLER.replacement(target(PASSWORD), "none", old, new, [path])

    assert replacement({"length": 8}, {"length": 9}, "length") == Replacement(("length",))
    assert replacement({}, {"keepers": {"a": "1"}}, "keepers") == Replacement(("keepers",))
    assert replacement({"keepers": {"a": "1"}}, {"keepers": {"a": "2"}}, "keepers.a").paths == ("keepers.a",)
    assert replacement({"overrideSpecial": ""}, {}, "overrideSpecial") == Replacement(())


def test_an_update_keeps_the_value():
    made, outputs = make(PASSWORD, length=8, overrideSpecial="")
    updated = HANDLER.update(target(PASSWORD), made, {"length": 8, "overrideSpecial": ""}, outputs, {"length": 8})
    assert updated["result"] == outputs["result"]
    assert "overrideSpecial" not in updated


def test_a_read_gives_back_the_state_for_there_is_no_cloud():
    made, outputs = make(PASSWORD, length=8)
    assert HANDLER.read(target(PASSWORD), made, {"length": 8}, outputs) == (made, {"length": 8}, outputs)
    made, outputs = make(UUID)
    assert HANDLER.read(target(UUID), made, None, outputs) == (made, {}, outputs)


def test_a_password_is_imported_by_its_value():
    made, inputs, outputs = HANDLER.read(target(PASSWORD), "correct horse", None, None)
    assert (made, inputs) == ("none", {"length": 13})
    assert (outputs["result"], outputs["length"], outputs["special"]) == ("correct horse", 13, True)


@given(st.integers(1, 40), st.sampled_from(["", "world-"]))
def test_an_id_is_the_same_bytes_in_every_notation_and_imports_as_itself(length, prefix):
    given_inputs = {"byteLength": length} | ({"prefix": prefix} if prefix else {})
    made, outputs = make(ID, **given_inputs)
    content = base64.urlsafe_b64decode(made + "=" * (-len(made) % 4))
    assert len(content) == length
    assert outputs["hex"] == f"{prefix}{content.hex()}"
    assert outputs["dec"] == f"{prefix}{int.from_bytes(content, 'big')}"
    assert outputs["b64Std"] == f"{prefix}{base64.b64encode(content).decode()}"
    assert outputs["b64Url"] == f"{prefix}{made}"
    imported = f"{prefix},{made}" if prefix else made
    assert HANDLER.read(target(ID), imported, None, None) == (made, given_inputs, outputs)


def test_a_uuid_is_one_and_imports_as_itself():
    made, outputs = make(UUID, keepers={"a": "1"})
    assert uuid.UUID(made).version == 4
    assert outputs == {"result": made, "keepers": {"a": "1"}}
    assert HANDLER.read(target(UUID), made, None, None) == (made, {}, {"result": made})


@pytest.mark.parametrize(("token", "given_id"), [(UUID, "nonsense"), (ID, "a")])
def test_an_import_of_nonsense_is_refused(token, given_id):
    with pytest.raises(ProviderError, match="is not"):
        HANDLER.read(target(token), given_id, None, None)


def test_a_type_nobody_serves_is_an_error_that_says_so():
    with pytest.raises(ProviderError, match="does not serve this type; it serves RandomId, RandomPassword"):
        HANDLER.create(target("random:index/randomPet:RandomPet"), {})
