"""Pure: a region's resources taken out of one stack's state and put into another's, as the engine exports them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from automation.errors import Refused
from embedded.stack_folder import PROJECT_NAME

Resource = Mapping[str, Any]
_REGION, _STACK = "gameregions:stacks:GameRegion", "pulumi:pulumi:Stack"
# sdk/go/common/resource/sig: how the engine marks a value that refers to a resource.
_SIGNATURE, _REFERENCE = "4dabf18193072939515e22adb298388d", "5cf8f73096256a8f31e491e813e4eb8e"


def root_urn(stack: str) -> str:
    """The URN of a stack's own resource, of which all others are descendants."""
    return f"urn:pulumi:{stack}::{PROJECT_NAME}::{_STACK}::{PROJECT_NAME}-{stack}"


@dataclass(frozen=True, kw_only=True)
class Move:
    """A region on its way between two exported deployments, neither of which is changed. Refused by whatever forbids
    it, in one sentence each.
    """

    region: str
    source: str
    target: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]

    def refuse(self) -> None:
        """Refused unless it can be done, or was half done by a run that was cut off."""
        for stack, deployment in ((self.source, self.old), (self.target, self.new)):
            if deployment.get("pending_operations"):
                raise Refused(
                    f"move {self.region}: stack {stack} holds an interrupted run", f"./regions recover {stack} first"
                )
        if self._component not in {found["urn"] for found in self._resources(self.old)}:
            known = ", ".join(_regions(self._resources(self.old))) or "none"
            raise Refused(f"move {self.region}: the state of stack {self.source} has no such region; it has {known}")
        self._refuse_ties()
        if self.region in _regions(self._resources(self.new)) and not self.half_done:
            raise Refused(f"move {self.region}: the state of stack {self.target} has a region of this name already")
        taken = {found["urn"] for found in self._resources(self.new)} & {found["urn"] for found in self.moved()}
        if taken and not self.half_done:
            raise Refused(f"move {self.region}: the state of stack {self.target} has {min(taken)} already")

    @property
    def half_done(self) -> bool:
        """True if the target holds all of the same objects already."""
        held = {(found["urn"], found.get("id")) for found in self._resources(self.new)}
        return held >= {(found["urn"], found.get("id")) for found in self.moved()}

    def moved(self) -> list[dict[str, Any]]:
        """The region's resources as the target writes them, in their order."""
        ours = self._ours
        return [self._rewritten(found) for found in self._resources(self.old) if found["urn"] in ours]

    @property
    def leaves_nothing(self) -> bool:
        """True if the source then holds nothing but its own stack resource."""
        return all(found["type"] == _STACK for found in self.source_without()["resources"])

    def source_without(self) -> dict[str, Any]:
        """The source's deployment without the region."""
        ours = self._ours
        kept = [found for found in self._resources(self.old) if found["urn"] not in ours]
        return {**self.old, "resources": kept}

    def target_with(self) -> dict[str, Any]:
        """The target's deployment with the region, below a stack resource of its own where it had none yet."""
        there = [dict(found) for found in self._resources(self.new)]
        if root_urn(self.target) not in {found["urn"] for found in there}:
            there.insert(0, {"urn": root_urn(self.target), "custom": False, "type": _STACK})
        return {**self.new, "resources": [*there, *self.moved()]}

    @property
    def _component(self) -> str:
        return f"urn:pulumi:{self.source}::{PROJECT_NAME}::{_REGION}::{self.region}"

    @staticmethod
    def _resources(deployment: Mapping[str, Any]) -> list[Resource]:
        return list(deployment.get("resources") or [])

    @property
    def _ours(self) -> frozenset[str]:
        """URNs of the region, of all below it, and of the providers that serve nothing else."""
        resources = self._resources(self.old)
        ours = {self._component}
        for found in resources:  # parents stand before their children
            if found.get("parent") in ours:
                ours.add(found["urn"])
        serves: dict[str, set[bool]] = {}
        for found in resources:
            serves.setdefault(_provider(found), set()).add(found["urn"] in ours)
        own = {found["urn"] for found in resources if serves.get(found["urn"]) == {True}}
        return frozenset(ours | own)

    def _refuse_ties(self) -> None:
        """Nothing that moves may need what stays, nor the other way round."""
        ours, known = self._ours, {found["urn"] for found in self._resources(self.old)}
        for found in self._resources(self.old):
            inside = found["urn"] in ours
            for urn in _needs(found):
                if urn in known and (urn in ours) != inside and urn != root_urn(self.source):
                    staying, going = (urn, found["urn"]) if inside else (found["urn"], urn)
                    raise Refused(
                        f"move {self.region}: {staying} stays in stack {self.source} and is tied to {going}",
                        f"take away first what ties them (peering, edge) in Pulumi.{self.source}.yaml and run up",
                    )

    def _rewritten(self, found: Resource) -> dict[str, Any]:
        written: dict[str, Any] = {
            key: self._references(value) if key in ("inputs", "outputs") else self._renamed(value)
            for key, value in found.items()
        }
        return written

    def _renamed(self, value: Any) -> Any:
        """URNs of the source anywhere in the engine's own fields: parent, provider, dependencies, ..."""
        if isinstance(value, str):
            if value == root_urn(self.source):
                return root_urn(self.target)
            before = f"urn:pulumi:{self.source}::"
            return f"urn:pulumi:{self.target}::{value[len(before) :]}" if value.startswith(before) else value
        if isinstance(value, list):
            return [self._renamed(item) for item in value]
        if isinstance(value, dict):
            return {key: self._renamed(item) for key, item in value.items()}
        return value

    def _references(self, value: Any) -> Any:
        """References to resources in a resource's values; all else stays, for it is what the cloud really holds: the
        tag with the URN too, which the next up writes anew.
        """
        if isinstance(value, list):
            return [self._references(item) for item in value]
        if isinstance(value, dict):
            if value.get(_SIGNATURE) == _REFERENCE:
                return {**value, "urn": self._renamed(value["urn"])}
            return {key: self._references(item) for key, item in value.items()}
        return value


def _regions(resources: Iterable[Resource]) -> list[str]:
    return [found["urn"].rsplit("::", 1)[1] for found in resources if found["type"] == _REGION]


def _provider(found: Resource) -> str:
    """The URN of a resource's provider, which the engine writes as `urn::id`."""
    return str(found.get("provider", "")).rpartition("::")[0]


def _needs(found: Resource) -> Iterator[str]:
    """URNs that a resource's entry in the state refers to."""
    yield from (urn for urn in (found.get("parent"), _provider(found), found.get("deletedWith")) if urn)
    yield from found.get("dependencies") or []
    for urns in (found.get("propertyDependencies") or {}).values():
        yield from urns or []
