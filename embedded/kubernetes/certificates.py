"""The Secret of a cert-manager Certificate, as far as others need it: its name and its keys, and nothing in them.

cert-manager.io/docs/usage/certificate: a Secret of type kubernetes.io/tls with the chain, the key and the authority.
"""

from __future__ import annotations

from typing import Final

from embedded.provider import Values

CERTIFICATE: Final = "Certificate.cert-manager.io"


def secret_of(certificate: Values) -> Values:
    """The Secret that pods may mount once the certificate is issued, without what the API adds."""
    metadata = {"name": certificate["spec"]["secretName"], "namespace": certificate["metadata"]["namespace"]}
    data = {"ca.crt": "", "tls.crt": "", "tls.key": ""}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/tls", "data": data}
