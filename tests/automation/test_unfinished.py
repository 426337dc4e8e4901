"""What an interrupted create had not come to is done when its object is taken in."""

from automation.unfinished import finish
from tests.embedded.aws_types.conftest import door, endpoint, engine  # noqa: F401 - fixtures

GROUP = "aws:ec2/securityGroup:SecurityGroup"


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
