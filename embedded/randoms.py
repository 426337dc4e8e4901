"""The embedded random provider: passwords, strings, ids and UUIDs from the operating system's own randomness.

Semantics of pulumi-random 4.21, which is terraform-provider-random (internal/provider): every input replaces, read
returns the state, since there is no cloud behind it. `bcryptHash` is real (cost 10, first 72 bytes, as the provider's
generateHash): it comes from the platform's libcrypt, because Python 3.11's own `crypt` is going and no bcrypt package
is among the project's requirements. Where there is no such library (macOS), the output is left out, never made up.
"""

from __future__ import annotations

import base64
import copy
import ctypes
import secrets
import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from embedded.provider import UNKNOWN, Failure, Handler, ProviderError, Replacement, Target, Values

_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_UPPER: Final = _LOWER.upper()
_DIGITS: Final = "0123456789"
_SPECIAL: Final = "!@#$%&*()-_=+[]{}<>:?"
_CLASSES: Final = ("upper", "lower", "numeric", "special")
_MINIMA: Final = ("minUpper", "minLower", "minNumeric", "minSpecial")
_MINIMA_NAMES: Final = "min_upper + min_lower + min_numeric + min_special"
_NO_ID: Final = "none"  # a password's id must not give it away


class RandomHandler(Handler):
    """Resources of the random provider."""

    def configure(self, settings: Values) -> None:
        """The provider has no settings."""
        del settings

    def check(self, target: Target, old: Values | None, new: Values) -> tuple[Values, list[Failure]]:
        del old
        return new, list(_maker(target).failures(new))

    def replacement(
        self, target: Target, resource_id: str, old_inputs: Values, new_inputs: Values, changed: list[str]
    ) -> Replacement:
        del target, resource_id
        return Replacement(tuple(path for path in changed if not _stays(path, old_inputs, new_inputs)))

    def create(self, target: Target, inputs: Values) -> tuple[str, Values]:
        return _maker(target).make(inputs)

    def update(
        self, target: Target, resource_id: str, old_inputs: Values, old_outputs: Values, new_inputs: Values
    ) -> Values:
        """Only what does not replace comes here: the value stays, the inputs are the new ones."""
        del target, resource_id
        return {key: item for key, item in old_outputs.items() if key not in old_inputs} | new_inputs

    def secret_properties(self, target: Target) -> frozenset[str]:
        if target.type.endswith(":RandomPassword"):
            return frozenset({"result", "bcryptHash"})
        return frozenset()

    def read(
        self, target: Target, resource_id: str, inputs: Values | None, outputs: Values | None
    ) -> tuple[str, Values, Values] | None:
        if inputs is None and outputs is None:
            return _maker(target).imported(resource_id)
        return resource_id, copy.deepcopy(inputs or {}), copy.deepcopy(outputs or {})

    def delete(self, target: Target, resource_id: str, inputs: Values, outputs: Values) -> None:
        """Nothing holds the value but the state."""
        del target, resource_id, inputs, outputs


def _stays(path: str, old: Values, new: Values) -> bool:
    """Changes that the provider makes without a new value: an empty overrideSpecial, or empty keepers, left out."""
    return path in ("overrideSpecial", "keepers") and not old.get(path) and not new.get(path)


class _Maker(ABC):
    """One type of random value."""

    @abstractmethod
    def failures(self, inputs: Values) -> Iterator[Failure]:
        """What is wrong with the inputs."""

    @abstractmethod
    def make(self, inputs: Values) -> tuple[str, Values]:
        """A new value: id and outputs."""

    @abstractmethod
    def imported(self, given: str) -> tuple[str, Values, Values]:
        """A value made elsewhere: id, inputs, outputs."""


class _Text(_Maker):
    """randomString: a text whose id is the text itself."""

    def failures(self, inputs: Values) -> Iterator[Failure]:
        length = inputs.get("length")
        if length is None:
            yield Failure("length", 'Missing required argument: the argument "length" is required')
        if isinstance(length, int):
            yield from _length_failures(length, inputs)
        if "number" in inputs and "numeric" in inputs and inputs["number"] != inputs["numeric"]:
            yield Failure("number", "Cannot specify `number` and `numeric` with different values; leave `number` out")
        if UNKNOWN not in inputs.values() and not _alphabet(_complete(inputs)):
            yield Failure("special", "the character set specified is empty")

    def make(self, inputs: Values) -> tuple[str, Values]:
        stated = _complete(inputs)
        return self._state(_random_text(stated), stated)

    def imported(self, given: str) -> tuple[str, Values, Values]:
        stated = {"length": len(given)}
        resource_id, outputs = self._state(given, _complete(stated))
        return resource_id, stated, outputs

    def _state(self, text: str, stated: Values) -> tuple[str, Values]:
        return text, {**stated, "result": text}


class _Password(_Text):
    """randomPassword: a text that is secret (the SDK marks result and bcryptHash), so that its id says nothing."""

    def _state(self, text: str, stated: Values) -> tuple[str, Values]:
        hashed = bcrypt_hash(text)
        return _NO_ID, {**stated, "result": text} | ({"bcryptHash": hashed} if hashed else {})


def _length_failures(length: int, inputs: Values) -> Iterator[Failure]:
    """Messages of int64validator.AtLeast and AtLeastSumOf."""
    minima = [inputs.get(name, 0) for name in _MINIMA]
    if length < 1:
        yield Failure("length", f"Attribute length value must be at least 1, got: {length}")
    if UNKNOWN not in minima and length < sum(minima):
        said = f"Attribute length value must be at least sum of {_MINIMA_NAMES}, got: {length}"
        yield Failure("length", said)


def _complete(inputs: Values) -> Values:
    """Inputs with the provider's defaults; `number` is the old name of `numeric`."""
    stated: Values = {**dict.fromkeys(_CLASSES, True), **dict.fromkeys(_MINIMA, 0), **inputs}
    numeric = inputs.get("numeric", inputs.get("number", True))
    return stated | {"numeric": numeric, "number": numeric}


def _alphabet(stated: Values) -> str:
    classes = (_UPPER, _LOWER, _DIGITS, stated.get("overrideSpecial") or _SPECIAL)
    return "".join(characters for name, characters in zip(_CLASSES, classes, strict=True) if stated[name])


def _random_text(stated: Values) -> str:
    """The minima first, each from its own class even where the class is off, then the rest, then a shuffle."""
    classes = (_UPPER, _LOWER, _DIGITS, stated.get("overrideSpecial") or _SPECIAL)
    wanted = [(characters, stated[name]) for name, characters in zip(_MINIMA, classes, strict=True)]
    wanted.append((_alphabet(stated), stated["length"] - sum(count for _, count in wanted)))
    text = [secrets.choice(characters) for characters, count in wanted for _ in range(count)]
    secrets.SystemRandom().shuffle(text)
    return "".join(text)


class _Id(_Maker):
    """randomId: bytes, written in several ways, each after the prefix."""

    def failures(self, inputs: Values) -> Iterator[Failure]:
        length = inputs.get("byteLength")
        if length is None:
            yield Failure("byteLength", 'Missing required argument: the argument "byte_length" is required')
        elif isinstance(length, int) and length < 1:
            yield Failure("byteLength", f"Attribute byte_length value must be at least 1, got: {length}")

    def make(self, inputs: Values) -> tuple[str, Values]:
        return self._state(secrets.token_bytes(inputs["byteLength"]), inputs)

    def imported(self, given: str) -> tuple[str, Values, Values]:
        """`[prefix,]base64url`, as the provider's import."""
        prefix, comma, text = given.rpartition(",")
        try:
            content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError as error:
            raise ProviderError(f'randomId "{text}" is not base64 for URLs; give the id or "prefix,id"') from error
        stated: Values = {"byteLength": len(content)} | ({"prefix": prefix} if comma else {})
        resource_id, outputs = self._state(content, stated)
        return resource_id, stated, outputs

    def _state(self, content: bytes, stated: Values) -> tuple[str, Values]:
        prefix = stated.get("prefix", "")
        resource_id = base64.urlsafe_b64encode(content).decode().rstrip("=")
        written = {
            "b64Url": resource_id,
            "b64Std": base64.b64encode(content).decode(),
            "hex": content.hex(),
            "dec": str(int.from_bytes(content, "big")),
        }
        return resource_id, stated | {name: f"{prefix}{text}" for name, text in written.items()}


class _Uuid(_Maker):
    """randomUuid: a version 4 UUID."""

    def failures(self, inputs: Values) -> Iterator[Failure]:
        del inputs
        return iter(())

    def make(self, inputs: Values) -> tuple[str, Values]:
        value = str(uuid.uuid4())
        return value, {**inputs, "result": value}

    def imported(self, given: str) -> tuple[str, Values, Values]:
        try:
            value = str(uuid.UUID(given))
        except ValueError as error:
            raise ProviderError(f'randomUuid "{given}" is not a UUID') from error
        return value, {}, {"result": value}


_MAKERS: Final[dict[str, _Maker]] = {
    "random:index/randomPassword:RandomPassword": _Password(),
    "random:index/randomString:RandomString": _Text(),
    "random:index/randomId:RandomId": _Id(),
    "random:index/randomUuid:RandomUuid": _Uuid(),
}


def _maker(target: Target) -> _Maker:
    maker = _MAKERS.get(target.type)
    if maker is None:
        served = ", ".join(sorted(name.rpartition(":")[2] for name in _MAKERS))
        raise ProviderError(f"{target.type}: the embedded cloud does not serve this type; it serves {served}")
    return maker


_COST: Final = 10  # golang.org/x/crypto/bcrypt.DefaultCost
_HASHED_BYTES: Final = 72  # bcrypt reads no more, and Go's refuses more
_SALT_BYTES: Final = 16
_TO_BCRYPT: Final = str.maketrans(
    f"{_UPPER}{_LOWER}{_DIGITS}+/",
    f"./{_UPPER}{_LOWER}{_DIGITS}",
)
# crypt(3) returns a static buffer.
_CRYPT_LOCK: Final = threading.Lock()


def bcrypt_hash(text: str) -> str | None:
    """The bcrypt hash of a text ("$2a$10$..."); None where the platform cannot make one."""
    library = _libcrypt()
    if library is None:
        return None
    salt = base64.b64encode(secrets.token_bytes(_SALT_BYTES)).decode().rstrip("=").translate(_TO_BCRYPT)
    with _CRYPT_LOCK:
        hashed = library.crypt(text.encode()[:_HASHED_BYTES], f"$2a${_COST}${salt}".encode())
    # A failure is None, or a text beginning with "*" that no hash can be.
    return hashed.decode() if hashed and hashed.startswith(b"$2a$") else None


@lru_cache(maxsize=1)
def _libcrypt() -> Any:
    """libxcrypt under its two names; None where the platform has neither."""
    for name in ("libcrypt.so.2", "libcrypt.so.1"):
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.crypt.restype = ctypes.c_char_p
        return library
    return None
