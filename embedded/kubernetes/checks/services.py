"""Services and network policies."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Final

from embedded.kubernetes import names
from embedded.kubernetes.checks.basics import Check, items_of, map_of, unique
from embedded.kubernetes.errors import Problem, join
from embedded.provider import Values

HEADLESS: Final = "None"


def service(spec: Values, path: str) -> Iterator[Problem]:
    """Ports, addresses and policies that fit the Service's type."""
    kind = spec.get("type", "ClusterIP")
    ports = [{"protocol": "TCP", **port} for port in items_of(spec, "ports")]
    yield from _ports(ports, join(path, "ports"), needed=kind != "ExternalName" and spec.get("clusterIP") != HEADLESS)
    if kind == "ExternalName" and not spec.get("externalName"):
        yield Problem(join(path, "externalName"), "required value when the type is ExternalName")
    if kind in ("NodePort", "LoadBalancer") and spec.get("clusterIP") == HEADLESS:
        yield Problem(join(path, "clusterIP"), f"may not be None when the type is {kind}")
    if kind not in ("NodePort", "LoadBalancer") and "externalTrafficPolicy" in spec:
        yield Problem(join(path, "externalTrafficPolicy"), "may only be set when the type is NodePort or LoadBalancer")
    if kind != "LoadBalancer":
        for field in ("loadBalancerClass", "loadBalancerSourceRanges", "allocateLoadBalancerNodePorts"):
            if field in spec:
                yield Problem(join(path, field), "may only be set when the type is LoadBalancer")
    address = spec.get("clusterIP")
    if isinstance(address, str) and address not in ("", HEADLESS) and (reason := names.address(address)):
        yield Problem(join(path, "clusterIP"), reason)
    for key, value in map_of(spec, "selector").items():
        if reason := names.qualified_name(key) or names.label_value(str(value)):
            yield Problem(join(join(path, "selector"), key), reason)


def _ports(ports: list[Values], path: str, needed: bool) -> Iterator[Problem]:
    if needed and not ports:
        yield Problem(path, "at least one port is required unless clusterIP is None")
    if len(ports) > 1:
        for index, port in enumerate(ports):
            if not port.get("name"):
                yield Problem(f"{path}[{index}].name", "required value where there are several ports")
    yield from unique(ports, path, "name")
    yield from unique(ports, path, "port", "protocol")


def policy_port(value: Values, path: str) -> Iterator[Problem]:
    """A range of ports begins with a number and ends above it."""
    if "endPort" not in value:
        return
    first = value.get("port")
    if not isinstance(first, int):
        yield Problem(join(path, "endPort"), "may only be set when port is a number")
    elif value["endPort"] < first:
        yield Problem(join(path, "endPort"), f"{value['endPort']} must be at least port {first}")


def peer(value: Values, path: str) -> Iterator[Problem]:
    """A peer is addresses or pods, not both, and not nothing."""
    if not value:
        yield Problem(path, "one of ipBlock, namespaceSelector, podSelector is required")
    elif "ipBlock" in value and len(value) > 1:
        yield Problem(path, "ipBlock may not stand beside a selector")


def address_block(value: Values, path: str) -> Iterator[Problem]:
    """Exceptions lie inside the block."""
    if names.cidr(value.get("cidr", "")):
        return
    whole = ip_network(value["cidr"])
    for index, item in enumerate(value.get("except", [])):
        if names.cidr(item):
            continue
        inner = ip_network(item)
        inside = inner.version == whole.version and inner.prefixlen > whole.prefixlen and inner.network_address in whole
        if not inside:
            yield Problem(f"{join(path, 'except')}[{index}]", f"{item} must lie within {value['cidr']}")


RULES: Final[dict[str, Check]] = {
    "core.v1.ServiceSpec": service,
    "networking.v1.NetworkPolicyPort": policy_port,
    "networking.v1.NetworkPolicyPeer": peer,
    "networking.v1.IPBlock": address_block,
}
