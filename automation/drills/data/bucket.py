"""A bucket of S3 on loopback, by the embedded cloud's own S3: what pods would upload to."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders

from components.data.backup.runtime.credentials import Credentials
from components.data.backup.runtime.s3 import Bucket
from embedded.aws.endpoint import AwsEndpoint

NAME, REGION = "backups", "us-east-1"
_LATER = 4_102_444_800.0  # 2100
_HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})


class _NoJournal:
    """Numbers calls, as a journal would, and keeps none."""

    def __init__(self) -> None:
        self._sequence = 0

    def record(self, kind: str, entry: Mapping[str, Any]) -> int:
        del kind, entry
        self._sequence += 1
        return self._sequence


@contextmanager
def local_bucket() -> Iterator[Bucket]:
    """An empty bucket that keeps versions, under object lock, while the block runs."""
    cloud = AwsEndpoint(_NoJournal(), threading.RLock())
    cloud.client("s3", REGION).create_bucket(Bucket=NAME, ObjectLockEnabledForBucket=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _door(cloud))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        anybody = Credentials("AKIAIOSFODNN7EXAMPLE", "secret", "token", _LATER)
        yield Bucket(f"http://127.0.0.1:{server.server_port}/{NAME}", REGION, lambda: anybody)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _door(cloud: AwsEndpoint) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            url = f"https://s3.{REGION}.amazonaws.com{self.path}"
            # moto looks some of them up by just these capitals.
            headers = HTTPHeaders.from_dict({name.title(): value for name, value in self.headers.items()})
            answer = cloud.handle(AWSPreparedRequest(self.command, url, headers, body, False))
            content = answer.content
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, str(value))
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = _pass  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Every request would be a line."""

    return Door
