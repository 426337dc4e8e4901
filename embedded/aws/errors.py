"""AWS errors, and how each AWS protocol writes one on the wire."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from xml.sax.saxutils import escape

from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

_log = logging.getLogger(__name__)

JSON_PROTOCOLS = ("json", "rest-json")

# One request id for all: nobody traces requests in an embedded cloud, and a replay must answer the same bytes.
REQUEST_ID = "00000000-0000-4000-8000-000000000000"


@dataclass
class AwsError(Exception):
    """An error as AWS answers it: `code` as in AWS's reference, a message, the HTTP status."""

    code: str
    message: str
    status: int = 400

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def as_aws_error(error: Exception) -> AwsError:
    """The AWS error that one of moto's exceptions stands for; a fault of moto or of ours is an InternalFailure."""
    if isinstance(error, ServiceException):
        return AwsError(error.code, error.message)
    if isinstance(error, HTTPException) and hasattr(error, "error_type"):
        return AwsError(str(error.error_type), str(getattr(error, "message", "")), error.code or 400)
    _log.error("an operation of the embedded AWS failed", exc_info=error)
    return AwsError("InternalFailure", f"The embedded cloud failed: {type(error).__name__}: {error}", 500)


def error_answer(error: AwsError, protocol: str, service: str) -> tuple[int, dict[str, str], bytes]:
    """HTTP status, headers and body of `error` in a service's protocol (botocore's names: ec2, query, json, ...)."""
    if protocol in JSON_PROTOCOLS:
        body = json.dumps({"__type": error.code, "message": error.message})
        headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": error.code}
    else:
        body = _xml(error, protocol, service)
        headers = {"Content-Type": "text/xml"}
    return error.status, headers | {"x-amzn-RequestId": REQUEST_ID}, body.encode()


def _xml(error: AwsError, protocol: str, service: str) -> str:
    inner = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if protocol == "ec2":
        return f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
    if service == "s3":
        return f"<Error>{inner}<RequestId>{REQUEST_ID}</RequestId></Error>"
    return (
        f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
    )
