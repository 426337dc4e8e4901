"""Pure: where TLS from outside ends, and the certificate that it shows."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.mesh.values import GATEWAY_LABELS, HTTPS_PORT


@dataclass(frozen=True, kw_only=True)
class Tls:
    """`domain` and all names right below it are served; the ClusterIssuer `issuer` signs, `ready` is that issuer."""

    domain: str
    issuer: str
    ready: pulumi.Resource

    @property
    def names(self) -> list[str]:
        """Whom the certificate is for. A star stands for one label only, and not for none."""
        return [self.domain, f"*.{self.domain}"]


def certificate(tls: Tls, secret: str) -> dict[str, Any]:
    """Spec of a Certificate (cert-manager.io/v1), which cert-manager renews by itself and keeps in `secret`."""
    return {
        "secretName": secret,
        "dnsNames": tls.names,
        "issuerRef": {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": tls.issuer},
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
    }


def gateway(tls: Tls, secret: str) -> dict[str, Any]:
    """Spec of a Gateway (networking.istio.io/v1): HTTPS ends here. Virtual services bind to it by name."""
    return {
        "selector": GATEWAY_LABELS,
        "servers": [
            {
                "port": {"number": HTTPS_PORT, "name": "https-api", "protocol": "HTTPS"},
                "hosts": tls.names,
                "tls": {"mode": "SIMPLE", "credentialName": secret, "minProtocolVersion": "TLSV1_2"},
            }
        ],
    }
