"""A property of a resource or of an object inside one, and the objects (`Struct`) that properties make up.

One rule decides what an input says, nested or not: an absent property means its default; no longer saying what AWS
chooses otherwise (`computed`) leaves it as it is; the rest is compared by the property's kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embedded.aws.kinds import TEXT, Kind, equal, is_empty, nearest, stands_in
from embedded.provider import UNKNOWN, Failure, Values

if TYPE_CHECKING:
    from embedded.aws.rows import Scope


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property: Pulumi `name`, and how it is sent, found, defaulted, compared and replaced.

    api: name inside the API's object (nested properties only); the Pulumi name if empty.
    found: where the describe answers hold it: a JMESPath expression or a function (top-level properties only);
        empty for what AWS is told but never tells, which then lives in the state alone.
    default: what the real provider assumes; `computed`: AWS chooses when absent; `output`: never an input.
    replaces: why a change cannot be made in place, with its source; empty if it can.
    replaces_if: limits `replaces` to some changes (old value, new value).
    moves_with: inputs whose change moves this output, so that a preview must not promise the old value.
    """

    name: str
    kind: Kind = TEXT
    api: str = ""
    found: str | Callable[[Scope], Any] = ""
    default: Any = None
    required: bool = False
    computed: bool = False
    output: bool = False
    replaces: str = ""
    replaces_if: Callable[[Any, Any], bool] | None = None
    moves_with: tuple[str, ...] = ()

    @property
    def api_name(self) -> str:
        return self.api or self.name

    def same(self, old: Any, new: Any) -> bool:
        """True if the two inputs ask AWS for the same."""
        old = self.default if old is None else old
        new = self.default if new is None else new
        if (is_empty(old) and is_empty(new)) or (self.computed and new is None):
            return True
        if isinstance(self.kind, Struct):
            return equal(self.kind, old or {}, new or {})
        if old is None or new is None:
            return False
        return equal(self.kind, old, new)

    def reword(self, old: Any, new: Any) -> Any:
        """`new` in the words of `old` wherever they mean the same; None for absent."""
        if self.same(old, new):
            return old
        if old is None or new is None or stands_in(old) or stands_in(new):
            return new
        return self.kind.reword(old, new)

    def needs_saying(self, value: Any) -> bool:
        """True unless leaving the property out would say the same."""
        if value is None:
            return False
        if self.required:
            return True
        return not is_empty(value) if self.computed else not self.same(None, value)


@dataclass(frozen=True)
class Struct(Kind):
    """An object of known properties."""

    properties: tuple[Property, ...]

    def inputs(self) -> Iterator[Property]:
        return (prop for prop in self.properties if not prop.output)

    def to_api(self, value: Any) -> Any:
        if stands_in(value):
            return value
        sent = {}
        for prop in self.inputs():
            item = value.get(prop.name, prop.default)
            if item is not None:
                sent[prop.api_name] = item if stands_in(item) else prop.kind.to_api(item)
        return sent

    def from_api(self, value: Any) -> Any:
        if value is None:
            return None
        found = ((prop, value.get(prop.api_name)) for prop in self.properties)
        return {prop.name: prop.kind.from_api(item) for prop, item in found if item is not None}

    def same(self, old: Any, new: Any) -> bool:
        return all(prop.same(old.get(prop.name), new.get(prop.name)) for prop in self.inputs())

    def reword(self, old: Any, new: Any) -> Values:
        worded = {prop.name: prop.reword(old.get(prop.name), new.get(prop.name)) for prop in self.inputs()}
        return {name: value for name, value in worded.items() if value is not None}

    def strip(self, value: Any, said: Any = None) -> Values:
        kept = {}
        for prop in self.inputs():
            item, before = value.get(prop.name), None if said is None else said.get(prop.name)
            # Once something was said, what AWS chose beside it stays unsaid.
            chosen = prop.computed and said is not None
            if (before is not None and item is not None) or (prop.needs_saying(item) and not chosen):
                kept[prop.name] = prop.kind.strip(item, None if said is None else before or {})
        return kept

    def fill(self, value: Any) -> Values:
        """Absent properties added: defaults where there is one, UNKNOWN where AWS chooses."""
        filled: Values = dict(value)
        for prop in self.properties:
            given = value.get(prop.name)
            if given is not None:
                filled[prop.name] = given if stands_in(given) else prop.kind.fill(given)
            elif prop.output or prop.computed:
                filled[prop.name] = UNKNOWN
            elif prop.default is not None:
                filled[prop.name] = prop.default
        return filled

    def merge(self, found: Values, said: Values) -> Values:
        """Outputs: what AWS answered, in the words of the inputs where they are said at all."""
        merged = dict(found)
        for prop in self.inputs():
            mine, theirs = said.get(prop.name), found.get(prop.name)
            if mine is None:
                continue
            both = isinstance(mine, dict) and isinstance(theirs, dict) and isinstance(prop.kind, Struct)
            merged[prop.name] = prop.kind.merge(theirs, mine) if both else mine  # type: ignore[attr-defined]
        return merged

    def replacements(self, old: Values, new: Values, path: str = "") -> Iterator[str]:
        """Paths of the properties whose change replaces the resource."""
        for prop in self.inputs():
            here, mine, theirs = f"{path}{prop.name}", old.get(prop.name), new.get(prop.name)
            if isinstance(prop.kind, Struct) and not prop.replaces:
                if not stands_in(mine) and not stands_in(theirs):
                    yield from prop.kind.replacements(mine or {}, theirs or {}, f"{here}.")
            elif prop.replaces and not prop.same(mine, theirs) and (prop.replaces_if or _always)(mine, theirs):
                yield here

    def faults(self, path: str, value: Any) -> Iterator[Failure]:
        if not isinstance(value, dict):
            yield Failure(path, f"{path}: {value!r} is not an object")
            return
        prefix = f"{path}." if path else ""
        known = {prop.name: prop for prop in self.properties}
        for name, item in value.items():
            here = f"{prefix}{name}"
            if name not in known:
                served = [prop.name for prop in self.inputs()]
                yield Failure(here, f"{here}: the embedded cloud does not serve this property; {nearest(name, served)}")
            elif known[name].output:
                yield Failure(here, f"{here}: AWS sets this value; remove it from the inputs")
            elif item is not None and not stands_in(item):
                yield from known[name].kind.faults(here, item)
        for prop in self.inputs():
            if prop.required and value.get(prop.name) is None:
                yield Failure(f"{prefix}{prop.name}", f"{prefix}{prop.name}: this property is required; set it")

    def by_name(self, name: str) -> Property:
        return next(prop for prop in self.properties if prop.name == name)


def _always(_old: Any, _new: Any) -> bool:
    return True


def removed(old: Any, new: Any) -> bool:
    """A condition for `replaces_if`: the property was set and no longer is."""
    return old is not None and new is None


def appeared_or_gone(old: Any, new: Any) -> bool:
    """A condition for `replaces_if`: the property was not set and is, or was and is not."""
    return (old is None) != (new is None)
