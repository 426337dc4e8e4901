"""Settings that every test runs under, and the shipped stacks as fixtures."""

import os

from embedded.start_up import collect_rarely

collect_rarely()

import hypothesis
import pytest

from plan.recorder import Recording
from stacks.settings import StackSettings
from tests.shipped import STACKS, recording_of, settings_of

# An Output in an f-string raises instead of shipping the SDK's help text as a value.
os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "true"

# No deadline: a busy machine is not a finding. CI takes the same examples each time, so that a red run is a change's.
hypothesis.settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On all cores the runs of the real engine go first: begun last, one core would wait for the other."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: "end_to_end" not in item.nodeid)


@pytest.fixture(scope="session", params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    """Each shipped stack in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def shipped(stack: str) -> Recording:
    """What the shipped stack registers."""
    return recording_of(stack)


@pytest.fixture(scope="session")
def shipped_settings(stack: str) -> StackSettings:
    """What the shipped stack's file says."""
    return settings_of(stack)
