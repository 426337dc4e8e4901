"""Resources of the kubernetes provider that are objects of a cluster's API, Kubernetes' own and custom ones.

Behaviour follows pulumi-kubernetes 4.34 with server-side apply: check completes names and namespace, create refuses
what exists, update applies, delete is not told of what is gone; where controllers run, all of them await the outcome.
"""

from __future__ import annotations

import copy
from typing import Any, Final

from embedded.kubernetes import immutable, inputs
from embedded.kubernetes.checks import problems_of
from embedded.kubernetes.checks.basics import known_map
from embedded.kubernetes.connection import ClusterGone, Resources, place, plain, unique_name
from embedded.kubernetes.custom import ClusterSchemas, expected
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.schemas import UnknownKind
from embedded.kubernetes.waits import annotation, gone_seconds, is_awaited, is_delete_awaited, ready_seconds
from embedded.provider import UNKNOWN, Failure, PartialFailure, ProviderError, Replacement, Target, Values

MANAGER: Final = "pulumi-kubernetes"
AUTONAMED: Final = "pulumi.com/autonamed"
FORCE: Final = "pulumi.com/patchForce"
_PROPAGATION: Final = "pulumi.com/deletionPropagationPolicy"
_NOT_SERVED: Final = {"helm.sh": "Helm charts, only releases", "kustomize": "Kustomize folders", "yaml": "YAML groups"}


class ObjectResources(Resources):
    """Whole objects: what the program says is what they are."""

    def check(self, target: Target, old: Values | None, new: Values) -> tuple[Values, list[Failure]]:
        schemas = self.connection.schemas()
        try:
            kind = kind_of(target.type, schemas)
        except UnknownKind as unknown:
            return new, [Failure("kind", str(unknown))]
        checked = {"apiVersion": kind.api_version, "kind": kind.name, **copy.deepcopy(new)}
        metadata = checked.setdefault("metadata", {})
        if isinstance(metadata, dict):
            _complete_name(target, known_map(old or {}, "metadata"), metadata)
            if kind.namespaced and not metadata.get("namespace"):
                metadata["namespace"] = self.connection.settings.namespace
        problems = problems_of(schemas, kind, plain(checked))
        return checked, [Failure(problem.path, problem.reason) for problem in problems]

    def replacement(
        self, target: Target, resource_id: str, old_inputs: Values, new_inputs: Values, changed: list[str]
    ) -> Replacement:
        del resource_id
        kind = served(target, self.connection.schemas())
        mutable = self.connection.settings.changes_in_place(kind.name) and old_inputs.get("immutable") is not True
        paths = immutable.replacing(kind, changed, mutable)
        return Replacement(paths, delete_first=bool(paths) and _keeps_fixed_name(old_inputs, new_inputs))

    def preview(self, target: Target, inputs: Values) -> Values:
        outputs = copy.deepcopy(plain(inputs))
        outputs.pop("stringData", None)  # written only; what it becomes in data is not known yet
        metadata = known_map(outputs, "metadata")
        for field in ("uid", "resourceVersion", "creationTimestamp"):
            metadata[field] = UNKNOWN
        if "generateName" in metadata:
            metadata.setdefault("name", UNKNOWN)
        spec = known_map(outputs, "spec")
        if target.type.endswith(":Service") and spec.get("type") != "ExternalName":
            spec.setdefault("clusterIP", UNKNOWN)
        return outputs

    def preview_update(self, target: Target, old_outputs: Values, new_inputs: Values) -> Values:
        outputs = self.preview(target, new_inputs)
        before = known_map(old_outputs, "metadata")
        for field in ("uid", "creationTimestamp", "name"):
            if field in before and known_map(outputs, "metadata").get(field, UNKNOWN) is UNKNOWN:
                known_map(outputs, "metadata")[field] = before[field]
        address = known_map(old_outputs, "spec").get("clusterIP")
        if address and known_map(outputs, "spec").get("clusterIP") is UNKNOWN:
            outputs["spec"]["clusterIP"] = address
        return {key: old_outputs[key] for key in ("status",) if key in old_outputs} | outputs

    def create(self, target: Target, inputs: Values) -> tuple[str, Values]:
        kind = served(target, self.connection.schemas())
        live = self.connection.call(lambda api: api.create(plain(inputs), MANAGER))
        return id_of(kind, live), outputs_of(self._settled(target, kind, inputs, live))

    def update(
        self, target: Target, resource_id: str, old_inputs: Values, old_outputs: Values, new_inputs: Values
    ) -> Values:
        del old_inputs, old_outputs
        kind = served(target, self.connection.schemas())
        namespace, name = place(resource_id)
        wanted = copy.deepcopy(plain(new_inputs))
        wanted["metadata"]["name"] = name  # a generated name stands in the id only
        self.connection.call(lambda api: api.get(kind, namespace, name))
        force = annotation(new_inputs, FORCE) == "true"
        live = self.connection.call(lambda api: api.apply(wanted, MANAGER, force=force))
        return outputs_of(self._settled(target, kind, new_inputs, live))

    def _settled(self, target: Target, kind: Kind, inputs: Values, live: Values) -> Values:
        """The object once it is what it says. PartialFailure with the reasons if it does not come to that."""
        if not is_awaited(inputs):
            return live
        seconds = ready_seconds(target, kind, inputs)
        live, reasons = self.connection.call(lambda api: api.ready(kind, live, seconds))
        if reasons:
            who = f"{kind.name} {id_of(kind, live)} is not ready"
            raise PartialFailure(id_of(kind, live), outputs_of(live), [f"{who}: {reason}" for reason in reasons])
        return live

    def secret_properties(self, target: Target) -> frozenset[str]:
        if target.type == "kubernetes:core/v1:Secret":
            return frozenset({"data", "stringData"})
        return frozenset()

    def read(
        self, target: Target, resource_id: str, inputs: Values | None, outputs: Values | None
    ) -> tuple[str, Values, Values] | None:
        del outputs
        try:
            kind = served(target, self.connection.schemas())
            live = self.connection.live(kind, resource_id)
            shape = self.connection.schemas().shape(kind)
        except ClusterGone:
            if self.connection.settings.delete_unreachable:
                return None
            raise
        if live is None:
            return None
        return id_of(kind, live), _inputs(live, inputs, shape), outputs_of(live)

    def delete(self, target: Target, resource_id: str, inputs: Values, outputs: Values) -> None:
        del outputs
        kind = served(target, self.connection.schemas())
        namespace, name = place(resource_id)
        orphan = annotation(inputs, _PROPAGATION) == "orphan"
        if self.connection.live(kind, resource_id) is None:
            return
        self.connection.call(lambda api: api.delete(kind, namespace, name, orphan))
        if not is_delete_awaited(kind, inputs):
            return
        seconds = gone_seconds(target, inputs)
        left = self.connection.call(lambda api: api.gone(kind, namespace, name, seconds))
        if left is not None:
            raise ProviderError(f'{kind.resource} "{name}" {_why_still_there(left)}')


def _why_still_there(left: Values) -> str:
    held = ", ".join(left["metadata"].get("finalizers") or [])
    said = [item["message"] for item in known_map(left, "status").get("conditions") or [] if item.get("message")]
    why = f"is held by finalizers {held}, and nothing here removes them" if held else "is still there"
    return "; ".join([why, *said])


def _inputs(live: Values, old: Values | None, shape: Any) -> Values:
    return inputs.imported(live, shape) if old is None else inputs.refreshed(live, old, shape)


def served(target: Target, schemas: ClusterSchemas) -> Kind:
    """The kind of a resource. ProviderError if there is none."""
    try:
        return kind_of(target.type, schemas)
    except UnknownKind as unknown:
        raise ProviderError(str(unknown)) from unknown


def kind_of(type_: str, schemas: ClusterSchemas) -> Kind:
    """The kind a type token names: `kubernetes:core/v1:Secret`, `kubernetes:karpenter.sh/v1:NodePool`.

    A custom kind need not be installed: only its create wants that. UnknownKind for what the cluster does not serve.
    """
    _, api_version, name = type_.split(":")
    group = api_version.partition("/")[0]
    if group in _NOT_SERVED:
        raise UnknownKind(f"{type_}: the embedded cluster does not serve {_NOT_SERVED[group]}")
    api_version = api_version.removeprefix("core/")
    try:
        return schemas.kind(api_version, name)
    except UnknownKind:
        if schemas.may_be_custom(api_version):
            return expected(api_version, name)
        raise


def _complete_name(target: Target, old: Values, metadata: Values) -> None:
    """Keep an automatic name, or make one (provider/pkg/metadata/naming.go of pulumi-kubernetes)."""
    if metadata.get("name"):
        return
    if known_map(old, "annotations").get(AUTONAMED) == "true" and old.get("name"):
        metadata["name"] = old["name"]
    elif metadata.get("generateName"):
        return
    else:
        metadata["name"] = unique_name(target)
    if metadata.get("annotations") is not UNKNOWN:
        metadata.setdefault("annotations", {})[AUTONAMED] = "true"


def _keeps_fixed_name(old: Values, new: Values) -> bool:
    """True if the new object must have the old one's name, so that both cannot be there at once."""
    before, after = known_map(old, "metadata"), known_map(new, "metadata")
    if known_map(after, "annotations").get(AUTONAMED) == "true":
        return False
    fixed = bool(after.get("name")) and after["name"] is not UNKNOWN
    return fixed and all(before.get(field) == after.get(field) for field in ("name", "namespace"))


def outputs_of(live: Values) -> Values:
    """The live object without managedFields, which change with every apply and tell a program nothing."""
    metadata = {key: item for key, item in live["metadata"].items() if key != "managedFields"}
    return live | {"metadata": metadata}


def id_of(kind: Kind, live: Values) -> str:
    metadata = live["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if kind.namespaced else str(metadata["name"])
