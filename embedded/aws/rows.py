"""What a row of the resource table is: which API calls make, read, change and delete one Pulumi resource type.

A call's parameters are a template: literals, and functions of a `Scope` (`given("cidrBlock")`, `own_id`) that are
asked when the call is made. A part of a template that comes out as None is left out of the call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol

import jmespath  # type: ignore[import-untyped]

from embedded.aws.kinds import TEXT_MAP, stands_in
from embedded.aws.properties import Property, Struct
from embedded.provider import Values

Leaf = Callable[["Scope"], Any]
Template = Any


@dataclass
class Scope:
    """What the templates of one sequence of calls may ask for.

    new, old: inputs wanted and inputs before; known: what the id and the state say ("id", "clusterName");
    answers: what the calls so far answered, by the API's own names; planned: no call is made, results are named.
    """

    row: Row
    new: Values = field(default_factory=dict)
    old: Values = field(default_factory=dict)
    known: Values = field(default_factory=dict)
    answers: Values = field(default_factory=dict)
    region: str = ""
    account: Callable[[], str] = str
    planned: bool = False
    item: Any = None

    def value(self, name: str) -> Any:
        """An input, else its default, else None; in Pulumi's form."""
        value = self.new.get(name)
        return self.row.inputs.by_name(name).default if value is None else value

    def search(self, path: str) -> Any:
        """What earlier answers hold at a JMESPath."""
        return jmespath.search(path, self.answers)

    def changed(self, path: str) -> bool:
        """True if the inputs before and wanted ask for different things at a dotted property path."""
        name, _, rest = path.partition(".")
        prop, old, new = self.row.inputs.by_name(name), self.old.get(name), self.new.get(name)
        while rest and isinstance(prop.kind, Struct):
            name, _, rest = rest.partition(".")
            prop, old, new = prop.kind.by_name(name), (old or {}).get(name), (new or {}).get(name)
        return not prop.same(old, new)

    @property
    def tags(self) -> Values:
        """All tags wanted, the provider's default ones among them."""
        return self.new.get("tagsAll", self.new.get("tags")) or {}

    @property
    def old_tags(self) -> Values:
        return self.old.get("tagsAll", self.old.get("tags")) or {}


@dataclass(frozen=True)
class Call:
    """An API operation that changes something (or finds what a later call needs).

    tolerate: error codes that are as good as done; retry: those that AWS answers for a while only, as the real
    provider tries again; lingering: those that pass once what was deleted before has let go, which takes a while only
    in an unsteady cloud, so that elsewhere a wrong order is seen at once; each: a JMESPath over earlier answers: the
    call is made once per item (`scope.item`).
    """

    operation: str
    parameters: Mapping[str, Template]
    when: Callable[[Scope], bool] | None = None
    tolerate: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()
    lingering: tuple[str, ...] = ()
    each: str = ""

    @property
    def looks_up(self) -> bool:
        """True if the call changes nothing."""
        return self.operation.startswith(("Describe", "Get", "List"))


@dataclass(frozen=True)
class Read:
    """A describe operation; what `take` picks from its answer is kept as `into`. Nothing picked: the object is gone.

    each: a JMESPath over earlier answers; the call is made once per item (`scope.item`) and a list is kept.
    """

    operation: str
    parameters: Mapping[str, Template]
    take: str | Callable[[Scope, Values], Any]
    into: str
    each: str = ""


@dataclass(frozen=True)
class Update:
    """Calls to make when any of the dotted property paths `on` changed."""

    on: tuple[str, ...]
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Tagging:
    """Where a service's answers hold tags, and how they are added and removed."""

    found: str
    shape: TagShape
    add: Call
    remove: Call


@dataclass(frozen=True)
class Autoname:
    """The property that gets the logical name and seven hexadecimal digits when the program gives no name."""

    property: str
    limit: int
    prefix: str = ""


class Identity(Protocol):
    """How an id is made, and what an id says."""

    def of(self, scope: Scope) -> Any:
        """The id of the object that the scope's calls made or found."""

    def parts(self, resource_id: str) -> Values:
        """Property values that an id, of the state or given to an import, says."""


@dataclass(frozen=True)
class Assigned:
    """AWS chooses the id: `made` in the create call's answer, `read` in the describe's. Imports may say more."""

    made: str
    read: str
    import_as: tuple[str, ...] = ()
    separator: str = "/"
    clean: Callable[[str], str] = str

    def of(self, scope: Scope) -> Any:
        if scope.planned:
            return {"$result": self.made}
        found = scope.search(self.read) or scope.search(self.made)
        return None if found is None else self.clean(str(found))

    def parts(self, resource_id: str) -> Values:
        if self.import_as and self.separator in resource_id:
            return dict(zip(self.import_as, resource_id.split(self.separator), strict=False))
        return {"id": resource_id}


@dataclass(frozen=True)
class Named:
    """The id is made of inputs."""

    names: tuple[str, ...]
    separator: str = ""

    def of(self, scope: Scope) -> Any:
        values = [scope.value(name) if name in scope.new else scope.known.get(name) for name in self.names]
        if len(values) == 1:
            return values[0]
        return self.separator.join(str(value) for value in values)

    def parts(self, resource_id: str) -> Values:
        if not self.separator:
            return {"id": resource_id, self.names[0]: resource_id}
        split = resource_id.split(self.separator, len(self.names) - 1)
        return {"id": resource_id} | dict(zip(self.names, split, strict=False))


@dataclass(frozen=True, kw_only=True)
class Row:
    """One Pulumi resource type.

    executed: by moto; modelled: on operations that this project models because moto lacks them.
    exclusive: groups of properties of which exactly one must be given.
    delete_first: a replacement deletes the old object before it makes the new one, as both would be the same.
    pending: a JMESPath that is true while AWS is still working on the object; settling: one that is true of an object
    that may yet become well by itself; ill: what is wrong with a made object.
    """

    type: str
    service: str
    identity: Identity
    properties: tuple[Property, ...]
    create: tuple[Call, ...]
    read: tuple[Read, ...]
    update: tuple[Update, ...] = ()
    delete: tuple[Call, ...] = ()
    tagging: Tagging | None = None
    autoname: Autoname | None = None
    exclusive: tuple[tuple[str, ...], ...] = ()
    pending: str = ""
    settling: str = ""
    ill: Callable[[Scope], list[str]] | None = None
    delete_first: bool = False
    regional: bool = True
    execution: Literal["executed", "modelled"] = "executed"

    @cached_property
    def inputs(self) -> Struct:
        """All properties, those that every taggable or regional type has among them."""
        own = self.properties
        if self.tagging:
            own += (Property(name="tags", kind=TEXT_MAP), Property(name="tagsAll", kind=TEXT_MAP))
        if self.regional:
            own += (Property(name="region", computed=True, found=lambda scope: scope.region, replaces=REGION),)
        return Struct(own)


REGION = "terraform-provider-aws internal/provider: forceNewIfRegionChanges"
TagShape = Literal["Key", "TagKey", "map"]


def render(template: Template, scope: Scope) -> Any:
    """The template's value in a scope; None, or an object or list left with nothing in it, is left out."""
    if callable(template):
        return template(scope)
    if isinstance(template, Mapping):
        rendered = {key: render(item, scope) for key, item in template.items()}
        kept = {key: item for key, item in rendered.items() if item is not None}
        return kept if kept or not template else None
    if isinstance(template, list):
        items = [item for item in (render(item, scope) for item in template) if item is not None]
        return items if items or not template else None
    return template


def given(name: str, pick: str = "") -> Leaf:
    """The input `name` (else its default) in the API's form, or what the JMESPath `pick` finds in it."""

    def leaf(scope: Scope) -> Any:
        value = scope.value(name)
        if value is None or stands_in(value):
            return value
        sent = scope.row.inputs.by_name(name).kind.to_api(value)
        return jmespath.search(pick, sent) if pick else sent

    return leaf


def part(name: str) -> Leaf:
    """What the id or the state says of `name`; while creating, the input."""
    return lambda scope: scope.value(name) if name in scope.new else scope.known.get(name)


def result(path: str, many: bool = False) -> Leaf:
    """What earlier answers of this sequence hold at a JMESPath; a list if `many`."""

    def leaf(scope: Scope) -> Any:
        if scope.planned:
            return [{"$result": path}] if many else {"$result": path}
        return scope.search(path)

    return leaf


def own_id(scope: Scope) -> Any:
    """The resource's id."""
    return scope.known.get("id") or scope.row.identity.of(scope)


def unlike_default(name: str) -> Callable[[Scope], bool]:
    """A condition: the input is given and is not the provider's default."""
    return lambda scope: scope.new.get(name) is not None and scope.new[name] != scope.row.inputs.by_name(name).default


def has_result(path: str) -> Callable[[Scope], bool]:
    """A condition: earlier answers hold something at a JMESPath."""
    return lambda scope: scope.planned or bool(scope.search(path))
