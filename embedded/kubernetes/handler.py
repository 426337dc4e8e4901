"""The embedded kubernetes provider: each resource goes to what serves its sort."""

from __future__ import annotations

from embedded.kubernetes.connection import Connection, Resources
from embedded.kubernetes.kinds import PATCH, RELEASE
from embedded.kubernetes.objects import ObjectResources
from embedded.kubernetes.patch_resources import PatchResources
from embedded.kubernetes.protocol import ManyClusters
from embedded.kubernetes.provider_settings import cluster_change
from embedded.kubernetes.releases import ReleaseResources
from embedded.provider import Failure, Handler, Replacement, Target, Values


class KubernetesHandler(Handler):
    """One provider resource: one cluster, one default namespace."""

    def __init__(self, clusters: ManyClusters) -> None:
        connection = Connection(clusters)
        self._objects = ObjectResources(connection)
        self._patches = PatchResources(connection)
        self._releases = ReleaseResources(connection)

    def _of(self, target: Target) -> Resources:
        if target.type == RELEASE:
            return self._releases
        return self._patches if target.type.endswith(PATCH) else self._objects

    def configure(self, settings: Values) -> None:
        self._objects.configure(settings)

    def provider_replacement(self, old: Values, new: Values) -> Replacement:
        return Replacement(cluster_change(old, new))

    def check(self, target: Target, old: Values | None, new: Values) -> tuple[Values, list[Failure]]:
        return self._of(target).check(target, old, new)

    def replacement(
        self, target: Target, resource_id: str, old_inputs: Values, new_inputs: Values, changed: list[str]
    ) -> Replacement:
        return self._of(target).replacement(target, resource_id, old_inputs, new_inputs, changed)

    def preview(self, target: Target, inputs: Values) -> Values:
        return self._of(target).preview(target, inputs)

    def preview_update(self, target: Target, old_outputs: Values, new_inputs: Values) -> Values:
        return self._of(target).preview_update(target, old_outputs, new_inputs)

    def create(self, target: Target, inputs: Values) -> tuple[str, Values]:
        return self._of(target).create(target, inputs)

    def update(
        self, target: Target, resource_id: str, old_inputs: Values, old_outputs: Values, new_inputs: Values
    ) -> Values:
        return self._of(target).update(target, resource_id, old_inputs, old_outputs, new_inputs)

    def secret_properties(self, target: Target) -> frozenset[str]:
        return self._of(target).secret_properties(target)

    def read(
        self, target: Target, resource_id: str, inputs: Values | None, outputs: Values | None
    ) -> tuple[str, Values, Values] | None:
        return self._of(target).read(target, resource_id, inputs, outputs)

    def delete(self, target: Target, resource_id: str, inputs: Values, outputs: Values) -> None:
        self._of(target).delete(target, resource_id, inputs, outputs)
