"""Pure: who of the backup's pods may reach what, and who may read the archivers."""

import pulumi_kubernetes as k8s

from components.data import network_rules as rules
from components.data.backup.names import METRICS_PORT

METADATA = "169.254.169.254/32"


def to_bucket() -> list[k8s.networking.v1.NetworkPolicyEgressRuleArgs]:
    """S3, which has no address of its own to name, and the agent that hands out the rights to it."""
    anywhere = rules.Peer(ip_block=k8s.networking.v1.IPBlockArgs(cidr="0.0.0.0/0", except_=[METADATA]))
    agent = rules.block(rules.POD_IDENTITY_AGENT)
    return [
        rules.Egress(to=[anywhere], ports=rules.ports(rules.HTTPS_PORT)),
        rules.Egress(to=[agent], ports=rules.ports(rules.POD_IDENTITY_PORT)),
    ]


def from_monitoring() -> list[k8s.networking.v1.NetworkPolicyIngressRuleArgs]:
    """Prometheus, to the archivers' figures alone."""
    return [rules.Ingress(from_=[rules.namespace(rules.MONITORING)], ports=rules.ports(METRICS_PORT))]
