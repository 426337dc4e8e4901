"""The embedded account: moto's backends and our own models, empty at birth, put away and fetched back as bytes."""

from __future__ import annotations

import io
import os
import pickle
import re
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar, get_args

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from moto.backends import get_backend
from moto.core.base_backend import BackendDict
from moto.iam.models import AWSManagedPolicy
from moto.moto_api._internal import mock_random
from werkzeug.exceptions import HTTPException

from embedded.aws.errors import AwsError
from embedded.aws.furniture import add_managed_policies, clear_network
from embedded.aws.protocol import Call

ACCOUNT_ID = "123456789012"
PARTITION = "aws"

_Model = TypeVar("_Model")


class Account:
    """All state of one embedded AWS account. moto is one per process, so a new Account empties it."""

    def __init__(self) -> None:
        # Moto's own images cost 0.3 s per process and 0.9 MB per region of snapshot, and nobody here boots one.
        os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
        self._models: dict[tuple[type[Any], str], Any] = {}
        _empty_moto()

    def model(self, kind: type[_Model], region: str) -> _Model:
        """Our own model of a service in a region, made on first use."""
        key = (kind, region)
        if key not in self._models:
            self._models[key] = kind()
        found: _Model = self._models[key]
        return found

    def models(self, kind: type[_Model]) -> Iterator[tuple[str, _Model]]:
        """(region, model) of every region in use, sorted."""
        for (of, region), model in sorted(self._models.items(), key=lambda item: item[0][1]):
            if of is kind:
                yield region, model

    def moto(self, service: str, region: str) -> Any:
        """Moto's backend of a service; made on first use, from a seed of its own, so that a replay makes the same."""
        backends = get_backend(service)[ACCOUNT_ID]  # type: ignore[call-overload]
        # Some services moto keeps per partition (iam, route53, s3, sts); they have no backend of a region's name.
        place = region if region in backends else PARTITION
        if place not in backends.keys():  # noqa: SIM118 - moto's `in` also answers for regions not made yet
            if place not in backends:
                raise AwsError("InvalidRegion", f"AWS has no {service} in the region {region!r}.")
            # What is under way keeps its own random numbers, whether or not a read made this backend before it.
            under_way = mock_random.getstate()
            mock_random.seed(f"{service} {place}")
            _furnish(service, backends[place])
            mock_random.setstate(under_way)
        return backends[place]

    def regions(self, service: str) -> Iterator[tuple[str, Any]]:
        """(region or partition, moto's backend) of a service, where it is in use, sorted."""
        for backends in _in_use():
            if backends.service_name == service:
                yield from sorted(backends[ACCOUNT_ID].items())

    def prepare(self, service: str, region: str) -> None:
        """Make the backends a call may touch, before the call's own seed is set."""
        for needed in ("iam", "ec2", service):
            self.moto(needed, region)

    def execute(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        """Let moto execute a call: HTTP status, headers, body."""
        url = call.request.url.split("?", 1)[0]
        handler = next((to for pattern, to in _routes(call.service) if pattern.match(url)), None)
        if handler is None:
            raise not_served(call)
        request = call.request.to_moto()
        try:
            status, headers, body = handler(request, request.raw_url, request.headers)
        except HTTPException as error:
            status, headers, body = error.code or 400, dict(error.get_headers()), error.get_body()
        except NotImplementedError as error:
            raise not_served(call) from error
        return int(status), dict(headers), body if isinstance(body, bytes) else str(body).encode()

    def snapshot(self) -> bytes:
        """Everything, as bytes that only the same versions of moto and of this code can read."""
        backends = {service.service_name: dict(service[ACCOUNT_ID].items()) for service in _in_use()}
        file = io.BytesIO()
        _Pickler(file).dump((backends, self._models))
        return file.getvalue()

    def restore(self, data: bytes) -> None:
        """Become what `snapshot` put away."""
        _empty_moto()
        policies = {policy.arn: policy for policy in self.moto("iam", "us-east-1").aws_managed_policies}
        backends, self._models = _Unpickler(io.BytesIO(data), policies).load()
        for service, places in backends.items():
            kept = get_backend(service)[ACCOUNT_ID]
            for place, backend in places.items():
                kept[place] = backend


def not_served(call: Call) -> AwsError:
    """The error for an operation that neither moto nor our models have."""
    return AwsError("InvalidAction", f"The embedded cloud does not serve {call.service} {call.operation}.")


def _furnish(service: str, backend: Any) -> None:
    """Take out what moto puts in by itself, put in what it lacks."""
    if service == "ec2":
        clear_network(backend)
    if service == "iam":
        add_managed_policies(backend)


@cache
def _routes(service: str) -> list[tuple[re.Pattern[str], Any]]:
    backends = get_backend(service)[ACCOUNT_ID]  # type: ignore[call-overload]
    backend = next(iter(backends.values()))
    return [(re.compile(url), handler) for url, handler in backend.urls.items()]


def _in_use() -> list[Any]:
    """Moto's dictionaries of backends, of all services that have any."""
    return list(vars(BackendDict)["_instances"])


def _empty_moto() -> None:
    for service in _in_use():
        if service.service_name == "s3":
            # Objects of S3 are open files.
            service[ACCOUNT_ID].reset()
        service.clear()
    vars(BackendDict)["_instances"].clear()


def _load_key(der: bytes) -> PrivateKeyTypes:
    return load_der_private_key(der, password=None)


class _Pickler(pickle.Pickler):
    """Leaves AWS's own 1,400 policies out: they are the same in every account, but for their count of attachments."""

    def reducer_override(self, obj: Any) -> Any:
        # Moto's KMS keys, symmetric ones too, hold objects of OpenSSL.
        if isinstance(obj, get_args(PrivateKeyTypes)):
            der = obj.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            return _load_key, (der,)
        # Queues, repositories and objects hold locks of their own; the cloud's lock is the one that counts.
        for make in (threading.Lock, threading.RLock):
            if isinstance(obj, type(make())):
                return make, ()
        return NotImplemented

    def persistent_id(self, obj: Any) -> tuple[str, int] | None:
        if type(obj) is AWSManagedPolicy:
            return obj.arn, obj.attachment_count
        return None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, policies: dict[str, Any]) -> None:
        super().__init__(file)
        self._policies = policies

    def persistent_load(self, pid: tuple[str, int]) -> Any:
        arn, count = pid
        policy = self._policies[arn]
        policy.attachment_count = count
        return policy
