"""Elastic Load Balancing keeps switches as attributes, pairs of texts: how properties are sent as such, and found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embedded.aws.kinds import Bool, Int, Kind, ListOf, stands_in
from embedded.aws.properties import Struct
from embedded.aws.rows import Leaf, Scope
from embedded.provider import Values


@dataclass(frozen=True)
class Attributes:
    """Dotted property path -> AWS's key of one kind of object; its answer is kept as `Attributes`."""

    keys: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The top-level properties that are attributes."""
        return tuple(dict.fromkeys(path.partition(".")[0] for path in self.keys))

    def changed(self, scope: Scope) -> list[Values] | None:
        """The API's list of those that are wanted otherwise than before; while creating, otherwise than by default."""
        pairs = []
        for path, key in self.keys.items():
            old, new = (_asked(inputs, path, scope.row.inputs) for inputs in (scope.old, scope.new))
            if new is not None and new != old:
                pairs.append({"Key": key, "Value": new if stands_in(new) else _text(new)})
        return pairs or None

    def has_changed(self, scope: Scope) -> bool:
        """A condition: there is an attribute to send."""
        return self.changed(scope) is not None

    def found(self, name: str) -> Leaf:
        """What AWS's attributes say of a top-level property."""
        mine = {path: key for path, key in self.keys.items() if path.partition(".")[0] == name}

        def leaf(scope: Scope) -> Any:
            texts = {pair["Key"]: pair["Value"] for pair in scope.search("Attributes") or []}
            kind = scope.row.inputs.by_name(name).kind
            told: Values = {}
            for path, key in mine.items():
                if key in texts:
                    _put(told, path, _plain(_kind_at(scope.row.inputs, path), texts[key]))
            value = told.get(name)
            return [value] if isinstance(kind, ListOf) and value is not None else value

        return leaf


def _asked(inputs: Values, path: str, struct: Struct) -> Any:
    name, _, rest = path.partition(".")
    prop = struct.by_name(name)
    value = inputs.get(name)
    if value is None:
        value = prop.default
    if not rest or not value:
        return value if not rest else None
    inner = value[0] if isinstance(value, list) else value
    return _asked(inner, rest, _struct(prop.kind))


def _kind_at(struct: Struct, path: str) -> Kind:
    name, _, rest = path.partition(".")
    kind = struct.by_name(name).kind
    return _kind_at(_struct(kind), rest) if rest else kind


def _struct(kind: Kind) -> Struct:
    inner = kind.of if isinstance(kind, ListOf) else kind
    if not isinstance(inner, Struct):
        raise TypeError(f"{inner} has no properties")
    return inner


def _put(values: Values, path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for name in outer:
        values = values.setdefault(name, {})
    values[last] = value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(kind: Kind, text: str) -> Any:
    if isinstance(kind, Bool):
        return text == "true"
    return int(text) if isinstance(kind, Int) else text
