"""The addresses of Services of type LoadBalancer, named as Elastic Load Balancing names network load balancers."""

from __future__ import annotations

import hashlib
from typing import Final

from embedded.control_plane.keeper.drains import MERGE
from embedded.kubernetes.live.server import Server
from embedded.provider import Values

# docs.aws.amazon.com/elasticloadbalancing/latest/network: <name>-<16 hex digits>.elb.<region>.amazonaws.com
_NAME_LIMIT: Final = 32


class AddressLoop:
    """Gives each such Service a host name. No load balancer is made in the embedded AWS."""

    def __init__(self, server: Server, region: str) -> None:
        self._server = server
        self._region = region

    def step(self) -> None:
        """One pass. ApiError if Kubernetes refuses; the next pass goes on."""
        for service in self._server.ask("GET", "/api/v1/services")["items"]:
            if service["spec"].get("type") == "LoadBalancer" and not _has_address(service):
                metadata = service["metadata"]
                path = f"/api/v1/namespaces/{metadata['namespace']}/services/{metadata['name']}/status"
                change = {"status": {"loadBalancer": {"ingress": [{"hostname": host_name(service, self._region)}]}}}
                self._server.ask("PATCH", path, body=change, content_type=MERGE)


def host_name(service: Values, region: str) -> str:
    """The host name of a Service's load balancer; the same Service always has the same one."""
    metadata = service["metadata"]
    digest = hashlib.sha256(metadata["uid"].encode()).hexdigest()
    # kubernetes-sigs/aws-load-balancer-controller: k8s-<8 of the namespace>-<8 of the name>-<10 of a hash>
    name = f"k8s-{metadata['namespace'][:8]}-{metadata['name'][:8]}-{digest[:10]}"[:_NAME_LIMIT]
    return f"{name}-{digest[10:26]}.elb.{region}.amazonaws.com"


def _has_address(service: Values) -> bool:
    return bool(service.get("status", {}).get("loadBalancer", {}).get("ingress"))
