"""The certificate authority of a cluster: a real self-signed certificate, the same at every replay."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from moto.moto_api._internal import mock_random

_TEN_YEARS = timedelta(days=3650)


def authority(at: datetime) -> str:
    """A CA certificate valid for ten years from `at`: PEM in base64, as EKS answers it."""
    # Ed25519 signs without a random number, so the certificate depends on moto's seed and the time alone.
    key = Ed25519PrivateKey.from_private_bytes(mock_random.randbytes(32))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(mock_random.getrandbits(64) + 1)
        .not_valid_before(at)
        .not_valid_after(at + _TEN_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    return base64.b64encode(certificate.public_bytes(Encoding.PEM)).decode()
