"""Plain boto3 sessions for a stack's AWS providers: on AWS, or on the stack's embedded cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3

from embedded.client import Attachment


class AwsSessions:
    """One session per AWS region and profile; `cloud` is None on AWS."""

    def __init__(self, cloud: Attachment | None, environment: Mapping[str, str]) -> None:
        self._cloud = cloud
        self._environment = environment
        self._made: dict[tuple[str | None, str | None], boto3.Session] = {}

    def of(self, provider: Mapping[str, Any]) -> boto3.Session:
        """The session of a provider with these inputs."""
        key = (provider.get("region"), provider.get("profile"))
        if key not in self._made:
            self._made[key] = self._make(*key)
        return self._made[key]

    def _make(self, region: str | None, profile: str | None) -> boto3.Session:
        if self._cloud is None:
            return boto3.Session(region_name=region, profile_name=profile)
        return _Endpoint(
            self._cloud.url,
            region_name=region,
            aws_access_key_id=self._environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self._environment["AWS_SECRET_ACCESS_KEY"],
        )


class _Endpoint(boto3.Session):
    """A session whose clients go to the embedded cloud, without touching this process's environment."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(**options)
        self._url = url

    def client(self, service_name: str, **options: Any) -> Any:  # type: ignore[override]
        return super().client(service_name, endpoint_url=self._url, **options)  # type: ignore[call-overload]
