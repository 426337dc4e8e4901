"""What a cluster gives Redis's pods, on loopback: certificates, names with addresses, and the zones of nodes."""

from __future__ import annotations

import datetime
import ipaddress
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = datetime.timedelta(days=1)


class Authority:
    """Signs certificates as the region's own authority does (`components/data/authority.py`)."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "game-regions data")])
        builder = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(True, None), critical=True)
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
        )
        builder = builder.add_extension(_usage(signs=True), critical=True)
        self._certificate = builder.sign(self._key, hashes.SHA256())

    def issue(self, folder: Path, names: list[str], addresses: list[str]) -> None:
        """ca.crt, tls.crt and tls.key for `names` in `folder`, as a mounted Secret has them."""
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        also = [x509.DNSName(name) for name in names] + [x509.IPAddress(ipaddress.ip_address(one)) for one in addresses]
        builder = self._builder(x509.Name([]), key)
        builder = builder.add_extension(x509.SubjectAlternativeName(also), critical=True)
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(purposes, critical=False).add_extension(_usage(signs=False), critical=True)
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        signed = builder.add_extension(issuer_key, critical=False).sign(self._key, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "ca.crt").write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))
        (folder / "tls.crt").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        (folder / "tls.key").write_bytes(private)

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
        )


class KubernetesApi:
    """Answers what `runtime.kube` asks: which pod is on which node, and each node's zone. `zones` by pod."""

    def __init__(self, zones: dict[str, str], folder: Path) -> None:
        self.zones, self.token = zones, folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "token").write_text("of-a-drill")
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(api.answer(self.path)).encode()
                allowed = self.headers["Authorization"] == "Bearer of-a-drill"
                self.send_response(200 if allowed else 403)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str) -> object:
        """A list of pods, or the node that is named as its pod's."""
        if path.endswith("/pods"):
            return {"items": [{"metadata": {"name": pod}, "spec": {"nodeName": f"node-{pod}"}} for pod in self.zones]}
        pod = path.rpartition("/node-")[2]
        return {"metadata": {"labels": {"topology.kubernetes.io/zone": self.zones[pod]}}}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Names:
    """Names and their addresses in a file, and the command that looks them up, in place of cluster DNS."""

    def __init__(self, folder: Path) -> None:
        self._file, self._script = folder / "hosts", folder / "resolve"
        self._script.write_text(f"""awk -v name="$1" '$2 == name {{ print $1; exit }}' {self._file}\n""")
        self.command = f"sh {self._script}"

    def write(self, addresses: dict[str, str]) -> None:
        """`addresses` by name, whole at any moment: it is read while it changes."""
        new = self._file.with_suffix(".new")
        new.write_text("".join(f"{address} {name}\n" for name, address in addresses.items()))
        new.replace(self._file)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
