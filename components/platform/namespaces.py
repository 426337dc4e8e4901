"""Namespaces of the platform's charts, each with the Pod Security level that its pods can live with."""

from collections.abc import Mapping
from typing import Literal

import pulumi
import pulumi_kubernetes as k8s

Level = Literal["privileged", "baseline", "restricted"]
MODES = ("enforce", "audit", "warn")


def pod_security_labels(level: Level) -> dict[str, str]:
    """Labels by which the API server holds a namespace's pods to `level`, and audits and warns by the same.

    Source: kubernetes.io/docs/concepts/security/pod-security-admission.
    """
    return {f"pod-security.kubernetes.io/{mode}": level for mode in MODES}


def platform_namespace(
    logical_name: str,
    name: str,
    level: Level,
    parent: pulumi.Resource,
    labels: Mapping[str, str] | None = None,
    after: tuple[pulumi.Resource, ...] = (),
) -> k8s.core.v1.Namespace:
    """A namespace called `name`: releases refer to it by name, network policies by the label Kubernetes adds.

    `labels` are put beside those of Pod Security, such as `istio-injection`. `after` is what its pods need until they
    are gone, nodes above all: a namespace goes only when its last pod has.
    """
    return k8s.core.v1.Namespace(
        logical_name,
        # No version beside the levels: a chart's pods are renewed with the chart, and follow the cluster's idea of
        # the level. The game's own namespace pins it, see components/operations/namespaces.py.
        metadata=k8s.meta.v1.ObjectMetaArgs(name=name, labels={**pod_security_labels(level), **(labels or {})}),
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=list(after), custom_timeouts=pulumi.CustomTimeouts(delete="10m")
        ),
    )
