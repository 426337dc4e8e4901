"""Where two sets of inputs differ, as Pulumi's property paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from embedded.provider import UNKNOWN, Values

Change = Literal["add", "delete", "update"]

_PLAIN_KEY = re.compile(r"^[A-Za-z_$][\w$-]*$")


def differences(old: Values, new: Values) -> dict[str, Change]:
    """Property path -> what happened to it. Keys starting with "__" are the engine's own and never differ."""
    return dict(_walk(old, new, ""))


def top_level(path: str) -> str:
    """The property a path begins with: "spec" of "spec.template[0]"."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _walk(old: Any, new: Any, path: str) -> Iterator[tuple[str, Change]]:
    if new is UNKNOWN or old is UNKNOWN:
        yield path, "update"
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _walk_map(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _walk_list(old, new, path)
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield path, "update"


def _walk_map(old: Values, new: Values, path: str) -> Iterator[tuple[str, Change]]:
    for key in sorted(old.keys() | new.keys()):
        if key.startswith("__"):
            continue
        inner = _join(path, key)
        if old.get(key) is None and new.get(key) is None:
            continue
        if old.get(key) is None:
            yield inner, "add"
        elif new.get(key) is None:
            yield inner, "delete"
        else:
            yield from _walk(old[key], new[key], inner)


def _walk_list(old: list[Any], new: list[Any], path: str) -> Iterator[tuple[str, Change]]:
    for index in range(max(len(old), len(new))):
        inner = f"{path}[{index}]"
        if index >= len(old):
            yield inner, "add"
        elif index >= len(new):
            yield inner, "delete"
        else:
            yield from _walk(old[index], new[index], inner)


def _join(path: str, key: str) -> str:
    if not _PLAIN_KEY.match(key):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key
