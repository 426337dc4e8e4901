"""What every kind of resource of one kubernetes provider shares: its settings and the way to its cluster."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Final, TypeVar

from embedded.kubernetes.custom import ClusterSchemas
from embedded.kubernetes.errors import NOT_FOUND, ApiError, Unreachable
from embedded.kubernetes.kinds import Kind
from embedded.kubernetes.protocol import Api, ManyClusters
from embedded.kubernetes.provider_settings import ProviderSettings
from embedded.kubernetes.schemas import newest_version, schemas_of
from embedded.provider import Handler, ProviderError, Target, Values

_SUFFIX: Final = 8  # hexadecimal digits, as resource.NewUniqueName makes them
_Result = TypeVar("_Result")


class ClusterGone(ProviderError):
    """The cluster of the provider is not there."""


class Connection:
    """The cluster that a provider resource talks to."""

    def __init__(self, clusters: ManyClusters) -> None:
        self._clusters = clusters
        self.settings = ProviderSettings()

    def schemas(self) -> ClusterSchemas:
        """Of the cluster; of the newest Kubernetes where the cluster is not there yet, as in a first preview."""
        if self.settings.host is not None:
            try:
                return self._clusters.api(self.settings.host).schemas()
            except Unreachable:
                pass
        return ClusterSchemas(schemas_of(newest_version()), ())

    def call(self, ask: Callable[[Api], _Result]) -> _Result:
        """Ask the cluster. ProviderError for a refusal, ClusterGone where it is not there."""
        if self.settings.host is None:
            raise ProviderError("the kubernetes provider's kubeconfig is not known yet: nothing can be made with it")
        try:
            return ask(self._clusters.api(self.settings.host))
        except Unreachable as gone:
            raise ClusterGone(f"configured Kubernetes cluster is unreachable: {gone}") from gone
        except ApiError as refusal:
            raise ProviderError(refusal.message) from refusal

    def live(self, kind: Kind, resource_id: str) -> Values | None:
        """The object of an id, None if it is not there."""
        namespace, name = place(resource_id)

        def ask(api: Api) -> Values | None:
            try:
                return api.get(kind, namespace, name)
            except ApiError as refusal:
                if refusal.code == NOT_FOUND:
                    return None
                raise

        return self.call(ask)


class Resources(Handler):
    """Resources of one sort, over the connection that they share."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def configure(self, settings: Values) -> None:
        self.connection.settings = ProviderSettings.of(settings)


def unique_name(target: Target) -> str:
    """A name for what the program does not name: the logical name and eight digits."""
    seed = target.random_seed or secrets.token_bytes(32)
    return f"{target.name}-{hashlib.sha256(seed).hexdigest()[:_SUFFIX]}"


def place(resource_id: str) -> tuple[str, str]:
    """Namespace and name of an id. An id without namespace means the default one, for kinds that have one."""
    namespace, _, name = resource_id.rpartition("/")
    return namespace or "default", name


def plain(values: Values) -> Values:
    """Without the engine's own keys."""
    return {key: item for key, item in values.items() if not key.startswith("__")}
