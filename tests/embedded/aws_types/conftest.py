"""An embedded AWS account per test, and an engine in front of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from embedded.aws.account import Account
from embedded.aws.endpoint import AwsEndpoint
from embedded.aws.types import ROWS
from tests.embedded.aws_types.driver import Engine


class NoJournal:
    """Counts, as a journal would number, and keeps nothing."""

    def __init__(self) -> None:
        self.sequence = 0

    def record(self, kind: str, entry: Mapping[str, Any]) -> int:
        del kind, entry
        self.sequence += 1
        return self.sequence


@pytest.fixture(scope="session")
def door() -> AwsEndpoint:
    """One endpoint for all tests: its boto3 clients take longer to make than a test to run."""
    return AwsEndpoint(NoJournal(), threading.RLock())


@pytest.fixture
def endpoint(door: AwsEndpoint) -> AwsEndpoint:
    door.account = Account()
    door.on_call.clear()
    return door


@pytest.fixture
def engine(endpoint: AwsEndpoint) -> Engine:
    return Engine(endpoint)


@pytest.fixture(params=sorted(ROWS))
def resource_type(request: pytest.FixtureRequest) -> str:
    return str(request.param)
