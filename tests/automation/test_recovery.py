"""What a recovery makes of a state: which objects it takes in, where they stand in it, and when it leaves it alone."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pulumi.automation import Deployment
from rich.console import Console

from automation import recovery
from automation.errors import Refused
from automation.recovery import Found, Recovered, recover, replaced_ids, settle

URN = "urn:pulumi:prod::game-regions::aws:eks/nodeGroup:NodeGroup::us-east-pool-system"
BEFORE = {"urn": "urn:before", "type": "aws:ec2/launchTemplate:LaunchTemplate", "id": "lt-2", "outputs": {"id": "lt-2"}}
OLD = {"urn": URN, "type": "aws:eks/nodeGroup:NodeGroup", "custom": True, "id": "c:old", "outputs": {"id": "c:old"}}
BEHIND = {"urn": "urn:behind", "type": "kubernetes:core/v1:ConfigMap", "id": "n/m", "outputs": {"id": "n/m"}}
NEW = {"urn": URN, "type": OLD["type"], "custom": True, "inputs": {"clusterName": "c", "nodeGroupName": "new"}}
CREATING = {"type": "creating", "resource": NEW}


class Stack:
    """A stack of which one state after the other is exported, the last for ever; what is refreshed, and written."""

    name = "prod"

    def __init__(self, *states: dict[str, Any]) -> None:
        self._states = list(states)
        self.refreshed: list[str] = []
        self.written: dict[str, Any] | None = None
        self.workspace = SimpleNamespace(env_vars={})

    def export_stack(self) -> Deployment:
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        return Deployment(version=3, deployment=deepcopy(state))

    def refresh(self, *, target: list[str], run_program: bool) -> None:
        assert not run_program
        self.refreshed += target


def recovered(monkeypatch: pytest.MonkeyPatch, stack: Stack, find: Any) -> Recovered:
    """A recovery for which `find` looks at the cloud."""

    def write(session: Any, state: Deployment) -> None:
        session.stack.written = state.deployment

    monkeypatch.setattr(recovery, "_find", find)
    monkeypatch.setattr(recovery, "write_state", write)
    session: Any = SimpleNamespace(stack=stack, cloud=None, workspace=SimpleNamespace(stack="prod", folder=None))
    return recover(session, Console(quiet=True))


def test_an_object_stands_in_the_place_of_what_it_replaces_which_still_goes():
    deployment = deepcopy({"resources": [BEFORE, OLD, BEHIND]})
    settle(CREATING, Found("c:new"), deployment, Recovered())
    assert [(one["id"], one.get("delete", False)) for one in deployment["resources"]] == [
        ("lt-2", False), ("c:new", False), ("c:old", True), ("n/m", False),
    ]  # fmt: skip
    assert replaced_ids({"resources": [OLD]}, URN) == {"c:old"}


def test_an_object_whose_predecessor_was_deleted_first_is_the_only_one():
    deployment = deepcopy({"resources": [BEFORE, {**OLD, "pendingReplacement": True}, BEHIND]})
    assert replaced_ids(deployment, URN) == frozenset(), "it may be called like the one before"
    settle(CREATING, Found("c:new"), deployment, Recovered())
    assert [one["id"] for one in deployment["resources"]] == ["lt-2", "c:new", "n/m"]
    assert not any(one.get("pendingReplacement") for one in deployment["resources"])


def test_a_group_that_will_never_be_there_is_handed_on_and_not_read(monkeypatch: pytest.MonkeyPatch):
    stack = Stack({"resources": [BEFORE], "pending_operations": [CREATING]})
    done = recovered(monkeypatch, stack, lambda *_: Found("c:new", "CREATE_FAILED"))
    assert [(group.cluster, group.name) for group in done.unwell] == [("c", "new")]
    assert stack.refreshed == []
    assert stack.written is not None
    assert stack.written["resources"][-1]["initErrors"] == ["CREATE_FAILED"]


def test_what_another_run_has_written_meanwhile_is_not_written_over(monkeypatch: pytest.MonkeyPatch):
    begun = {"resources": [BEFORE], "pending_operations": [CREATING]}
    stack = Stack(begun, {**begun, "resources": [BEFORE, BEHIND]})
    with pytest.raises(Refused, match="another run has written to the state meanwhile; run it again"):
        recovered(monkeypatch, stack, lambda *_: Found("c:new"))
    assert (stack.written, stack.refreshed) == (None, [])


def test_an_object_of_which_only_the_id_is_known_is_read_by_the_next_recovery(monkeypatch: pytest.MonkeyPatch):
    unread = {**OLD, "outputs": {}}
    stack = Stack({"resources": [BEFORE, unread, BEHIND]})
    done = recovered(monkeypatch, stack, lambda *_: None)
    assert done.reread == stack.refreshed == [URN]
    assert stack.written is None


def test_what_aws_does_not_tell_is_one_sentence_and_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    def denied(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeNodegroup")

    stack = Stack({"resources": [], "pending_operations": [CREATING]})
    with pytest.raises(
        Refused, match=r"stack prod: what an interrupted run had made could not be looked for: .*Denied"
    ):
        recovered(monkeypatch, stack, denied)
    assert stack.written is None
