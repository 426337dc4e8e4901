"""An authority and one certificate for everything on loopback, in the files that cert-manager would make."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

_DAYS = "2"


def make_authority(folder: Path) -> None:
    """ca.crt and ca.key in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _openssl(
        folder,
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", _DAYS),
        *("-subj", "/CN=data", "-keyout", "ca.key", "-out", "ca.crt"),
        *("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"),
    )


def issue(authority: Path, folder: Path, names: Sequence[str]) -> None:
    """ca.crt, tls.crt and tls.key in `folder`, good for names as in "DNS:localhost" or "IP:127.0.0.1"."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "extensions").write_text(f"subjectAltName={','.join(names)}\n")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl(folder, "req", *curve, "-subj", "/CN=member", "-keyout", "new.key", "-out", "request")
    _openssl(
        folder,
        *("x509", "-req", "-in", "request", "-CA", str(authority / "ca.crt"), "-CAkey", str(authority / "ca.key")),
        *("-CAcreateserial", "-days", _DAYS, "-extfile", "extensions", "-out", "new.crt"),
    )
    (folder / "new.key").replace(folder / "tls.key")
    (folder / "new.crt").replace(folder / "tls.crt")
    (folder / "ca.crt").write_bytes((authority / "ca.crt").read_bytes())


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)
