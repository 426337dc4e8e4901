"""A kind of the Kubernetes API: its group, version, name, plural and whether it lives in a namespace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Types of Pulumi's kubernetes package that are no kinds: a Helm release, and by its ending a patch of an object.
RELEASE: Final = "kubernetes:helm.sh/v3:Release"
PATCH: Final = "Patch"

# Kinds without a namespace (`kubectl api-resources --namespaced=false`); the schemas do not say.
_CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ComponentStatus",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IPAddress",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)


@dataclass(frozen=True)
class Kind:
    """A kind the API serves."""

    group: str
    version: str
    name: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def custom(self) -> bool:
        """True if a CustomResourceDefinition serves it, not Kubernetes itself."""
        return False

    @property
    def namespaced(self) -> bool:
        return self.name not in _CLUSTER_SCOPED

    @property
    def plural(self) -> str:
        """The name in paths: `networkpolicies`."""
        lower = self.name.lower()
        if lower == "endpoints":
            return lower
        if lower.endswith(("s", "ch", "x")):
            return lower + "es"
        return lower[:-1] + "ies" if lower.endswith("y") else lower + "s"

    @property
    def resource(self) -> str:
        """As messages name it: `statefulsets.apps`, `services`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified(self) -> str:
        """As `Invalid` messages name it: `StatefulSet.apps`, `Service`."""
        return f"{self.name}.{self.group}" if self.group else self.name


@dataclass(frozen=True)
class CustomKind(Kind):
    """A kind that a CustomResourceDefinition names: the definition says its plural and whether it has a namespace."""

    plural_name: str
    in_namespace: bool

    @property
    def custom(self) -> bool:
        return True

    @property
    def namespaced(self) -> bool:
        return self.in_namespace

    @property
    def plural(self) -> str:
        return self.plural_name
