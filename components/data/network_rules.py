"""Pure: rules of the network policies of data systems, in a namespace that is closed but for DNS."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import pulumi
import pulumi_kubernetes as k8s

MONITORING = "monitoring"  # namespace of Prometheus
HTTPS_PORT = 443
# Where the agent of EKS Pod Identity answers on every node.
# docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
POD_IDENTITY_AGENT, POD_IDENTITY_PORT = "169.254.170.23/32", 80

Labels: TypeAlias = "Mapping[str, str] | k8s.meta.v1.LabelSelectorArgs"
Peer = k8s.networking.v1.NetworkPolicyPeerArgs
Ingress = k8s.networking.v1.NetworkPolicyIngressRuleArgs
Egress = k8s.networking.v1.NetworkPolicyEgressRuleArgs


def labelled(key: str) -> k8s.meta.v1.LabelSelectorArgs:
    """Pods that have this label, whatever its value."""
    exists = k8s.meta.v1.LabelSelectorRequirementArgs(key=key, operator="Exists")
    return k8s.meta.v1.LabelSelectorArgs(match_expressions=[exists])


def pods(labels: Labels) -> k8s.networking.v1.NetworkPolicyPeerArgs:
    """Pods of the policy's own namespace."""
    return Peer(pod_selector=_selector(labels))


def namespace(name: str, labels: Mapping[str, str] | None = None) -> k8s.networking.v1.NetworkPolicyPeerArgs:
    """Pods of another namespace, all of them or those with `labels`."""
    selector = k8s.meta.v1.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": name})
    among = None if labels is None else k8s.meta.v1.LabelSelectorArgs(match_labels=labels)
    return Peer(namespace_selector=selector, pod_selector=among)


def block(cidr: str) -> k8s.networking.v1.NetworkPolicyPeerArgs:
    """Addresses outside the cluster."""
    return Peer(ip_block=k8s.networking.v1.IPBlockArgs(cidr=cidr))


def ports(*numbers: int) -> Sequence[k8s.networking.v1.NetworkPolicyPortArgs]:
    """TCP ports by number."""
    return [k8s.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=number) for number in numbers]


def to_https() -> k8s.networking.v1.NetworkPolicyEgressRuleArgs:
    """The API server and S3: by port alone, for the addresses of both are AWS's own and change at any time."""
    return Egress(ports=ports(HTTPS_PORT))


def network_policy(
    logical_name: str,
    metadata: k8s.meta.v1.ObjectMetaArgs,
    selector: Labels,
    *,
    egress: Sequence[k8s.networking.v1.NetworkPolicyEgressRuleArgs],
    ingress: Sequence[k8s.networking.v1.NetworkPolicyIngressRuleArgs] | None = None,
    opts: pulumi.ResourceOptions,
) -> k8s.networking.v1.NetworkPolicy:
    """A policy of the selected pods; without `ingress` it says nothing of what they let in."""
    return k8s.networking.v1.NetworkPolicy(
        logical_name,
        metadata=metadata,
        spec=k8s.networking.v1.NetworkPolicySpecArgs(
            pod_selector=_selector(selector),
            policy_types=["Egress"] if ingress is None else ["Ingress", "Egress"],
            ingress=ingress,
            egress=egress,
        ),
        opts=opts,
    )


def _selector(labels: Labels) -> k8s.meta.v1.LabelSelectorArgs:
    return k8s.meta.v1.LabelSelectorArgs(match_labels=labels) if isinstance(labels, Mapping) else labels
