"""One wait before a delete: look, pause, look again, until nothing stands in the way or the time is up."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

# A describe call every ten seconds is far below any of AWS's rates, and adds nothing that counts to waits of minutes.
PAUSE_SECONDS = 10
# Longer lists say no more.
_NAMED = 5
_LOCKED_OUT = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "OptInRequired",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_PASSING = frozenset({"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"})


class StillStanding(Exception):
    """A wait that ran out or may not look; one sentence, which the engine prints as the delete's error."""


class Unreachable(Exception):
    """Nobody can look: no credentials, no endpoint, or another account than the one that is meant."""


@dataclass(frozen=True, kw_only=True)
class Doomed:
    """The resource about to be deleted, as the state has it: properties in camelCase, secrets in the clear."""

    name: str
    type: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """A region of AWS, and the account where the state says which."""

    region: str
    account: str | None = None


class Session(Protocol):
    """Clients of one place, as boto3's sessions have them."""

    def client(self, service: str) -> Any:
        """A client of a service such as ec2."""


Access = Callable[[str, Place], Session]
"""The session for a resource of this logical name in this place; Unreachable where there is none."""


@dataclass(frozen=True)
class Clock:
    """Time as a wait needs it: seconds now, a pause, and where a warning goes."""

    warn: Callable[[str], None]
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, kw_only=True)
class Wait:
    """`hook` is the name that every guarded resource keeps in the state: a program without it cannot delete them.

    `what` and `remedy` go into sentences; `guards` says by type and inputs which resources wait, `place` where to look,
    None where the state does not tell; `standing` names all that is still there, and may clear away what nobody uses.
    `cluster` names, where `place` tells no account, the cluster whose account is meant: it stands while the wait lasts.
    """

    hook: str
    what: str
    remedy: str
    seconds: float
    guards: Callable[[str, Mapping[str, Any]], bool]
    place: Callable[[Doomed], Place | None]
    standing: Callable[[Session, Doomed], list[str]]
    cluster: Callable[[Doomed], str] | None = None

    async def until_gone(self, doomed: Doomed, access: Access, clock: Clock) -> None:
        """Return when nothing stands any more, or nobody can look. StillStanding where the time is up."""
        place = self.place(doomed)
        if place is None:
            clock.warn(self._unseen(doomed, "the state does not say in which region of AWS"))
            return
        end, standing = clock.now() + self.seconds, list[str]()
        while True:
            try:
                # In a thread: the engine's other calls to the program come over the loop that runs this.
                standing = await asyncio.to_thread(self._look, doomed, access, place, seen=bool(standing))
            except Unreachable as error:
                if not standing:
                    clock.warn(self._unseen(doomed, str(error)))
                    return
            if not standing:
                return
            if clock.now() >= end:
                raise StillStanding(self._out_of_time(doomed, standing))
            await clock.sleep(PAUSE_SECONDS)

    def _look(self, doomed: Doomed, access: Access, place: Place, *, seen: bool) -> list[str]:
        try:
            session = access(doomed.name, place)
            found = self.standing(session, doomed)
            if not found and not seen and self.cluster is not None:
                _refuse_without(self.cluster(doomed), session)
            return found
        except ClientError as error:
            if is_gone(error):
                return []
            code = error_code(error)
            if code in _LOCKED_OUT:
                raise Unreachable(str(error)) from error
            if code in _PASSING or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
                return [f"unknown, since AWS answers {code}"]
            raise StillStanding(f"{doomed.name} cannot go: {self.what} could not be looked up: {error}") from error
        except BotoCoreError as error:
            raise Unreachable(str(error)) from error

    def _unseen(self, doomed: Doomed, why: str) -> str:
        return f"{doomed.name} goes without a look for {self.what}: {why}"

    def _out_of_time(self, doomed: Doomed, standing: list[str]) -> str:
        more = f" and {len(standing) - _NAMED} more" if len(standing) > _NAMED else ""
        return (
            f"{doomed.name} cannot go: after {round(self.seconds / 60)} minutes there are still {self.what}: "
            f"{', '.join(standing[:_NAMED])}{more}; {self.remedy}, then run it again"
        )


def _refuse_without(cluster: str, session: Session) -> None:
    """Unreachable where the session's account has no such cluster: finding nothing there proves nothing.

    What belongs to a region that is no longer in the stack file is looked at as the environment says.
    """
    try:
        session.client("eks").describe_cluster(name=cluster)
    except ClientError as error:
        if is_gone(error):
            raise Unreachable(f"there is no cluster {cluster} where the credentials at hand lead") from error
        raise


def error_code(error: ClientError) -> str:
    """AWS's own name of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_gone(error: ClientError) -> bool:
    """Whether the error says that what was asked for is not there: `InvalidSubnetID.NotFound` and its like."""
    return error_code(error).removesuffix("Exception").endswith("NotFound")


def place_of_arn(arn: str) -> Place | None:
    """Region and account of an ARN; None where it is none."""
    parts = arn.split(":", 5)
    return Place(parts[3], parts[4]) if len(parts) == 6 and parts[3] else None
