"""Parts that checks are made of. A check takes a value of one type and its path, and yields what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

from embedded.kubernetes.errors import Problem, join
from embedded.kubernetes.names import Syntax
from embedded.provider import UNKNOWN, Values

Check = Callable[[Values, str], Iterator[Problem]]


def one_of(value: Values, path: str, field: str, allowed: Iterable[str]) -> Iterator[Problem]:
    """The field, or each of its items if it is a list, is one of `allowed`."""
    given = value.get(field)
    for item in given if isinstance(given, list) else [given]:
        if isinstance(item, str) and item not in allowed:
            choices = ", ".join(choice or '""' for choice in allowed)
            yield Problem(join(path, field), f'"{item}" is not supported; use one of {choices}')


def between(value: Values, path: str, field: str, low: int, high: int | None) -> Iterator[Problem]:
    """The number in the field lies in the bounds."""
    number = value.get(field)
    if isinstance(number, int) and (number < low or (high is not None and number > high)):
        bounds = f"{low} or more" if high is None else f"{low} to {high}"
        yield Problem(join(path, field), f"{number} is out of bounds; it must be {bounds}")


def written(value: Values, path: str, field: str, syntax: Syntax) -> Iterator[Problem]:
    """The text in the field, or each of its items if it is a list, has this syntax."""
    given = value.get(field)
    for item in given if isinstance(given, list) else [given]:
        if isinstance(item, str) and (reason := syntax(item)):
            yield Problem(join(path, field), reason)


def unique(items: Iterable[Values], path: str, *keys: str) -> Iterator[Problem]:
    """No two items have the same values in all of `keys`."""
    seen: set[Hashable] = set()
    for index, item in enumerate(items):
        identity = tuple(item.get(key) for key in keys)
        if all(part is None or part is UNKNOWN for part in identity):
            continue
        if identity in seen:
            shown = ", ".join(f"{key} {part}" for key, part in zip(keys, identity, strict=True) if part is not None)
            yield Problem(f"{path}[{index}]", f"duplicate {shown}")
        seen.add(identity)


def exactly_one(value: Values, path: str, fields: Iterable[str], what: str) -> Iterator[Problem]:
    """Exactly one of the fields is set."""
    fields = list(fields)
    given = [field for field in fields if field in value]
    if not given:
        yield Problem(path, f"{what}: one of {', '.join(fields)} is required")
    elif len(given) > 1:
        yield Problem(path, f"{what}: only one of {', '.join(given)} may be set")


class NotYetKnown(Exception):
    """A check came upon a value that is not known yet, and can go no further."""


def items_of(value: Values, field: str) -> list[Values]:
    """The objects in a list field; empty if the field is missing. NotYetKnown if one of them is."""
    found = value.get(field)
    if found is UNKNOWN or (isinstance(found, list) and UNKNOWN in found):
        raise NotYetKnown
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def map_of(value: Values, field: str) -> dict[str, Any]:
    """The object or map in a field; empty if the field is missing. NotYetKnown if it is."""
    if value.get(field) is UNKNOWN:
        raise NotYetKnown
    return known_map(value, field)


def known_map(value: Values, field: str) -> dict[str, Any]:
    """The object or map in a field; empty if the field is missing or not known yet."""
    found = value.get(field)
    return found if isinstance(found, dict) else {}
