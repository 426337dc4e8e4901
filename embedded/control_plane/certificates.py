"""Certificates of one control plane: an authority that signs them once and whose key is kept nowhere."""

from __future__ import annotations

import datetime
import ipaddress
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY = "ca.crt"
_VALID = datetime.timedelta(days=3650)  # longer than anybody keeps a rehearsal
_EARLIER = datetime.timedelta(hours=1)  # clocks are set back


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whose certificate it is: files `<file>.crt` and `<file>.key`."""

    file: str
    name: str  # of the user, for Kubernetes and etcd
    groups: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()  # host names and addresses it answers at; none: it is only a client


def issue(folder: Path, authority: str, identities: Sequence[Identity], signing_keys: Sequence[str] = ()) -> None:
    """Make the folder with `ca.crt`, a pair of files per identity, and `<name>.key` and `.pub` to sign tokens with.

    Whole or not at all; what is there stays, so that kubeconfigs given away stay true.
    """
    if folder.exists():
        return
    draft = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    key = _new_key()
    root = _authority(authority, key)
    (draft / AUTHORITY).write_bytes(root.public_bytes(Encoding.PEM))
    for identity in identities:
        own = _new_key()
        certificate = _certificate(identity, own, root, key)
        (draft / f"{identity.file}.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
        _write_key(draft / f"{identity.file}.key", own)
    for name in signing_keys:
        own = _new_key()
        _write_key(draft / f"{name}.key", own)
        public = own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (draft / f"{name}.pub").write_bytes(public)
    draft.replace(folder)


def _authority(name: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        _builder(subject, subject, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _certificate(
    identity: Identity,
    own: ec.EllipticCurvePrivateKey,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in identity.groups]
    subject = x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, identity.name)])
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if identity.serves else [])]
    root_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    builder = (
        _builder(subject, root.subject, own)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        # Without it OpenSSL's strict check, Python's default from 3.13 on, takes no certificate.
        .add_extension(root_id, critical=False)
    )
    if identity.serves:
        names = x509.SubjectAlternativeName([_general_name(each) for each in identity.serves])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(root_key, hashes.SHA256())


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + _VALID)
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    # Kubernetes signs tokens only with keys in SEC 1 or PKCS #1 files, not with those in PKCS #8.
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
