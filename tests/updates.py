"""Old settings against new: what an update would do to each resource, without a cloud.

Whether a change is made in place is asked of the tables that the embedded cloud and the guard go by: the rows of the
AWS types, the fields that pulumi-kubernetes replaces for, the names of Helm releases. As in a preview, an output that
an operation moves is not known to whoever uses it, and a property that is not known has changed.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from automation.guard import Step
from embedded.aws.types import row_of
from embedded.differences import differences, top_level
from embedded.kubernetes import immutable
from embedded.kubernetes.kinds import PATCH, RELEASE, Kind
from embedded.kubernetes.provider_settings import cluster_change
from embedded.kubernetes.releases import REPLACES
from embedded.provider import UNKNOWN, Values
from plan.document import record_stack
from plan.recorder import Recording
from plan.registration import PROVIDER_PREFIX, RecordedResource
from plan.values import SECRET
from stacks.settings import parse_settings, read_stack_file
from tests.shipped import ROOT

Edit = Callable[[dict[str, Any]], object]
# "update", "replace", "create" or "delete" by "Type logical-name"; what stays as it is is not in it.
Operations = dict[str, str]

_IN_PLACE = {"ConfigMap": "enableConfigMapMutable", "Secret": "enableSecretMutable"}


def recorded(stack: str, edit: Edit) -> Recording:
    """The shipped stack after `edit` of its settings."""
    raw = copy.deepcopy(dict(read_stack_file(ROOT / f"Pulumi.{stack}.yaml")))
    edit(raw)
    return record_stack(stack, parse_settings(raw))


def operations(steps: list[Step]) -> Operations:
    """The operation of each step, components left out."""
    return {f"{step.type.rpartition(':')[2]} {step.name}": step.operation for step in steps}


def update(old: Recording, new: Recording) -> list[Step]:
    """The steps from one recording to the other. AssertionError for a change that an API would refuse."""
    before, after = old.by_urn(), new.by_urn()
    comparison = _Comparison(before, after)
    found = dict.fromkeys(after.keys() - before.keys(), "create")
    found |= dict.fromkeys(before.keys() - after.keys(), "delete")
    found |= comparison.run()
    return [
        Step(
            operation=found[urn],
            urn=urn,
            type=resource.type,
            changed=comparison.changed(urn),
            old=before[urn].resolved if urn in before else None,
            new=after[urn].resolved if urn in after else None,
        )
        for urn in sorted(found)
        if (resource := after.get(urn) or before[urn]).custom
    ]


class _Comparison:
    """The resources of both recordings, and the outputs that the operations found so far make unknown."""

    def __init__(self, before: Mapping[str, RecordedResource], after: Mapping[str, RecordedResource]) -> None:
        self._before, self._after = before, after
        self._users: dict[str, list[str]] = {}
        for resource in after.values():
            for urn in resource.depends_on:
                self._users.setdefault(urn, []).append(resource.urn)
        self._moved: dict[str, set[str]] = {}  # how references to them begin, by URN

    def run(self) -> dict[str, str]:
        """The operation on each resource of both that has one, by URN."""
        found: dict[str, str] = {}
        waiting = sorted(self._before.keys() & self._after.keys())
        while waiting:
            urn = waiting.pop()
            operation, moved = self._operation(self._before[urn], self._after[urn])
            if operation:
                found[urn] = operation
            if moved - self._moved.get(urn, set()):
                self._moved[urn] = moved
                waiting += [user for user in self._users.get(urn, []) if user in self._before]
        return found

    def changed(self, urn: str) -> tuple[str, ...]:
        """The top-level properties that differ, empty for what is in one recording only."""
        if urn not in self._before or urn not in self._after:
            return ()
        old, new = self._before[urn].resolved, self._unknown(self._after[urn], self._after[urn].resolved)
        return tuple(sorted({top_level(path) for path in differences(old, new)}))

    def _operation(self, old: RecordedResource, new: RecordedResource) -> tuple[str, set[str]]:
        wanted = self._unknown(new, new.resolved)
        for path in new.options["ignoreChanges"]:
            wanted = _kept(old.resolved, wanted, path.split("."))
        if old.provider != new.provider:
            return "replace", {f"${{{new.urn}#"}
        if new.type.startswith("aws:"):
            return _on_aws(new, old.resolved, wanted)
        changed = list(differences(old.resolved, wanted))
        if not changed:
            return "", set()
        if self._replacing(new, old.resolved, wanted, changed):
            return "replace", {f"${{{new.urn}#"}
        # Every upgrade of a release is another revision of it.
        return "update", {f"${{{new.urn}#status"} if new.type == RELEASE else set()

    def _replacing(self, new: RecordedResource, old: Values, wanted: Values, changed: list[str]) -> bool:
        if new.type.startswith(PROVIDER_PREFIX):
            return new.type.endswith(":kubernetes") and bool(cluster_change(old, wanted))
        if new.type == RELEASE:
            return any(path in REPLACES for path in changed)
        if new.type.endswith(PATCH):
            return any(path in ("metadata.name", "metadata.namespace") for path in changed)
        if new.type.startswith("kubernetes:"):
            kind = _kind(new.type)
            mutable = self._after[new.provider or ""].resolved.get(_IN_PLACE.get(kind.name, "")) == "true"
            if immutable.replacing(kind, changed, mutable):
                return True
            refused = immutable.refused_changes(kind, old, wanted)
            assert not refused, f"{new.urn}: the cluster would refuse {refused}"
            return False
        assert new.type.startswith("random:"), f"{new.type}: no table says what replaces it"
        return True

    def _unknown(self, resource: RecordedResource, value: Any) -> Any:
        """The value with UNKNOWN for what uses an output that has moved."""
        gone = [start for urn in resource.depends_on for start in self._moved.get(urn, ())]
        if any(self._after[urn].type.startswith("random:") for urn in resource.depends_on if urn in self._moved):
            gone.append(SECRET)  # the recording keeps no secret, nor whose it is
        return _replaced(value, gone) if gone else value


def _on_aws(new: RecordedResource, old: Values, wanted: Values) -> tuple[str, set[str]]:
    row = row_of(new.type)
    worded = row.inputs.reword(old, wanted) | {name: wanted[name] for name in ("tags",) if name in wanted}
    if not differences(old, worded):
        return "", set()
    if any(row.inputs.replacements(old, worded)):
        return "replace", {f"${{{new.urn}#"}
    changed = {top_level(path) for path in differences(old, worded)}
    return "update", {f"${{{new.urn}#{prop.name}" for prop in row.properties if changed & set(prop.moves_with)}


def _kind(type_: str) -> Kind:
    _, group_version, name = type_.split(":")
    group, _, version = group_version.rpartition("/")
    return Kind("" if group == "core" else group, version, name)


def _replaced(value: Any, gone: list[str]) -> Any:
    if isinstance(value, str):
        return UNKNOWN if any(start in value for start in gone) else value
    if isinstance(value, dict):
        return {key: _replaced(item, gone) for key, item in value.items()}
    return [_replaced(item, gone) for item in value] if isinstance(value, list) else value


def _kept(old: Values, new: Values, path: list[str]) -> Values:
    """`new` with what `old` has at the path, as the engine does for a change that is ignored."""
    key, *rest = path
    if key not in old or (rest and not isinstance(new.get(key), dict)):
        return new
    return {**new, key: _kept(old[key], new[key], rest) if rest else old[key]}
