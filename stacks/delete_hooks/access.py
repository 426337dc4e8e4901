"""Sessions for looks at AWS from within the program: as whom the region's own provider calls, where it is known."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from stacks.delete_hooks.waits import Place, Session, Unreachable
from stacks.refusals import region_of

if TYPE_CHECKING:
    from stacks.aws_settings import AwsSettings
    from stacks.settings import StackSettings

# Credentials of a role last an hour by default; half of it leaves the longest call time to end.
_KEPT_SECONDS = 1800
_CALLS = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=10, read_timeout=30)


def _boto3_session(**options: Any) -> Any:
    import boto3  # most runs delete nothing, and need not wait for it

    return boto3.Session(**options)


class SettingsAccess:
    """Sessions by the settings of the region that a logical name begins with.

    A region that the settings no longer have is reached as the environment says. The embedded cloud is one account,
    where everybody calls with the stack's own key.
    """

    def __init__(self, settings: "StackSettings", start: Callable[..., Any] = _boto3_session) -> None:
        self._places = {name: region.aws for name, region in settings.regions.items()}
        self._embedded = settings.cloud == "embedded"
        self._start = start
        self._lock = threading.Lock()  # hooks of many resources look at the same time
        self._made: dict[tuple[str | None, str | None, str], _Clients] = {}

    def __call__(self, name: str, place: Place) -> Session:
        """The session for a resource of this name. Unreachable without credentials, or in another account."""
        region = region_of(name, self._places)
        settings = None if region is None or self._embedded else self._places[region]
        key = (settings.profile, settings.role, place.region) if settings else (None, None, place.region)
        with self._lock:
            made = self._made.get(key)
            if made is None or made.age > _KEPT_SECONDS:
                made = self._made[key] = self._make(settings, place.region)
            if place.account is not None and made.account != place.account:
                raise Unreachable(f"the credentials at hand lead to account {made.account}, it is in {place.account}")
        return made

    def _make(self, settings: "AwsSettings | None", region: str) -> "_Clients":
        try:
            session = self._start(region_name=region, profile_name=settings.profile if settings else None)
            if settings is not None and settings.role is not None:
                session = self._assumed(session, settings.role, settings.session_name, region)
            return _Clients(session, session.client("sts", config=_CALLS).get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            raise Unreachable(f"AWS cannot be reached in {region}: {error}") from error

    def _assumed(self, session: Any, role: str, session_name: str | None, region: str) -> Any:
        sts = session.client("sts", config=_CALLS)
        given = sts.assume_role(RoleArn=role, RoleSessionName=session_name)["Credentials"]
        return self._start(
            region_name=region,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )


@dataclass
class _Clients:
    """Clients of one session, each made once: making one reads megabytes of service models."""

    _session: Any
    account: str
    _born: float = field(default_factory=time.monotonic)
    _made: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def age(self) -> float:
        """Seconds since the session was opened."""
        return time.monotonic() - self._born

    def client(self, service: str) -> Any:
        """A client of the service; they may be used by several threads at once, but not made by them."""
        with self._lock:
            if service not in self._made:
                self._made[service] = self._session.client(service, config=_CALLS)
            return self._made[service]
