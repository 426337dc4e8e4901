"""Patches of objects that somebody else made (`kubernetes:core/v1:NamespacePatch` and its like): server-side apply.

Each patch is a field manager of its own. What it no longer states goes if no other manager states it; deleting the
patch lets go of all its fields and leaves the object. A field that another manager holds with another value is a
conflict, unless the annotation pulumi.com/patchForce says to take it.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator
from typing import Final

from embedded.kubernetes.checks.basics import known_map
from embedded.kubernetes.connection import ClusterGone, Resources, place, plain
from embedded.kubernetes.custom import ClusterSchemas
from embedded.kubernetes.errors import Problem
from embedded.kubernetes.inputs import refreshed
from embedded.kubernetes.kinds import PATCH, Kind
from embedded.kubernetes.managers import Held
from embedded.kubernetes.objects import FORCE, MANAGER, id_of, kind_of, outputs_of, served
from embedded.kubernetes.ownership import own_part
from embedded.kubernetes.schemas import UnknownKind
from embedded.provider import UNKNOWN, Failure, Replacement, Target, Values

_MANAGER: Final = "pulumi.com/patchFieldManager"
_MANAGER_KEY: Final = "__fieldManager"


class PatchResources(Resources):
    """Patches of one cluster's objects."""

    def check(self, target: Target, old: Values | None, new: Values) -> tuple[Values, list[Failure]]:
        del old
        schemas = self.connection.schemas()
        try:
            kind = kind_of(target.type.removesuffix(PATCH), schemas)
        except UnknownKind as unknown:
            return new, [Failure("kind", str(unknown))]
        checked = {"apiVersion": kind.api_version, "kind": kind.name, **copy.deepcopy(new)}
        metadata = checked.setdefault("metadata", {})
        if isinstance(metadata, dict) and kind.namespaced and not metadata.get("namespace"):
            metadata["namespace"] = self.connection.settings.namespace
        problems = _problems(schemas, kind, plain(checked))
        return checked, [Failure(problem.path, problem.reason) for problem in problems]

    def replacement(
        self, target: Target, resource_id: str, old_inputs: Values, new_inputs: Values, changed: list[str]
    ) -> Replacement:
        del target, resource_id, old_inputs, new_inputs
        return Replacement(tuple(path for path in changed if path in ("metadata.name", "metadata.namespace")))

    def create(self, target: Target, inputs: Values) -> tuple[str, Values]:
        kind = served(_whole(target), self.connection.schemas())
        manager = _manager(target, inputs, {})
        live = self._applied(inputs, manager)
        return id_of(kind, live), outputs_of(live) | {_MANAGER_KEY: manager}

    def update(
        self, target: Target, resource_id: str, old_inputs: Values, old_outputs: Values, new_inputs: Values
    ) -> Values:
        before, after = _manager(target, old_inputs, old_outputs), _manager(target, new_inputs, old_outputs)
        if before != after:
            self._let_go(served(_whole(target), self.connection.schemas()), resource_id, before)
        return outputs_of(self._applied(new_inputs, after)) | {_MANAGER_KEY: after}

    def read(
        self, target: Target, resource_id: str, inputs: Values | None, outputs: Values | None
    ) -> tuple[str, Values, Values] | None:
        schemas = self.connection.schemas()
        kind = served(_whole(target), schemas)
        try:
            live = self.connection.live(kind, resource_id)
        except ClusterGone:
            if self.connection.settings.delete_unreachable:
                return None
            raise
        if live is None:
            return None
        manager = _manager(target, inputs or {}, outputs or {})
        shape = schemas.shape(kind)
        if inputs is None:
            identity = {key: live["metadata"][key] for key in ("name", "namespace") if key in live["metadata"]}
            stated = own_part(live, Held.of(live, manager).mine, shape)
            stated["metadata"] = identity | stated.get("metadata", {})
            now = {"apiVersion": live["apiVersion"], "kind": live["kind"], **stated}
        else:
            now = refreshed(live, inputs, shape)
        return id_of(kind, live), now, outputs_of(live) | {_MANAGER_KEY: manager}

    def delete(self, target: Target, resource_id: str, inputs: Values, outputs: Values) -> None:
        kind = served(_whole(target), self.connection.schemas())
        if self.connection.live(kind, resource_id) is not None:
            self._let_go(kind, resource_id, _manager(target, inputs, outputs))

    def secret_properties(self, target: Target) -> frozenset[str]:
        return frozenset({"data", "stringData"}) if target.type == "kubernetes:core/v1:SecretPatch" else frozenset()

    def _applied(self, inputs: Values, manager: str) -> Values:
        force = known_map(known_map(inputs, "metadata"), "annotations").get(FORCE) == "true"
        return self.connection.call(lambda api: api.apply(plain(inputs), manager, force=force, must_exist=True))

    def _let_go(self, kind: Kind, resource_id: str, manager: str) -> None:
        namespace, name = place(resource_id)
        metadata = {"name": name} | ({"namespace": namespace} if kind.namespaced else {})
        nothing = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata}
        self.connection.call(lambda api: api.apply(nothing, manager, must_exist=True))


def _problems(schemas: ClusterSchemas, kind: Kind, value: Values) -> Iterator[Problem]:
    """What is wrong with a patch: like a whole object, but required fields may be the object's own."""
    name = known_map(value, "metadata").get("name")
    if name is not UNKNOWN and not name:
        yield Problem("metadata.name", "required value: a patch names the object it changes")
    for problem in schemas.problems(kind, value):
        if problem.reason != "required value":
            yield problem


def _whole(target: Target) -> Target:
    """The resource as if it were the object itself."""
    return Target(target.urn, target.type.removesuffix(PATCH), target.name, target.random_seed)


def _manager(target: Target, inputs: Values, outputs: Values) -> str:
    """The manager's name: the program's, the one in use, or one of the resource's own."""
    said = known_map(known_map(inputs, "metadata"), "annotations").get(_MANAGER)
    own = f"{MANAGER}-{hashlib.sha256(target.urn.encode()).hexdigest()[:8]}"
    return str(said or outputs.get(_MANAGER_KEY) or own)
