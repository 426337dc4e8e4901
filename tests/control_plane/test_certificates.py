"""Certificates of a control plane are taken by TLS, name who holds them, and are kept."""

import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from embedded.control_plane.certificates import Identity, issue

SERVER = Identity(file="server", name="kube-apiserver", serves=("127.0.0.1", "kubernetes.default.svc"))
CLIENT = Identity(file="client", name="alice", groups=("system:masters",))


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    issue(tmp_path / "pki", "test", (SERVER, CLIENT), ["tokens"])
    return tmp_path / "pki"


def handshake(pki: Path, host: str) -> dict[str, object]:
    """What the server learns of its client, over a connection that checks both sides strictly."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=pki / "ca.crt")
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_cert_chain(pki / "server.crt", pki / "server.key")
    client = ssl.create_default_context(cafile=pki / "ca.crt")
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    client.load_cert_chain(pki / "client.crt", pki / "client.key")
    left, right = socket.socketpair()
    learnt: dict[str, object] = {}

    def serve() -> None:
        try:
            with server.wrap_socket(left, server_side=True) as connection:
                learnt.update(connection.getpeercert() or {})
        except ssl.SSLError:
            left.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(right, server_hostname=host):
            pass
    finally:
        right.close()
        thread.join()
    return learnt


@pytest.mark.parametrize("host", ["127.0.0.1", "kubernetes.default.svc"])
def test_both_sides_take_each_other_s_certificate(pki: Path, host: str) -> None:
    subject = dict(pair[0] for pair in handshake(pki, host)["subject"])  # type: ignore[attr-defined]
    assert subject == {"organizationName": "system:masters", "commonName": "alice"}


def test_a_server_is_not_taken_for_another(pki: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=r"other\.example"):
        handshake(pki, "other.example")


def test_a_client_s_certificate_serves_nothing(pki: Path) -> None:
    certificate = x509.load_pem_x509_certificate((pki / "client.crt").read_bytes())
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [use._name for use in uses] == ["clientAuth"]
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "alice"


def test_the_authority_s_key_is_kept_nowhere_and_the_others_only_for_the_owner(pki: Path) -> None:
    keys = {path.name: path.stat().st_mode & 0o777 for path in pki.glob("*.key")}
    assert keys == {"server.key": 0o600, "client.key": 0o600, "tokens.key": 0o600}
    assert pki.stat().st_mode & 0o777 == 0o700
    public = load_pem_private_key((pki / "tokens.key").read_bytes(), None).public_key()
    assert b"PUBLIC KEY" in (pki / "tokens.pub").read_bytes()
    assert public is not None


def test_what_is_there_stays(pki: Path) -> None:
    before = {path.name: path.read_bytes() for path in pki.iterdir()}
    issue(pki, "test", (SERVER, CLIENT), ["tokens"])
    assert {path.name: path.read_bytes() for path in pki.iterdir()} == before


def test_half_a_folder_of_an_interrupted_run_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "pki.new").mkdir()
    (tmp_path / "pki.new" / "ca.crt").write_text("half")
    issue(tmp_path / "pki", "test", (SERVER,))
    assert (tmp_path / "pki" / "ca.crt").read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert not (tmp_path / "pki.new").exists()
