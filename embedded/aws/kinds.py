"""Kinds of values: how Pulumi and the AWS API say the same thing, and when two values mean the same.

Values that stand for others (not yet known, taken from another resource, secret) pass through every kind untouched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from ipaddress import ip_network
from typing import Any

from embedded.provider import UNKNOWN, Failure

STAND_INS = frozenset({"$ref", "$result", "$autoname", "$unique"})
SECRET = "[secret]"


def stands_in(value: object) -> bool:
    """True if `value` only stands for another: unknown, a plan's reference or secret, an earlier call's result."""
    return value is UNKNOWN or value == SECRET or (isinstance(value, dict) and not STAND_INS.isdisjoint(value))


def is_empty(value: object) -> bool:
    """True for what the provider treats as not set. Zero is an answer (a port, a size), so it is not empty."""
    return value is None or value is False or value in ("", [], {})


class Kind:
    """Any plain value, the same in Pulumi and in the API."""

    wanted: str = "a value"
    python: tuple[type, ...] = (object,)

    def to_api(self, value: Any) -> Any:
        """The API's form of a Pulumi value."""
        return value

    def from_api(self, value: Any) -> Any:
        """The Pulumi form of what the API answered."""
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return value

    def same(self, old: Any, new: Any) -> bool:
        """True if both values, neither a stand-in, mean the same to AWS."""
        return bool(old == new)

    def reword(self, old: Any, new: Any) -> Any:
        """`new` said in the words of `old` wherever they mean the same."""
        return old if self.same(old, new) else new

    def strip(self, value: Any, said: Any = None) -> Any:
        """`value` without what the provider would assume anyway, unless `said` before (None: nothing ever was)."""
        del said
        return value

    def fill(self, value: Any) -> Any:
        """`value` with what AWS will add, as far as it is known before the call."""
        return value

    def faults(self, path: str, value: Any) -> Iterator[Failure]:
        """What check refuses in a value that is no stand-in."""
        number_as_switch = isinstance(value, bool) and bool not in self.python and object not in self.python
        if number_as_switch or not isinstance(value, self.python):
            yield Failure(path, f"{path}: {value!r} is not {self.wanted}")


class Text(Kind):
    wanted = "a text"
    python = (str,)


class Int(Kind):
    wanted = "a whole number"
    python = (int,)


class Bool(Kind):
    wanted = "true or false"
    python = (bool,)


class BoolText(Kind):
    """A switch that Pulumi spells "true" or "false" and the API takes as a boolean."""

    wanted = 'the text "true" or "false"'
    python = (str, bool)

    def to_api(self, value: Any) -> Any:
        return value if stands_in(value) else str(value).lower() == "true"

    def from_api(self, value: Any) -> Any:
        return None if value is None else str(value).lower()

    def same(self, old: Any, new: Any) -> bool:
        return str(old).lower() == str(new).lower()

    def faults(self, path: str, value: Any) -> Iterator[Failure]:
        if str(value).lower() not in ("true", "false"):
            yield Failure(path, f"{path}: {value!r} is not {self.wanted}")


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few texts or numbers."""

    choices: tuple[str, ...] | tuple[int, ...]

    def faults(self, path: str, value: Any) -> Iterator[Failure]:
        if value not in self.choices or isinstance(value, bool):
            yield Failure(path, f"{path}: {value!r} is none of {', '.join(map(str, self.choices))}")


@dataclass(frozen=True)
class Range(Int):
    """A whole number within bounds, both included."""

    least: int
    most: int

    def faults(self, path: str, value: Any) -> Iterator[Failure]:
        if not isinstance(value, int) or isinstance(value, bool) or not self.least <= value <= self.most:
            yield Failure(path, f"{path}: {value!r} is not a whole number from {self.least} to {self.most}")


class Cidr(Text):
    """A network in CIDR notation without host bits, as the real provider demands."""

    def faults(self, path: str, value: Any) -> Iterator[Failure]:
        try:
            if "/" not in value:
                raise ValueError("it has no /prefix length")
            ip_network(value)
        except (TypeError, ValueError) as reason:
            yield Failure(path, f"{path}: {value!r} is not a network in CIDR notation ({reason})")


class Json(Text):
    """A JSON text; layout and the order of keys mean nothing."""

    def from_api(self, value: Any) -> Any:
        return json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else value

    def same(self, old: Any, new: Any) -> bool:
        try:
            return bool(self.meaning(json.loads(old)) == self.meaning(json.loads(new)))
        except (TypeError, ValueError):
            return bool(old == new)

    def meaning(self, document: Any) -> Any:
        return document

    def faults(self, path: str, value: Any) -> Iterator[Failure]:
        try:
            json.loads(value)
        except (TypeError, ValueError) as reason:
            yield Failure(path, f"{path}: not a JSON text ({reason})")


class Policy(Json):
    """An IAM policy: a list of one is its only element, and the order of texts in a list means nothing."""

    def meaning(self, document: Any) -> Any:
        if isinstance(document, dict):
            return {key: self.meaning(item) for key, item in document.items()}
        if isinstance(document, list):
            items = [self.meaning(item) for item in document]
            if len(items) == 1:
                return items[0]
            return sorted(items) if all(isinstance(item, str) for item in items) else items
        return document


class HostName(Text):
    """A DNS name; a final dot and the case mean nothing."""

    def from_api(self, value: Any) -> Any:
        return value.removesuffix(".").replace("\\052", "*") if isinstance(value, str) else value

    def same(self, old: Any, new: Any) -> bool:
        return str(old).removesuffix(".").lower() == str(new).removesuffix(".").lower()


class KeyReference(Text):
    """A KMS key, by its id or by the ARN that ends in it."""

    def same(self, old: Any, new: Any) -> bool:
        return str(old).rsplit("/", 1)[-1] == str(new).rsplit("/", 1)[-1]


@dataclass(frozen=True)
class ListOf(Kind):
    """A list; `ordered` False if AWS treats it as a set. `single` if Pulumi has the one object and the API a list."""

    of: Kind
    ordered: bool = True
    single: bool = False

    def to_api(self, value: Any) -> Any:
        if stands_in(value):
            return value
        items = [value] if self.single else value
        return [item if stands_in(item) else self.of.to_api(item) for item in items]

    def from_api(self, value: Any) -> Any:
        if value is None:
            return None
        items = [self.of.from_api(item) for item in value]
        return (items[0] if items else None) if self.single else items

    def same(self, old: Any, new: Any) -> bool:
        if self.single:
            return equal(self.of, old, new)
        mine, theirs = list(old or []), list(new or [])
        if len(mine) != len(theirs):
            return False
        if self.ordered:
            return all(equal(self.of, a, b) for a, b in zip(mine, theirs, strict=True))
        for item in mine:
            match = next((i for i, other in enumerate(theirs) if equal(self.of, item, other)), None)
            if match is None:
                return False
            del theirs[match]
        return True

    def reword(self, old: Any, new: Any) -> Any:
        if self.same(old, new):
            return old
        if not self.single and self.ordered and len(old) == len(new):
            return [b if stands_in(b) else self.of.reword(a, b) for a, b in zip(old, new, strict=True)]
        return new

    def strip(self, value: Any, said: Any = None) -> Any:
        return self.of.strip(value, said) if self.single else [self.of.strip(item) for item in value]

    def faults(self, path: str, value: Any) -> Iterator[Failure]:
        if self.single:
            yield from self.of.faults(path, value)
        elif not isinstance(value, list):
            yield Failure(path, f"{path}: {value!r} is not a list")
        else:
            for index, item in enumerate(value):
                if not stands_in(item):
                    yield from self.of.faults(f"{path}[{index}]", item)


class TextMap(Kind):
    """A map of texts."""

    def faults(self, path: str, value: Any) -> Iterator[Failure]:
        if not isinstance(value, dict):
            yield Failure(path, f"{path}: {value!r} is not a map")
            return
        for key, item in value.items():
            if not isinstance(item, str) and not stands_in(item):
                yield Failure(f"{path}.{key}", f"{path}.{key}: {item!r} is not a text")


def equal(kind: Kind, old: Any, new: Any) -> bool:
    """`kind.same`, where either side may be a stand-in: it equals only itself."""
    return bool(old == new) if stands_in(old) or stands_in(new) else kind.same(old, new)


def nearest(name: str, known: list[str]) -> str:
    """The known name that `name` was probably meant to be, as the end of a sentence."""
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else f"it serves {', '.join(sorted(known))}"


TEXT, INT, BOOL, BOOL_TEXT = Text(), Int(), Bool(), BoolText()
CIDR, JSON, POLICY, HOST_NAME, KEY, TEXT_MAP = Cidr(), Json(), Policy(), HostName(), KeyReference(), TextMap()
TEXTS, TEXT_SET = ListOf(TEXT), ListOf(TEXT, ordered=False)
