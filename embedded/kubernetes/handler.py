"""The embedded kubernetes provider: resources of Pulumi's kubernetes package as objects of a cluster's API.

Behaviour follows pulumi-kubernetes 4.34 with server-side apply: check completes names and namespace, create refuses
what exists, update applies, delete is not told of what is gone. Nothing is awaited: no controller runs here.
"""

from __future__ import annotations

import copy
import hashlib
import secrets
from collections.abc import Callable
from typing import Any, Final, TypeVar

from embedded.kubernetes import immutable, inputs
from embedded.kubernetes.api import Clusters
from embedded.kubernetes.checks import problems_of
from embedded.kubernetes.checks.basics import known_map
from embedded.kubernetes.cluster import ClusterApi
from embedded.kubernetes.errors import NOT_FOUND, ApiError, Unreachable
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.provider_settings import ProviderSettings, cluster_change
from embedded.kubernetes.schemas import Schemas, UnknownKind, newest_version, schemas_of
from embedded.provider import UNKNOWN, Failure, Handler, ProviderError, Replacement, Target, Values

MANAGER: Final = "pulumi-kubernetes"
AUTONAMED: Final = "pulumi.com/autonamed"
_PROPAGATION: Final = "pulumi.com/deletionPropagationPolicy"
_SUFFIX: Final = 8  # hexadecimal digits, as resource.NewUniqueName makes them
_NOT_SERVED: Final = {
    "helm.sh": "Helm releases and charts",
    "kustomize": "Kustomize folders",
    "yaml": "YAML groups",
}
_Result = TypeVar("_Result")


class KubernetesHandler(Handler):
    """One provider resource: one cluster, one default namespace."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters
        self._settings = ProviderSettings()

    def configure(self, settings: Values) -> None:
        self._settings = ProviderSettings.of(settings)

    def provider_replacement(self, old: Values, new: Values) -> Replacement:
        return Replacement(cluster_change(old, new))

    def check(self, target: Target, old: Values | None, new: Values) -> tuple[Values, list[Failure]]:
        schemas = self._schemas()
        try:
            kind = _kind(target, schemas)
        except UnknownKind as unknown:
            return new, [Failure("kind", str(unknown))]
        checked = {"apiVersion": kind.api_version, "kind": kind.name, **copy.deepcopy(new)}
        metadata = checked.setdefault("metadata", {})
        if isinstance(metadata, dict):
            _complete_name(target, known_map(old or {}, "metadata"), metadata)
            if kind.namespaced and not metadata.get("namespace"):
                metadata["namespace"] = self._settings.namespace
        problems = problems_of(schemas, kind, _plain(checked))
        return checked, [Failure(problem.path, problem.reason) for problem in problems]

    def replacement(
        self, target: Target, resource_id: str, old_inputs: Values, new_inputs: Values, changed: list[str]
    ) -> Replacement:
        del resource_id
        kind = _known(lambda: _kind(target, self._schemas()))
        mutable = self._settings.changes_in_place(kind.name) and old_inputs.get("immutable") is not True
        paths = immutable.replacing(kind, changed, mutable)
        return Replacement(paths, delete_first=bool(paths) and _keeps_fixed_name(old_inputs, new_inputs))

    def preview(self, target: Target, inputs: Values) -> Values:
        outputs = copy.deepcopy(_plain(inputs))
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
        kind = self._served(target)
        live = self._call(lambda api: api.create(_plain(inputs), MANAGER))
        return _id(kind, live), _outputs(live)

    def update(
        self, target: Target, resource_id: str, old_inputs: Values, old_outputs: Values, new_inputs: Values
    ) -> Values:
        del old_inputs, old_outputs
        kind = self._served(target)
        namespace, name = _place(resource_id)
        wanted = copy.deepcopy(_plain(new_inputs))
        wanted["metadata"]["name"] = name  # a generated name stands in the id only
        self._call(lambda api: api.get(kind, namespace, name))
        return _outputs(self._call(lambda api: api.apply(wanted, MANAGER)))

    def secret_properties(self, target: Target) -> frozenset[str]:
        if target.type == "kubernetes:core/v1:Secret":
            return frozenset({"data", "stringData"})
        return frozenset()

    def read(
        self, target: Target, resource_id: str, inputs: Values | None, outputs: Values | None
    ) -> tuple[str, Values, Values] | None:
        del outputs
        try:
            kind = self._served(target)
            live = self._live(kind, resource_id)
            shape = self._schemas().shape(kind)
        except ClusterGone:
            if self._settings.delete_unreachable:
                return None
            raise
        if live is None:
            return None
        return _id(kind, live), _inputs(live, inputs, shape), _outputs(live)

    def delete(self, target: Target, resource_id: str, inputs: Values, outputs: Values) -> None:
        del outputs
        kind = self._served(target)
        namespace, name = _place(resource_id)
        annotations = known_map(known_map(inputs, "metadata"), "annotations")
        orphan = annotations.get(_PROPAGATION) == "orphan"
        if self._live(kind, resource_id) is None:
            return
        self._call(lambda api: api.delete(kind, namespace, name, orphan))
        left = self._live(kind, resource_id)
        if left is not None:
            held = ", ".join(left["metadata"]["finalizers"])
            raise ProviderError(f'{kind.resource} "{name}" is held by finalizers {held}, and nothing here removes them')

    def _live(self, kind: Kind, resource_id: str) -> Values | None:
        namespace, name = _place(resource_id)

        def ask(api: ClusterApi) -> Values | None:
            try:
                return api.get(kind, namespace, name)
            except ApiError as refusal:
                if refusal.code == NOT_FOUND:
                    return None
                raise

        return self._call(ask)

    def _schemas(self) -> Schemas:
        """Of the cluster; of the newest Kubernetes where the cluster is not there yet, as in a first preview."""
        if self._settings.host is None:
            return schemas_of(newest_version())
        try:
            return self._clusters.api(self._settings.host).schemas()
        except Unreachable:
            return schemas_of(newest_version())

    def _served(self, target: Target) -> Kind:
        return _known(lambda: _kind(target, self._schemas()))

    def _call(self, ask: Callable[[ClusterApi], _Result]) -> _Result:
        if self._settings.host is None:
            raise ProviderError("the kubernetes provider's kubeconfig is not known yet: nothing can be made with it")
        try:
            return ask(self._clusters.api(self._settings.host))
        except Unreachable as gone:
            raise ClusterGone(f"configured Kubernetes cluster is unreachable: {gone}") from gone
        except ApiError as refusal:
            raise ProviderError(refusal.message) from refusal


class ClusterGone(ProviderError):
    """The cluster of the provider is not there."""


def _inputs(live: Values, old: Values | None, shape: Any) -> Values:
    return inputs.imported(live, shape) if old is None else inputs.refreshed(live, old, shape)


def _known(find: Callable[[], Kind]) -> Kind:
    try:
        return find()
    except UnknownKind as unknown:
        raise ProviderError(str(unknown)) from unknown


def _kind(target: Target, schemas: Schemas) -> Kind:
    """The kind a type token names: `kubernetes:core/v1:Secret`, `kubernetes:apps/v1:StatefulSet`."""
    _, api_version, name = target.type.split(":")
    group = api_version.partition("/")[0]
    if group in _NOT_SERVED:
        raise UnknownKind(f"{target.type}: the embedded cluster does not serve {_NOT_SERVED[group]}")
    if name.endswith("Patch"):
        raise UnknownKind(f"{target.type}: the embedded cluster does not serve patches of objects made elsewhere")
    return schemas.kind(api_version.removeprefix("core/"), name)


def _complete_name(target: Target, old: Values, metadata: Values) -> None:
    """Keep an automatic name, or make one (provider/pkg/metadata/naming.go of pulumi-kubernetes)."""
    if metadata.get("name"):
        return
    if known_map(old, "annotations").get(AUTONAMED) == "true" and old.get("name"):
        metadata["name"] = old["name"]
    elif metadata.get("generateName"):
        return
    else:
        seed = target.random_seed or secrets.token_bytes(32)
        metadata["name"] = f"{target.name}-{hashlib.sha256(seed).hexdigest()[:_SUFFIX]}"
    if metadata.get("annotations") is not UNKNOWN:
        metadata.setdefault("annotations", {})[AUTONAMED] = "true"


def _keeps_fixed_name(old: Values, new: Values) -> bool:
    """True if the new object must have the old one's name, so that both cannot be there at once."""
    before, after = known_map(old, "metadata"), known_map(new, "metadata")
    if known_map(after, "annotations").get(AUTONAMED) == "true":
        return False
    fixed = bool(after.get("name")) and after["name"] is not UNKNOWN
    return fixed and all(before.get(field) == after.get(field) for field in ("name", "namespace"))


def _plain(values: Values) -> Values:
    """Without the engine's own keys."""
    return {key: item for key, item in values.items() if not key.startswith("__")}


def _outputs(live: Values) -> Values:
    """The live object without managedFields, which change with every apply and tell a program nothing."""
    metadata = {key: item for key, item in live["metadata"].items() if key != "managedFields"}
    return live | {"metadata": metadata}


def _id(kind: Kind, live: Values) -> str:
    metadata = live["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if kind.namespaced else str(metadata["name"])


def _place(resource_id: str) -> tuple[str, str]:
    """Namespace and name of an id. An id without namespace means the default one, for kinds that have one."""
    namespace, _, name = resource_id.rpartition("/")
    return namespace or "default", name
