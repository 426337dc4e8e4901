"""What AWS refuses and moto does not: one table per service, a row per refusal, each with its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from embedded.aws.account import Account
from embedded.aws.protocol import Call

# None where AWS lets the call pass, else the facts that the message names.
Verdict = Mapping[str, object] | None
Check = Callable[[Account, Call], Verdict]


@dataclass(frozen=True)
class Refusal:
    """A row: on these operations, when the check says so, this error. `message` takes the check's facts by name."""

    operations: tuple[str, ...]
    check: Check
    code: str
    message: str
    source: str
    status: int = 400
