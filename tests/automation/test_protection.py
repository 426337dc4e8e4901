"""A protection that is lifted for a try comes back, and what others have written meanwhile stays."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.automation import Deployment

from automation import protection
from automation.protection import Protection

VPC, KEY, NEW = "urn:vpc", "urn:key", "urn:made-meanwhile"


class Stack:
    """A stack whose state is exported as it is, and written as it is told."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {"resources": [{"urn": VPC, "protect": True}, {"urn": KEY, "protect": True}]}
        self.workspace = SimpleNamespace(env_vars={})

    def export_stack(self) -> Deployment:
        return Deployment(version=3, deployment=deepcopy(self.state))

    def protected(self) -> dict[str, bool]:
        return {one["urn"]: bool(one.get("protect")) for one in self.state["resources"]}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    def write(session: Any, state: Deployment) -> None:
        session.stack.state = state.deployment

    monkeypatch.setattr(protection, "write_state", write)
    return Stack()


def broken_off(stack: Stack, stop: type[BaseException]) -> None:
    """Lift one protection for a try that another run's work falls into and that then stops."""
    session: Any = SimpleNamespace(stack=stack)
    with Protection(session).lifted_for_a_try([VPC]):
        assert stack.protected() == {VPC: False, KEY: True}
        stack.state["resources"].append({"urn": NEW})
        raise stop


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_whatever_stops_the_try_puts_the_mark_on_again(stack: Stack, stop: type[BaseException]):
    with pytest.raises(stop):
        broken_off(stack, stop)
    assert stack.protected()[VPC]


def test_what_another_run_has_written_meanwhile_stays(stack: Stack):
    with pytest.raises(KeyboardInterrupt):
        broken_off(stack, KeyboardInterrupt)
    assert stack.protected() == {VPC: True, KEY: True, NEW: False}
