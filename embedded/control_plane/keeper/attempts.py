"""Work on one thing of many, whose failure is noted and keeps nobody else from theirs."""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError

from embedded.kubernetes.errors import ApiError

_CONFLICT = 409  # somebody was faster; the next pass sees what they did


def attempt(problems: list[str], what: str, work: Callable[[], None]) -> None:
    """Do the work; what Kubernetes or AWS has against it is added to `problems` as one sentence."""
    try:
        work()
    except ApiError as refusal:
        if refusal.code != _CONFLICT:
            problems.append(f"{what}: {refusal.message}")
    except (ClientError, ValueError) as error:
        problems.append(f"{what}: {error}")
