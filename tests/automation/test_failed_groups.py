"""Node groups whose create has failed for good are deleted before the next run; nothing else is."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from pulumi.automation.errors import CommandError

from automation import failed_groups
from automation.errors import Refused
from automation.failed_groups import delete_failed, unwell_groups
from stacks.delete_hooks import HOOKS_ONLY_VARIABLE

PROVIDER = "urn:pulumi:dev::game-regions::pulumi:providers:aws::us-aws"


def group(name, **more):
    return {
        "urn": f"urn:pulumi:dev::game-regions::aws:eks/nodeGroup:NodeGroup::us-pool-{name}",
        "type": "aws:eks/nodeGroup:NodeGroup",
        "provider": f"{PROVIDER}::1234",
        "inputs": {"clusterName": "mmorpg-us", "nodeGroupName": name},
    } | more


def state(*resources):
    return {
        "resources": [
            {"urn": PROVIDER, "type": "pulumi:providers:aws", "inputs": {"region": "us-east-1"}},
            *resources,
        ]
    }


class Eks:
    """EKS with the groups of these states."""

    def __init__(self, **states):
        self.states = states

    def client(self, service):
        assert service == "eks"
        return self

    def describe_nodegroup(self, **given):
        assert given["clusterName"] == "mmorpg-us"
        if given["nodegroupName"] not in self.states:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "DescribeNodegroup")
        return {"nodegroup": {"status": self.states[given["nodegroupName"]]}}


@pytest.fixture
def session(monkeypatch):
    """A session on an EKS; `deleted` is what the engine was asked to destroy."""

    def opened(eks, engine=None):
        asked = []

        def of(provider):
            assert provider == {"region": "us-east-1"}
            return eks

        def destroy(**given):
            asked.append(given | {"hooks_only": HOOKS_ONLY_VARIABLE in stack.workspace.env_vars})
            if engine is not None:
                raise engine

        monkeypatch.setattr(failed_groups, "AwsSessions", lambda *_: SimpleNamespace(of=of))
        stack = SimpleNamespace(destroy=destroy, workspace=SimpleNamespace(env_vars={}))
        return SimpleNamespace(stack=stack, cloud=None, deleted=asked)

    return opened


def test_a_group_is_unwell_that_the_engine_keeps_with_an_error():
    found = unwell_groups(
        state(
            group("well"),
            group("ill", initErrors=["CREATE_FAILED"]),
            group("replaced", initErrors=["CREATE_FAILED"], delete=True),
            group("other", type="aws:eks/addon:Addon", initErrors=["DEGRADED"]),
        )
    )
    assert [(one.logical_name, one.cluster, one.name) for one in found] == [("us-pool-ill", "mmorpg-us", "ill")]
    assert found[0].provider == {"region": "us-east-1"}
    assert unwell_groups({}) == []


def test_only_a_group_of_which_aws_says_create_failed_is_deleted(session):
    unwell = unwell_groups(state(*(group(name, initErrors=["x"]) for name in ("failed", "sick", "gone", "well"))))
    opened = session(Eks(failed="CREATE_FAILED", sick="DEGRADED", well="ACTIVE"))
    urn = "urn:pulumi:dev::game-regions::aws:eks/nodeGroup:NodeGroup::us-pool-failed"
    assert delete_failed(opened, unwell) == [urn]
    assert opened.deleted == [{"target": [urn], "run_program": True, "hooks_only": True}]
    assert opened.stack.workspace.env_vars == {}, "the up that follows registers everything"


def test_where_nothing_has_failed_the_engine_is_not_asked(session):
    opened = session(Eks(sick="DEGRADED"))
    assert delete_failed(opened, unwell_groups(state(group("sick", initErrors=["x"])))) == []
    assert delete_failed(opened, []) == []
    assert opened.deleted == []


def test_a_group_that_the_engine_cannot_delete_is_told_in_one_sentence(session):
    broken = CommandError(SimpleNamespace(stdout="", stderr="error: us-pool-failed is protected", code=1))
    opened = session(Eks(failed="CREATE_FAILED"), engine=broken)
    with pytest.raises(Refused, match="us-pool-failed: its create has failed, and it cannot be deleted"):
        delete_failed(opened, unwell_groups(state(group("failed", initErrors=["x"]))))
