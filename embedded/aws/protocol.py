"""What a raw AWS HTTP request asks for: service, region, operation and parameters.

Routing and parsing are driven by AWS's own service models (botocore), through moto's router and parsers.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from botocore.awsrequest import AWSPreparedRequest
from botocore.model import OperationNotFoundError
from botocore.validate import ParamValidator
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS, RequestDict
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from embedded.aws.errors import AwsError

# HTTP status, headers, body.
Answer = tuple[int, dict[str, str], bytes]

# Name in a request's credential scope -> boto3's name of the service. What is not here is not served.
SERVICES = {
    "acm": "acm",
    "autoscaling": "autoscaling",
    "budgets": "budgets",
    "ec2": "ec2",
    "ecr": "ecr",
    "eks": "eks",
    "elasticloadbalancing": "elbv2",
    "events": "events",
    "iam": "iam",
    "kms": "kms",
    "logs": "logs",
    "route53": "route53",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "sts": "sts",
    "tagging": "resourcegroupstaggingapi",
}
GLOBAL_SERVICES = ("budgets", "iam", "route53")

# Operations that change nothing are not journaled; every other one is.
_READS = re.compile(r"^(Describe|Get|List|Head|BatchGet|Lookup|Search|Simulate|Filter|TestDNS|TestEvent)")
_SCOPE = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d+/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request")


@dataclass(frozen=True)
class RawRequest:
    """One request, freed from how it arrived: real AWS host, no caller's credentials, body in memory."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    def to_json(self) -> dict[str, Any]:
        """For the journal."""
        body = base64.b64encode(self.body).decode()
        return {"method": self.method, "url": self.url, "headers": self.headers, "body": body}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RawRequest:
        return cls(data["method"], data["url"], data["headers"], base64.b64decode(data["body"]))

    def to_moto(self) -> Request:
        """A new request in the type moto's router, parsers and backends take; reading it consumes it."""
        return Request.from_primitives(self.method, self.url, self.headers, self.body)


@dataclass(frozen=True)
class Call:
    """One API call; `parameters` are shaped as boto3's."""

    service: str
    operation: str
    region: str
    parameters: dict[str, Any]
    protocol: str
    model: OperationModel
    request: RawRequest

    @property
    def is_mutation(self) -> bool:
        return _READS.match(self.operation) is None


def scope(request: AWSPreparedRequest) -> tuple[str, str]:
    """(service in the credential scope, region) of a signed request."""
    presigned = parse_qs(urlsplit(request.url).query).get("X-Amz-Credential", [""])[0]
    signature = str(request.headers.get("Authorization") or f"Credential={presigned}")
    match = _SCOPE.search(signature)
    if match is None:
        message = "The request is not signed: the embedded cloud reads service and region from the credential scope."
        raise AwsError("MissingAuthenticationToken", message, 403)
    return match["service"], match["region"]


def normalise(request: AWSPreparedRequest, signing_name: str, region: str) -> RawRequest:
    """The same request to the service's real host, under credentials of the embedded account."""
    service = SERVICES[signing_name]
    parts = urlsplit(request.url)
    host = parts.netloc if parts.netloc.endswith(".amazonaws.com") else _host(service, region)
    # Keys of the caller have no business in a journal on disk.
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=AKIAEMBEDDEDCLOUD000/20260101/{region}/{signing_name}/aws4_request, "
        "SignedHeaders=host, Signature=none"
    )
    dropped = {"authorization", "host", "x-amz-security-token", "connection", "accept-encoding", "user-agent"}
    headers = {name: _text(value) for name, value in request.headers.items() if name.lower() not in dropped}
    headers |= {"Authorization": authorization, "Host": host}
    url = urlunsplit(("https", host, parts.path or "/", parts.query, ""))
    return RawRequest(str(request.method), url, headers, _body(request.body))


def _host(service: str, region: str) -> str:
    prefix = get_service_model(service).endpoint_prefix
    return f"{prefix}.amazonaws.com" if service in GLOBAL_SERVICES else f"{prefix}.{region}.amazonaws.com"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _body(body: Any) -> bytes:
    if hasattr(body, "read"):
        body = body.read()
    if body is None:
        return b""
    return body if isinstance(body, bytes) else str(body).encode()


def recognise(request: RawRequest, service: str, region: str) -> Call:
    """The call that `request` makes; AwsError when the service has no such operation."""
    arrived = request.to_moto()
    service_model = get_service_model(service)
    if service == "elbv2" and arrived.values.get("Version", service_model.api_version) != service_model.api_version:
        raise AwsError("InvalidAction", "The embedded cloud does not serve classic load balancers; use elbv2.")
    try:
        operation, path = get_service_router(service).match(arrived)
    except (HTTPException, OperationNotFoundError, NotImplementedError) as error:
        message = f"{service} has no operation for {request.method} {urlsplit(request.url).path}."
        raise AwsError("InvalidAction", message) from error
    protocol = determine_request_protocol(service_model, arrived.content_type)
    fields: RequestDict = {
        "method": arrived.method,
        "values": arrived.values,
        "headers": arrived.headers,
        "body": arrived.data,
        "url_path": arrived.path,
        "url_params": path,
    }
    parameters = PROTOCOL_PARSERS[protocol](operation).parse(fields)
    return Call(service, operation.name, region, parameters, protocol, operation, request)


@cache
def _validator() -> ParamValidator:
    return ParamValidator()


def check_parameters(call: Call) -> None:
    """Refuse parameters that AWS's service model does not allow, as boto3 does before it sends."""
    shape = call.model.input_shape
    if shape is None:
        return
    report = _validator().validate(call.parameters, shape)
    if report.has_errors():
        raise AwsError("ValidationException", report.generate_report())
