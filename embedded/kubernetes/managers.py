"""Several managers of one object: what each of them holds, and where two want different things.

Source: k8s.io/apimachinery managedfields and sigs.k8s.io/structured-merge-diff (merge.Updater.Apply).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

from embedded.kubernetes.errors import ApiError
from embedded.kubernetes.ownership import Fields, items_of_list, owned_fields, united
from embedded.kubernetes.schemas import Shape
from embedded.provider import Values

Path = tuple[str, ...]
_ABSENT = object()


@dataclass(frozen=True)
class Taken:
    """A field that a manager holds and another wants otherwise."""

    manager: str
    api_version: str
    path: Path


@dataclass(frozen=True)
class Held:
    """The fields of an object as one manager sees them: its own, and the managedFields entries of all others."""

    mine: Fields
    others: tuple[Values, ...]

    @classmethod
    def of(cls, live: Values, manager: str) -> Held:
        """Read from metadata.managedFields."""
        entries = live["metadata"].get("managedFields", [])
        mine: Fields = next((entry["fieldsV1"] for entry in entries if entry["manager"] == manager), {})
        return cls(mine, tuple(entry for entry in entries if entry["manager"] != manager))

    def theirs(self) -> Fields | None:
        """All that the others hold; None if there are no others."""
        return reduce(united, (entry["fieldsV1"] for entry in self.others)) if self.others else None

    def conflicts(self, wanted: Values, live: Values, shape: Shape) -> list[Taken]:
        """Fields of `wanted` that another manager holds with another value."""
        stated = set(_leaves(owned_fields(wanted, shape)))
        return [
            Taken(entry["manager"], entry["apiVersion"], path)
            for entry in self.others
            for path in _leaves(entry["fieldsV1"])
            if path in stated and _at(wanted, path, shape) != _at(live, path, shape)
        ]

    def without(self, taken: Iterable[Taken]) -> list[Values]:
        """The entries of the others, without the fields taken from them."""
        gone = {(item.manager, item.path) for item in taken}
        kept = []
        for entry in self.others:
            paths = list(_leaves(entry["fieldsV1"]))
            left = [path for path in paths if (entry["manager"], path) not in gone]
            if len(left) == len(paths):
                kept.append(entry)
            elif left:
                kept.append(entry | {"fieldsV1": _tree(left)})
        return kept


def by_hand(holders: Iterable[str]) -> bool:
    """Whether people alone hold the fields: kubectl names itself, and what it was told to do (`kubectl-edit`).

    What the program says of such a field counts again; one that a controller holds is a conflict.
    """
    return all(holder.startswith("kubectl") for holder in holders)


def conflict(taken: list[Taken]) -> ApiError:
    """409, as the API server words it."""
    listed = "; ".join(f'"{item.manager}" using {item.api_version}: {_written(item.path)}' for item in taken)
    count = f"{len(taken)} conflict{'s' if len(taken) > 1 else ''}"
    return ApiError(409, "Conflict", f"Apply failed with {count}: conflict with {listed}")


def _leaves(fields: Fields, path: Path = ()) -> Iterator[Path]:
    for key, inner in fields.items():
        if key.startswith("i:"):
            yield path  # a list that is not merged has one owner, whatever is kept of its items
            return
        if inner:
            yield from _leaves(inner, (*path, key))
        else:
            yield *path, key


def _tree(paths: Iterable[Path]) -> Fields:
    result: Fields = {}
    for path in paths:
        place = result
        for key in path:
            place = place.setdefault(key, {})
    return result


def _at(value: Any, path: Path, shape: Shape) -> Any:
    for key in path:
        kind, _, name = key.partition(":")
        if kind == "f":
            value, shape = value.get(name, _ABSENT) if isinstance(value, dict) else _ABSENT, shape.field(name)
        elif kind in ("k", "v") and isinstance(value, list):
            value, shape = dict(items_of_list(value, shape)).get(key, _ABSENT), shape.item
        elif kind == ".":
            return value is not _ABSENT
    return value


def _written(path: Path) -> str:
    steps = (f".{key[2:]}" if key.startswith("f:") else f"[{key[2:]}]" for key in path if key != ".")
    return "".join(steps)
