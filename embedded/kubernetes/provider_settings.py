"""Settings of a kubernetes provider resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from embedded.kubernetes.kubeconfig import server_host
from embedded.provider import UNKNOWN, ProviderError, Values

_SERVED: Final = frozenset(
    {"cluster", "clusterIdentifier", "context", "deleteUnreachable", "enableConfigMapMutable", "enableSecretMutable"}
    | {"kubeconfig", "namespace"}
    # without effect where nothing is rate-limited, deprecated or run
    | {"helmReleaseSettings", "kubeClientSettings", "suppressDeprecationWarnings", "suppressHelmHookWarnings"}
)


@dataclass(frozen=True)
class ProviderSettings:
    """What a provider is set to. `host`: the API server's host name; None while the kubeconfig is unknown."""

    host: str | None = None
    namespace: str = "default"
    config_maps_change: bool = False
    secrets_change: bool = False
    delete_unreachable: bool = False

    @classmethod
    def of(cls, settings: Values) -> ProviderSettings:
        """From the provider's inputs. ProviderError for a setting the embedded cluster does not serve."""
        _refuse_unserved(settings)
        return cls(
            host=_host(settings),
            namespace=settings.get("namespace") or "default",
            config_maps_change=settings.get("enableConfigMapMutable") is True,
            secrets_change=settings.get("enableSecretMutable") is True,
            delete_unreachable=settings.get("deleteUnreachable") is True,
        )

    def changes_in_place(self, kind: str) -> bool:
        """True if the contents of a ConfigMap or Secret are changed instead of replaced."""
        return {"ConfigMap": self.config_maps_change, "Secret": self.secrets_change}.get(kind, False)


def _refuse_unserved(settings: Values) -> None:
    if settings.get("enableServerSideApply") is False:
        raise ProviderError("provider setting enableServerSideApply: false is not served by the embedded cluster")
    for name, value in settings.items():
        known = name in _SERVED or name == "enableServerSideApply" or name.startswith("__")
        if value and not known and name not in ("version", "pluginDownloadURL"):
            raise ProviderError(f"provider setting {name}: the embedded cluster does not serve it; leave it out")


def _host(settings: Values) -> str | None:
    kubeconfig: Any = settings.get("kubeconfig")
    if UNKNOWN in (kubeconfig, settings.get("context"), settings.get("cluster")):
        return None
    if not kubeconfig:
        raise ProviderError("provider setting kubeconfig: is missing; the embedded cloud never uses this machine's own")
    return server_host(kubeconfig, settings.get("context") or "", settings.get("cluster") or "")


def cluster_change(old: Values, new: Values) -> tuple[str, ...]:
    """Which setting says that the cluster is another one (DiffConfig of pulumi-kubernetes).

    With an identifier before and after, it alone decides; else the server of the kubeconfig does, and one that is not
    known yet counts as another.
    """
    before, after = old.get("clusterIdentifier"), new.get("clusterIdentifier")
    if before and after:
        return ("clusterIdentifier",) if before != after else ()
    if UNKNOWN in (old.get("kubeconfig"), new.get("kubeconfig")):
        return ("kubeconfig",)
    return ("kubeconfig",) if _host(old) != _host(new) else ()
