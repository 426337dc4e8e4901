"""What an interrupted create had not come to is done when its object is taken in."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import WaiterError

from automation.errors import Refused
from automation.unfinished import finish
from tests.embedded.aws_types.conftest import door, endpoint, engine  # noqa: F401 - fixtures

GROUP = "aws:ec2/securityGroup:SecurityGroup"
CLUSTER, NODES = "aws:eks/cluster:Cluster", "aws:eks/nodeGroup:NodeGroup"


def rules_of(ec2, group):
    filters = [{"Name": "group-id", "Values": [group]}]
    return ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]


def test_a_group_loses_the_rule_by_which_ec2_lets_it_send_everywhere(engine):  # noqa: F811 - the fixture
    ec2 = engine.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
    assert [rule["IsEgress"] for rule in rules_of(ec2, group)] == [True], "as EC2 makes it"
    for _ in range(2):  # the second time there is nothing left to do
        finish(engine, GROUP, group)
        assert rules_of(ec2, group) == []


def test_most_objects_are_whole_as_they_are(engine):  # noqa: F811
    ec2 = engine.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    finish(engine, "aws:ec2/vpc:Vpc", vpc)
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["State"] == "available"


class Eks:
    """A session of an EKS that is asked by waiters, and says that what they wait for has failed."""

    def __init__(self, *, fails: bool) -> None:
        self._fails = fails
        self.waited: list[tuple[str, dict[str, str]]] = []

    def client(self, service: str) -> "Eks":
        assert service == "eks"
        return self

    def get_waiter(self, name: str) -> SimpleNamespace:
        def wait(**which: str) -> None:
            self.waited.append((name, which))
            if self._fails:
                raise WaiterError(name, "CREATE_FAILED", {})

        return SimpleNamespace(wait=wait)


def test_a_cluster_and_a_node_group_that_eks_still_makes_are_waited_for():
    eks = Eks(fails=False)
    assert finish(eks, CLUSTER, "mmorpg-us-east") is None
    assert finish(eks, NODES, "mmorpg-us-east:system") is None
    assert eks.waited == [
        ("cluster_active", {"name": "mmorpg-us-east"}),
        ("nodegroup_active", {"clusterName": "mmorpg-us-east", "nodegroupName": "system"}),
    ]


def test_a_group_that_has_failed_is_told_of_and_a_cluster_is_left_to_a_person():
    failure = finish(Eks(fails=True), NODES, "mmorpg-us-east:system")
    assert failure is not None
    assert "CREATE_FAILED" in failure
    with pytest.raises(Refused, match=r"cluster mmorpg-us-east: .* does not come: .*; delete it in EKS, then run this"):
        finish(Eks(fails=True), CLUSTER, "mmorpg-us-east")
