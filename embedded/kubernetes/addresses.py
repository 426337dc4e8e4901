"""Addresses and node ports of Services."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import IPv4Network
from typing import Final

from embedded.kubernetes.checks.basics import items_of, map_of
from embedded.kubernetes.checks.services import HEADLESS
from embedded.kubernetes.errors import Problem
from embedded.provider import Values

# EKS gives a cluster 10.100.0.0/16 or 172.20.0.0/16 when its VPC leaves both free
# (docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html).
_SERVICES: Final = IPv4Network("172.20.0.0/16")
_RESERVED: Final = 16  # the lowest addresses are kept for fixed ones, .10 for the cluster's DNS
_NODE_PORTS: Final = range(30000, 32768)


def allocate(service: Values, others: Iterable[Values]) -> list[Problem]:
    """Give a Service, in place, its cluster address and node ports; what it asks for and another has is refused."""
    specs = [map_of(other, "spec") for other in others]
    spec = service["spec"]
    problems = _cluster_ip(spec, {other.get("clusterIP") for other in specs})
    if spec["type"] in ("NodePort", "LoadBalancer") and spec.get("allocateLoadBalancerNodePorts") is not False:
        problems += _node_ports(spec, {port.get("nodePort") for other in specs for port in items_of(other, "ports")})
    return problems


def _cluster_ip(spec: Values, taken: Collection[str | None]) -> list[Problem]:
    if spec["type"] == "ExternalName":
        return []
    wanted = spec.get("clusterIP")
    if not wanted:
        free = (str(_SERVICES[offset]) for offset in range(_RESERVED, _SERVICES.num_addresses - 1))
        wanted = spec["clusterIP"] = next(address for address in free if address not in taken)
    elif wanted != HEADLESS and wanted in taken:
        return [Problem("spec.clusterIP", f"{wanted} is already allocated")]
    spec["clusterIPs"] = [wanted]
    return []


def _node_ports(spec: Values, taken: set[int | None]) -> list[Problem]:
    problems = []
    for index, port in enumerate(items_of(spec, "ports")):
        if port.get("nodePort") in taken - {None}:
            problems.append(Problem(f"spec.ports[{index}].nodePort", f"{port['nodePort']} is already allocated"))
        elif "nodePort" not in port:
            port["nodePort"] = next(number for number in _NODE_PORTS if number not in taken)
        taken.add(port["nodePort"])
    return problems


def fit_type(before: Values, after: Values) -> None:
    """Drop, in place, what the server had set for a type the Service no longer has (dropTypeDependentFields)."""
    kind = after.get("type", "ClusterIP")
    if kind == before.get("type"):
        return
    if kind == "ExternalName":
        for field in ("clusterIP", "clusterIPs", "internalTrafficPolicy", "ipFamilies", "ipFamilyPolicy"):
            after.pop(field, None)
    if kind != "LoadBalancer":
        after.pop("allocateLoadBalancerNodePorts", None)
    if kind not in ("NodePort", "LoadBalancer"):
        after.pop("externalTrafficPolicy", None)
        for port in items_of(after, "ports"):
            port.pop("nodePort", None)
