"""Plain boto3 sessions for a stack's AWS providers: on AWS, or on the stack's embedded cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from automation.errors import Refused
from automation.state_values import nested
from embedded.client import Attachment
from stacks.aws_settings import AwsSettings


@dataclass(frozen=True, kw_only=True)
class Access:
    """As whom, where, and in which accounts (none named: in any) calls are made."""

    region: str | None
    profile: str | None = None
    role: str | None = None
    session_name: str | None = None
    account_ids: tuple[str, ...] = ()

    @classmethod
    def of_settings(cls, place: AwsSettings) -> Access:
        """What the stack file says of a place."""
        return cls(
            region=place.region,
            profile=place.profile,
            role=place.role,
            session_name=place.session_name,
            account_ids=place.account_ids,
        )

    @classmethod
    def of_provider(cls, inputs: Mapping[str, Any]) -> Access:
        """What the inputs of an aws provider say, as the engine keeps them: nested ones as JSON text."""
        roles = nested(inputs.get("assumeRoles")) or []
        role = roles[-1] if roles else {}
        return cls(
            region=inputs.get("region"),
            profile=inputs.get("profile"),
            role=role.get("roleArn"),
            session_name=role.get("sessionName"),
            account_ids=tuple(nested(inputs.get("allowedAccountIds")) or ()),
        )


class AwsSessions:
    """One session for each access; `cloud` is None on AWS. On the embedded cloud, which is one account, everybody calls
    with the stack's own key.
    """

    def __init__(
        self,
        cloud: Attachment | None,
        environment: Mapping[str, str],
        start: Callable[..., boto3.Session] = boto3.Session,
    ) -> None:
        self._cloud = cloud
        self._environment = environment
        self._start = start
        self._made: dict[Access, boto3.Session] = {}

    def of(self, provider: Mapping[str, Any]) -> boto3.Session:
        """The session of a provider with these inputs. Refused in an account that they do not allow."""
        return self.with_access(Access.of_provider(provider))

    def with_access(self, access: Access) -> boto3.Session:
        """The session of this access. Refused in an account that it does not allow, or where nobody may log in."""
        if access not in self._made:
            self._made[access] = self._make(access)
        return self._made[access]

    def _make(self, access: Access) -> boto3.Session:
        if self._cloud is not None:
            return _Endpoint(
                self._cloud.url,
                region_name=access.region,
                aws_access_key_id=self._environment["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=self._environment["AWS_SECRET_ACCESS_KEY"],
            )
        try:
            session = self._start(region_name=access.region, profile_name=access.profile)
            if access.role is not None:
                session = self._assumed(session, access)
            if access.account_ids:
                _refuse_wrong_account(session, access)
        except (BotoCoreError, ClientError) as error:
            raise Refused(f"AWS cannot be reached in {access.region}: {error}") from error
        return session

    def _assumed(self, session: boto3.Session, access: Access) -> boto3.Session:
        """A session of the access's role; its credentials last an hour, longer than any command of ours asks AWS."""
        given = session.client("sts").assume_role(RoleArn=str(access.role), RoleSessionName=str(access.session_name))
        credentials = given["Credentials"]
        return self._start(
            region_name=access.region,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )


def _refuse_wrong_account(session: boto3.Session, access: Access) -> None:
    account = session.client("sts").get_caller_identity()["Account"]
    if account not in access.account_ids:
        raise Refused(
            f"AWS account ID not allowed: {account}; the stack file allows {', '.join(access.account_ids)} "
            f"(aws.account_ids), so log in there"
        )


class _Endpoint(boto3.Session):
    """A session whose clients go to the embedded cloud, without touching this process's environment."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(**options)
        self._url = url

    def client(self, service_name: str, **options: Any) -> Any:  # type: ignore[override]
        return super().client(service_name, endpoint_url=self._url, **options)  # type: ignore[call-overload]
