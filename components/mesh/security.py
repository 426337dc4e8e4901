"""Pure: who must speak mutual TLS, and which ports of which pods need not."""

from collections.abc import Mapping, Sequence
from typing import Any


def strict() -> dict[str, Any]:
    """In Istio's root namespace: every pod of the mesh takes mutual TLS only."""
    return {"mtls": {"mode": "STRICT"}}


def plain_ports(selector: Mapping[str, str], ports: Sequence[int]) -> dict[str, Any]:
    """STRICT for the selected pods too, but for the TCP `ports` that the load balancer sends to without TLS.

    Istio heeds ports only beside a selector (istio.io/latest/docs/reference/config/security/peer_authentication).
    """
    return {
        "selector": {"matchLabels": dict(selector)},
        "mtls": {"mode": "STRICT"},
        "portLevelMtls": {str(port): {"mode": "PERMISSIVE"} for port in ports},
    }
