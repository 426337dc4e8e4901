"""Seeded faults beside throttling: no capacity, add-ons that need a while, interfaces that linger."""

from pathlib import Path

import pytest

from embedded.aws import faults
from embedded.aws.fault_table import FAULTS
from embedded.aws.faults import BadSeed, Faults, faults_of
from tests.embedded.aws_api.conftest import Aws, unsteady

ALWAYS = 2.0
PAGE = Path(__file__).resolve().parents[3] / "docs" / "embedded-cloud.md"


def with_cni(aws: Aws) -> Aws:
    aws.cluster()
    aws.eks.create_addon(clusterName="game", addonName="vpc-cni")
    return aws


def group_of(aws: Aws, name: str = "nodes") -> dict:
    return aws.eks.describe_nodegroup(clusterName="game", nodegroupName=name)["nodegroup"]


def test_without_capacity_the_first_group_fails_in_awss_words_and_the_next_one_gets_its_nodes(calm):
    calm.setattr(faults, "SHORT_SHARE", ALWAYS)
    aws = with_cni(unsteady(seed=0))
    aws.nodegroup(instanceTypes=["m7i.large"])
    failed = group_of(aws)
    (issue,) = failed["health"]["issues"]
    assert (failed["status"], issue["code"]) == ("CREATE_FAILED", "AsgInstanceLaunchFailures")
    assert issue["resourceIds"] == [failed["resources"]["autoScalingGroups"][0]["name"]]
    assert issue["message"] == (
        "Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient "
        "m7i.large capacity in the Availability Zone you requested (us-east-1a). Launching EC2 instance failed."
    )
    aws.eks.delete_nodegroup(clusterName="game", nodegroupName="nodes")
    aws.nodegroup(nodeRole=failed["nodeRole"], instanceTypes=["m7i.large"])
    assert group_of(aws)["status"] == "ACTIVE"


def test_spot_instances_are_lacking_in_words_of_their_own(calm):
    calm.setattr(faults, "SHORT_SHARE", ALWAYS)
    aws = with_cni(unsteady(seed=0))
    aws.nodegroup(capacityType="SPOT")
    assert "There is no Spot capacity available that matches" in group_of(aws)["health"]["issues"][0]["message"]


def test_another_zone_or_another_type_with_capacity_is_enough(calm):
    short = {("us-east-1a", "m7i.large"), ("us-east-1b", "m7i.large"), ("us-east-1a", "c7i.xlarge")}
    calm.setattr(faults, "SHORT_SHARE", 0.5)
    calm.setattr(Faults, "_draw", lambda _, what, *it: 0.0 if what == "capacity" and it in short else 0.9)
    aws = with_cni(unsteady(seed=0))
    role = aws.may_network(aws.role("node", "ec2.amazonaws.com"))
    first = aws.eks.describe_cluster(name="game")["cluster"]["resourcesVpcConfig"]["subnetIds"][:1]
    for name, given, status in (
        ("zone", {"instanceTypes": ["c7i.xlarge"]}, "ACTIVE"),
        ("type", {"instanceTypes": ["m7i.large", "c7i.xlarge"]}, "ACTIVE"),
        ("none", {"instanceTypes": ["c7i.xlarge"], "subnets": first}, "CREATE_FAILED"),
        ("empty", {"scalingConfig": {"minSize": 0, "maxSize": 3, "desiredSize": 0}}, "ACTIVE"),
    ):
        aws.nodegroup(name=name, nodeRole=role, **given)
        assert group_of(aws, name)["status"] == status, name


def test_a_launch_template_that_says_the_type_is_read(calm):
    calm.setattr(faults, "SHORT_SHARE", ALWAYS)
    aws = with_cni(unsteady(seed=0))
    data = {"InstanceType": "r7i.large"}
    made = aws.ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)["LaunchTemplate"]
    aws.nodegroup(launchTemplate={"id": made["LaunchTemplateId"], "version": "1"})
    assert "sufficient r7i.large capacity" in group_of(aws)["health"]["issues"][0]["message"]


def test_a_replay_fails_the_same_group_whether_or_not_there_are_faults_now(calm):
    calm.setattr(faults, "SHORT_SHARE", ALWAYS)
    aws = with_cni(unsteady(seed=5))
    aws.nodegroup()
    failed = group_of(aws)
    entries = list(aws.journal.entries)
    after = Aws()
    for number, entry in enumerate(entries, start=1):
        after.endpoint.replay(entry, number)
    assert group_of(after) == failed
    assert failed["status"] == "CREATE_FAILED"


def test_an_addon_is_degraded_for_a_few_looks_and_then_well(calm):
    calm.setattr(faults, "DEGRADED_SHARE", ALWAYS)
    aws = with_cni(unsteady(seed=0))
    aws.nodegroup()

    def states(most: int) -> list[str]:
        look = aws.eks.describe_addon
        return [look(clusterName="game", addonName="coredns")["addon"]["status"] for _ in range(most)]

    aws.eks.create_addon(clusterName="game", addonName="coredns")
    seen = states(5)
    assert seen == sorted(seen, reverse=True), "once well, it stays well"
    assert 1 <= seen.count("DEGRADED") <= 3
    aws.eks.update_addon(clusterName="game", addonName="coredns", configurationValues="{}")
    assert states(1) == ["DEGRADED"]
    assert aws.endpoint._faults.met == {"InsufficientNumberOfReplicas": 2}, "vpc-cni runs without spare nodes"


def test_an_addon_without_nodes_stays_degraded_however_often_one_looks(calm):
    calm.setattr(faults, "DEGRADED_SHARE", ALWAYS)
    aws = with_cni(unsteady(seed=0))
    aws.eks.create_addon(clusterName="game", addonName="coredns")
    looks = [aws.eks.describe_addon(clusterName="game", addonName="coredns")["addon"] for _ in range(6)]
    assert {look["status"] for look in looks} == {"DEGRADED"}


def refusals(aws: Aws, delete) -> int:
    """How often a delete is refused with DependencyViolation before it succeeds."""
    for count in range(10):
        try:
            delete()
        except aws.ec2.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "DependencyViolation":
                raise
        else:
            return count
    raise AssertionError("it is refused for ever")


def test_interfaces_of_nodes_and_control_plane_linger_for_a_few_deletes(calm):
    calm.setattr(faults, "LINGERING_SHARE", ALWAYS)
    aws = with_cni(unsteady(seed=0))
    network = aws.eks.describe_cluster(name="game")["cluster"]["resourcesVpcConfig"]
    data = {"SecurityGroupIds": [aws.group(network["vpcId"])]}
    made = aws.ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)["LaunchTemplate"]
    aws.nodegroup(launchTemplate={"id": made["LaunchTemplateId"], "version": "1"}, instanceTypes=["m7i.large"])
    aws.eks.delete_nodegroup(clusterName="game", nodegroupName="nodes")
    aws.eks.delete_cluster(name="game")
    counts = [refusals(aws, lambda it=it: aws.ec2.delete_subnet(SubnetId=it)) for it in network["subnetIds"]]
    counts.append(refusals(aws, lambda: aws.ec2.delete_security_group(GroupId=data["SecurityGroupIds"][0])))
    assert all(1 <= count <= 3 for count in counts), counts
    assert aws.endpoint._faults.met == {"DependencyViolation": sum(counts)}


def test_a_balancers_interfaces_and_public_addresses_linger(calm):
    calm.setattr(faults, "LINGERING_SHARE", ALWAYS)
    aws = unsteady(seed=0)
    vpc = aws.vpc()
    gateway, subnet = aws.internet_gateway(vpc), aws.subnet(vpc)
    made = aws.elbv2.create_load_balancer(Name="game", Type="network", Scheme="internet-facing", Subnets=[subnet])
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"])
    assert refusals(aws, lambda: aws.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)) >= 1
    assert refusals(aws, lambda: aws.ec2.delete_subnet(SubnetId=subnet)) >= 1


def test_a_delete_that_aws_refuses_leaves_nothing_lingering(calm):
    calm.setattr(faults, "LINGERING_SHARE", ALWAYS)
    aws = with_cni(unsteady(seed=0))
    aws.nodegroup()
    with pytest.raises(aws.eks.exceptions.ResourceInUseException):
        aws.eks.delete_cluster(name="game")
    assert not aws.endpoint._faults._lingering


def test_without_the_variable_there_are_no_faults_and_nothing_of_them_is_written_down(aws):
    assert faults_of(None) is None
    assert faults_of("") is None
    aws.vpc()
    assert "faults" not in aws.journal.entries[0]
    assert not aws.endpoint.unsteady


@pytest.mark.parametrize("text", ["seven", "-1", "1.5", " 7", "²"])
def test_a_seed_that_is_none_is_refused_in_one_sentence(text):
    with pytest.raises(BadSeed) as refusal:
        faults_of(text)
    assert str(refusal.value) == (
        f"GAME_REGIONS_FAULTS is {text!r}: it must be a whole number from 0 on, the seed, or not be set"
    )


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_the_page_on_the_embedded_cloud_has_every_fault(fault):
    assert f"| {fault.what} | `{fault.code}` | {fault.source} |" in PAGE.read_text()
