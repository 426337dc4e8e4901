"""Pure: who of the backup's pods may reach what, and who may read the archivers."""

import pulumi_kubernetes as k8s

from components.data.backup.names import METRICS_PORT

# docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html: on every node, the same address everywhere.
IDENTITY_AGENT, IDENTITY_PORT = "169.254.170.23/32", 80
METADATA = "169.254.169.254/32"
MONITORING = "monitoring"
HTTPS = 443


def to_bucket() -> list[k8s.networking.v1.NetworkPolicyEgressRuleArgs]:
    """S3, which has no address of its own to name, and the agent that hands out the rights to it."""
    anywhere = k8s.networking.v1.IPBlockArgs(cidr="0.0.0.0/0", except_=[METADATA])
    agent = k8s.networking.v1.IPBlockArgs(cidr=IDENTITY_AGENT)
    return [_to(anywhere, HTTPS), _to(agent, IDENTITY_PORT)]


def from_monitoring() -> list[k8s.networking.v1.NetworkPolicyIngressRuleArgs]:
    """Prometheus, to the archivers' figures alone."""
    there = k8s.meta.v1.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": MONITORING})
    peer = k8s.networking.v1.NetworkPolicyPeerArgs(namespace_selector=there)
    return [k8s.networking.v1.NetworkPolicyIngressRuleArgs(from_=[peer], ports=[_port(METRICS_PORT)])]


def _to(block: k8s.networking.v1.IPBlockArgs, port: int) -> k8s.networking.v1.NetworkPolicyEgressRuleArgs:
    peer = k8s.networking.v1.NetworkPolicyPeerArgs(ip_block=block)
    return k8s.networking.v1.NetworkPolicyEgressRuleArgs(to=[peer], ports=[_port(port)])


def _port(number: int) -> k8s.networking.v1.NetworkPolicyPortArgs:
    return k8s.networking.v1.NetworkPolicyPortArgs(port=number, protocol="TCP")
