"""A bucket of S3: put, get and list, signed by hand, since the pods' images have no AWS library.

Every upload carries the SHA-256 of its content: S3 refuses uploads without a checksum into a bucket that locks them,
and one that was damaged on its way. docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import io
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from .credentials import Credentials, pod_credentials

TRIES, FIRST_PAUSE_SECONDS = 5, 0.5
TIMEOUT_SECONDS = 60
CHUNK = 1024 * 1024
_NAMESPACE = {"s3": "http://s3.amazonaws.com/doc/2006-03-01/"}
_NOTHING = hashlib.sha256(b"").digest()


class S3Error(Exception):
    """What S3 answered, or that nothing answered."""


@dataclass(frozen=True)
class Bucket:
    """`address` is what stands before every key: `https://<bucket>.s3.<region>.amazonaws.com`."""

    address: str
    region: str
    credentials: Callable[[], Credentials]
    pause: Callable[[float], None] = time.sleep

    def put(self, key: str, content: Path | bytes) -> int:
        """Stores a file or bytes below a key and says how many bytes that were."""
        digest, size = _digest(content)
        headers = {
            "x-amz-checksum-sha256": base64.b64encode(digest).decode(),
            "content-length": str(size),
            "content-type": "application/octet-stream",
        }
        with _opened(content) as body:
            self._answer("PUT", key, {}, digest, headers, body)
        return size

    def get(self, key: str) -> bytes:
        """All of an object."""
        return self._answer("GET", key, {}, _NOTHING, {}, None)

    def fetch(self, key: str, path: Path) -> int:
        """An object into a file; says how many bytes."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        with part.open("wb") as file:
            self._answer("GET", key, {}, _NOTHING, {}, None, file)
        part.rename(path)
        return path.stat().st_size

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        """Keys that begin with `prefix` and come after the key `after`, in order."""
        query = {"list-type": "2", "prefix": prefix, **({"start-after": after} if after else {})}
        while True:
            page = ElementTree.fromstring(self._answer("GET", "", query, _NOTHING, {}, None))
            for found in page.iterfind("s3:Contents/s3:Key", _NAMESPACE):
                yield found.text or ""
            token = page.findtext("s3:NextContinuationToken", None, _NAMESPACE)
            if not token:
                return
            query["continuation-token"] = token

    def _answer(
        self,
        method: str,
        key: str,
        query: Mapping[str, str],
        digest: bytes,
        headers: Mapping[str, str],
        body: IO[bytes] | None,
        into: IO[bytes] | None = None,
    ) -> bytes:
        pause = FIRST_PAUSE_SECONDS
        for last in (*(False,) * (TRIES - 1), True):
            if body is not None:
                body.seek(0)
            if into is not None:
                into.seek(0)
                into.truncate()
            try:
                return self._once(method, key, query, digest, headers, body, into)
            except urllib.error.HTTPError as error:
                with error:
                    said = error.read(2000).decode(errors="replace")
                if last or error.code < 500:
                    raise S3Error(f"{method} {key or '/'}: {error.code} {said}") from error
            except (OSError, http.client.HTTPException) as error:
                if last:
                    raise S3Error(f"{method} {key or '/'}: {error}") from error
            self.pause(pause)
            pause *= 2
        raise AssertionError("the last try answers or raises")

    def _once(
        self,
        method: str,
        key: str,
        query: Mapping[str, str],
        digest: bytes,
        headers: Mapping[str, str],
        body: IO[bytes] | None,
        into: IO[bytes] | None,
    ) -> bytes:
        path, text = urllib.parse.quote(key), urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        address = urllib.parse.urlsplit(f"{self.address}/{path}")
        signed = signature(
            self.credentials(), self.region, method, address, query, {"x-amz-content-sha256": digest.hex(), **headers}
        )
        url = f"{address.geturl()}?{text}" if text else address.geturl()
        request = urllib.request.Request(url, data=body, headers=signed, method=method)
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            if into is None:
                content: bytes = answer.read()
                return content
            while chunk := answer.read(CHUNK):
                into.write(chunk)
            # A connection that broke off looks like an end.
            if answer.headers.get("content-length") not in (None, str(into.tell())):
                raise OSError(f"{into.tell()} bytes of {answer.headers['content-length']} arrived")
            return b""


def signature(
    credentials: Credentials,
    region: str,
    method: str,
    address: urllib.parse.SplitResult,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    moment: datetime | None = None,
) -> dict[str, str]:
    """The headers with those that sign them: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html"""
    moment = moment or datetime.now(UTC)
    stamp, day = moment.strftime("%Y%m%dT%H%M%SZ"), moment.strftime("%Y%m%d")
    sent = {**headers, "host": address.netloc, "x-amz-date": stamp, "x-amz-security-token": credentials.token}
    # The length is no header that S3 asks to be signed, and a proxy may say it otherwise.
    names = sorted(name for name in sent if name != "content-length")
    pairs = sorted((urllib.parse.quote(k, "-_.~"), urllib.parse.quote(v, "-_.~")) for k, v in query.items())
    asked = "\n".join(
        [
            method,
            address.path,
            "&".join(f"{key}={value}" for key, value in pairs),
            *(f"{name}:{sent[name].strip()}" for name in names),
            "",
            ";".join(names),
            headers["x-amz-content-sha256"],
        ]
    )
    scope = f"{day}/{region}/s3/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(asked.encode()).hexdigest()])
    key = f"AWS4{credentials.secret}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    proof = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    sent["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.key_id}/{scope}, SignedHeaders={';'.join(names)}, Signature={proof}"
    )
    return sent


def pod_bucket() -> Bucket:
    """The bucket that the pod's environment names, with the rights of its ServiceAccount."""
    bucket, region = os.environ["BACKUP_BUCKET"], os.environ["BACKUP_REGION"]
    return Bucket(f"https://{bucket}.s3.{region}.amazonaws.com", region, pod_credentials())


def _digest(content: Path | bytes) -> tuple[bytes, int]:
    """SHA-256 and length."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).digest(), len(content)
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest(), content.stat().st_size


def _opened(content: Path | bytes) -> IO[bytes]:
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")
