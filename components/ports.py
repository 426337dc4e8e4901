"""Pure: which ports of a node each add-on needs open, and the rules of the nodes' security group that follow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from components.kube.ports import GAME_PORT, GAME_UDP_PORT, HEALTH_PORT

Source = Literal["control-plane", "nodes", "load-balancer"]
Protocol = Literal["tcp", "udp"]

API_SERVER_PORT = 443


@dataclass(frozen=True, order=True, kw_only=True)
class Ports:
    """One port, or all from `first` to `last`."""

    protocol: Protocol
    first: int
    last: int

    @property
    def label(self) -> str:
        """`tcp-9443`, `udp-1025-65535`: part of a logical name."""
        return "-".join([self.protocol, *dict.fromkeys([str(self.first), str(self.last)])])


@dataclass(frozen=True, kw_only=True)
class PortRule:
    """`source` may reach `ports` of every node; `users` are the add-ons that need it, sorted."""

    source: Source
    ports: Ports
    users: tuple[str, ...]


def _tcp(port: int) -> Ports:
    return Ports(protocol="tcp", first=port, last=port)


def _udp(port: int) -> Ports:
    return Ports(protocol="udp", first=port, last=port)


# Add-on or chart -> the TCP ports of its pods that the API server calls: webhooks and aggregated APIs. The port is the
# pod's own, not that of its Service. One that is not called has an empty row: it was looked at.
CALLED_BY_API_SERVER: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "vpc-cni": (),
        "kube-proxy": (),
        "eks-pod-identity-agent": (),
        "coredns": (),
        "aws-ebs-csi-driver": (),
        # docs.aws.amazon.com/eks/latest/userguide/metrics-server.html: the add-on leaves 10250 to the kubelet.
        "metrics-server": (10251,),
        "karpenter-crd": (),
        "karpenter": (),  # no webhook since v1: values.yaml has metrics 8080 and health 8081 alone
        "cluster-autoscaler": (),
        "aws-load-balancer-controller": (9443,),  # webhookBindPort
        "external-dns": (),
        "external-secrets": (10250,),  # webhook.port
        "cert-manager": (10250,),  # webhook.securePort
        "snapshot-controller": (),  # webhook.enabled is false: no object of an old group snapshot API is about
        "base": (),  # its validating webhook names istiod's Service
        "istiod": (15017,),  # injection and validation
        "gateway": (),
        "prometheus-operator-crds": (),
        "kube-prometheus-stack": (10250,),  # prometheusOperator.tls.internalPort
        "keda": (6443, 9443),  # service.portHttpsTarget (metrics API), webhooks.port
        "velero": (),
        "cloudnative-pg": (9443,),  # webhook.port
        "plugin-barman-cloud": (),  # the operator alone calls it, on service.port
    }
)

# Of every cluster: logs, exec and port-forward go through the kubelet, and webhooks may sit on 443 itself.
_ALWAYS_CALLED = {"kubelet": (10250,), "pods": (443,)}

# Any pod may run on any node of its pool, so between nodes a filter by port only says what no pod ever offers: the
# ports below 1025 but for DNS and the gateway's. NetworkPolicies say who may talk to whom.
BETWEEN_NODES: Mapping[str, tuple[Ports, ...]] = MappingProxyType(
    {
        "coredns": (_tcp(53), _udp(53)),
        "gateway": (_tcp(443),),
        "pods": (
            Ports(protocol="tcp", first=1025, last=65535),
            Ports(protocol="udp", first=1025, last=65535),
        ),
    }
)

# The network load balancer sends players straight to the pods' addresses, and checks the same pods' health. Its own
# security group is the source although it keeps the players' addresses:
# docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
FROM_LOAD_BALANCER: Mapping[str, tuple[Ports, ...]] = MappingProxyType(
    {
        "game": (_tcp(GAME_PORT), _udp(GAME_UDP_PORT), _tcp(HEALTH_PORT)),
        "gateway": (_tcp(443), _tcp(15021)),
    }
)


def node_rules(addons: Iterable[str], *, load_balancer: bool) -> tuple[PortRule, ...]:
    """Every rule that the nodes of a region with these add-ons need, one for each source and range.

    `load_balancer` where players come through one. ValueError for an add-on whose ports nobody has looked up.
    """
    wanted = sorted(addons)
    unknown = [addon for addon in wanted if addon not in CALLED_BY_API_SERVER]
    if unknown:
        raise ValueError(
            f"ports: {', '.join(unknown)} has no row in CALLED_BY_API_SERVER; add one with its webhooks' ports, or ()"
        )
    called = {**_ALWAYS_CALLED, **{addon: CALLED_BY_API_SERVER[addon] for addon in wanted}}
    rules = _merged("control-plane", {user: tuple(_tcp(port) for port in ports) for user, ports in called.items()})
    rules += _merged("nodes", BETWEEN_NODES)
    if load_balancer:
        rules += _merged("load-balancer", FROM_LOAD_BALANCER)
    return rules


def _merged(source: Source, table: Mapping[str, Iterable[Ports]]) -> tuple[PortRule, ...]:
    # AWS refuses a second rule of the same source and range.
    users: dict[Ports, list[str]] = {}
    for user, ranges in table.items():
        for ports in ranges:
            users.setdefault(ports, []).append(user)
    return tuple(
        PortRule(source=source, ports=ports, users=tuple(sorted(found))) for ports, found in sorted(users.items())
    )
