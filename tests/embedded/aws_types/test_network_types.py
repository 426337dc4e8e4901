"""EC2 types: what the real provider does beyond plain create and delete."""

from __future__ import annotations

import pytest

from embedded.aws.objects import Refused
from embedded.provider import UNKNOWN
from tests.embedded.aws_types.driver import Engine
from tests.embedded.aws_types.ground import gateway, subnets, vpc

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
SUBNET = "aws:ec2/subnet:Subnet"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ROUTE = "aws:ec2/route:Route"


def test_a_vpc_tells_what_aws_made_with_it(engine: Engine) -> None:
    network = vpc(engine)
    ec2 = engine.client("ec2")
    here = [{"Name": "vpc-id", "Values": [network.id]}]
    groups = ec2.describe_security_groups(Filters=here)["SecurityGroups"]
    assert network.outputs["defaultSecurityGroupId"] == groups[0]["GroupId"]
    assert (
        network.outputs["mainRouteTableId"] == ec2.describe_route_tables(Filters=here)["RouteTables"][0]["RouteTableId"]
    )
    assert network.outputs["defaultNetworkAclId"].startswith("acl-")
    assert network.outputs["arn"] == f"arn:aws:ec2:us-east-1:123456789012:vpc/{network.id}"


def test_dns_host_names_are_switched_on_after_the_vpc_is_made(engine: Engine) -> None:
    made = engine.make("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16", enableDnsHostnames=True, enableDnsSupport=False)
    ec2 = engine.client("ec2")
    hostnames = ec2.describe_vpc_attribute(VpcId=made.id, Attribute="enableDnsHostnames")
    support = ec2.describe_vpc_attribute(VpcId=made.id, Attribute="enableDnsSupport")
    assert hostnames["EnableDnsHostnames"]["Value"] is True
    assert support["EnableDnsSupport"]["Value"] is False


def test_a_vpc_with_subnets_cannot_be_deleted_and_aws_says_why(engine: Engine) -> None:
    network = vpc(engine)
    subnets(engine, network)
    with pytest.raises(Refused, match="AWS refuses DeleteVpc: DependencyViolation: "):
        engine.drop(network)


def test_what_was_changed_behind_pulumis_back_is_seen(engine: Engine) -> None:
    network = vpc(engine)
    subnet = engine.make(SUBNET, vpcId=network.id, cidrBlock="10.10.0.0/20", mapPublicIpOnLaunch=True, tags={"a": "1"})
    ec2 = engine.client("ec2")
    ec2.modify_subnet_attribute(SubnetId=subnet.id, MapPublicIpOnLaunch={"Value": False})
    ec2.create_tags(Resources=[subnet.id], Tags=[{"Key": "b", "Value": "2"}])
    found = engine.refreshed(subnet)
    assert found is not None
    assert found.inputs["mapPublicIpOnLaunch"] is False
    assert found.inputs["tags"] == {"a": "1", "b": "2"}
    assert found.outputs["tagsAll"] == {"a": "1", "b": "2"}


def test_a_gateway_detached_behind_pulumis_back_is_seen_and_attached_again(engine: Engine) -> None:
    network = vpc(engine)
    internet = gateway(engine, network)
    engine.client("ec2").detach_internet_gateway(InternetGatewayId=internet.id, VpcId=network.id)
    found = engine.refreshed(internet)
    assert found is not None
    assert "vpcId" not in found.inputs
    assert "vpcId" not in found.outputs
    assert engine.change(found, vpcId=network.id).outputs["vpcId"] == network.id


def test_a_new_group_lets_nothing_out(engine: Engine) -> None:
    group = engine.make(GROUP, vpcId=vpc(engine).id)
    found = engine.client("ec2").describe_security_groups(GroupIds=[group.id])["SecurityGroups"][0]
    assert found["IpPermissionsEgress"] == []
    assert found["Description"] == "Managed by Pulumi"


def test_the_default_group_is_adopted_stripped_and_left_behind(engine: Engine) -> None:
    network = vpc(engine)
    ec2 = engine.client("ec2")
    members = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": network.outputs["defaultSecurityGroupId"]}]}]
    ec2.authorize_security_group_ingress(GroupId=network.outputs["defaultSecurityGroupId"], IpPermissions=members)
    made = engine.make(DEFAULT_GROUP, vpcId=network.id)
    assert made.id == network.outputs["defaultSecurityGroupId"]
    found = ec2.describe_security_groups(GroupIds=[made.id])["SecurityGroups"][0]
    assert (found["IpPermissions"], found["IpPermissionsEgress"]) == ([], [])
    engine.drop(made)
    assert ec2.describe_security_groups(GroupIds=[made.id])["SecurityGroups"]


def test_a_rule_is_changed_in_place_and_replaced_for_another_kind_of_source(engine: Engine) -> None:
    group = engine.make(GROUP, vpcId=vpc(engine).id)
    wanted = {"securityGroupId": group.id, "ipProtocol": "udp", "fromPort": 7777, "toPort": 7777}
    rule = engine.make(INGRESS, **wanted, cidrIpv4="10.0.0.0/8")
    assert rule.id.startswith("sgr-")
    assert engine.replaced_by(rule, **wanted, cidrIpv4="10.1.0.0/16").paths == ()
    paths = engine.replaced_by(rule, **wanted, referencedSecurityGroupId=group.id).paths
    assert set(paths) == {"cidrIpv4", "referencedSecurityGroupId"}


def test_a_rule_for_all_protocols_has_no_ports(engine: Engine) -> None:
    group = engine.make(GROUP, vpcId=vpc(engine).id)
    rule = engine.make(EGRESS, securityGroupId=group.id, ipProtocol="-1", cidrIpv4="0.0.0.0/0")
    found = engine.refreshed(rule)
    assert found is not None
    assert found.inputs == rule.inputs
    assert "fromPort" not in rule.outputs


def test_an_ingress_rule_is_no_egress_rule(engine: Engine) -> None:
    group = engine.make(GROUP, vpcId=vpc(engine).id)
    rule = engine.make(INGRESS, securityGroupId=group.id, ipProtocol="-1", cidrIpv4="10.0.0.0/8")
    assert engine.handler.read(engine.target(EGRESS, "x"), rule.id, None, None) is None


def test_a_route_turns_to_another_target_in_place_and_is_replaced_for_another_destination(engine: Engine) -> None:
    network = vpc(engine)
    internet = gateway(engine, network)
    table = engine.make("aws:ec2/routeTable:RouteTable", "t", vpcId=network.id)
    route = engine.make(ROUTE, routeTableId=table.id, destinationCidrBlock="0.0.0.0/0", gatewayId=internet.id)
    wanted = {"routeTableId": table.id, "destinationCidrBlock": "8.0.0.0/8", "gatewayId": internet.id}
    assert route.id == f"r-{table.id}1080289494"
    assert engine.replaced_by(route, **wanted).paths == ("destinationCidrBlock",)


def test_a_template_gets_a_new_version_per_change_and_keeps_its_default(engine: Engine) -> None:
    first = engine.make(TEMPLATE, imageId="ami-1")
    second = engine.change(first, imageId="ami-2")
    third = engine.change(second, imageId="ami-3", updateDefaultVersion=True)
    figures = [(made.outputs["latestVersion"], made.outputs["defaultVersion"]) for made in (first, second, third)]
    assert figures == [(1, 1), (2, 1), (3, 3)]


def test_a_preview_does_not_promise_the_old_version_of_a_template(engine: Engine) -> None:
    made = engine.make(TEMPLATE, imageId="ami-1", tags={"a": "1"})
    larger = engine.handler.preview_update(made.target, made.outputs, made.inputs | {"imageId": "ami-2"})
    tagged = engine.handler.preview_update(made.target, made.outputs, made.inputs | {"tags": {"a": "2"}})
    assert larger["latestVersion"] is UNKNOWN
    assert tagged["latestVersion"] == 1


def test_a_preview_of_a_create_knows_inputs_and_defaults_only(engine: Engine) -> None:
    target = engine.target("aws:ec2/vpc:Vpc", "v")
    outputs = engine.handler.preview(target, engine.checked(target, {"cidrBlock": "10.0.0.0/16"}))
    assert (outputs["cidrBlock"], outputs["enableDnsSupport"], outputs["region"]) == ("10.0.0.0/16", True, "us-east-1")
    assert outputs["arn"] is outputs["defaultSecurityGroupId"] is UNKNOWN


def test_a_failing_second_step_leaves_a_resource_to_be_repaired(engine: Engine) -> None:
    target = engine.target("aws:ec2/internetGateway:InternetGateway", "igw")
    inputs = engine.checked(target, {"vpcId": "vpc-00000000000000000"})
    with pytest.raises(Exception, match=r"AWS refuses AttachInternetGateway: InvalidVpcID\.NotFound") as failure:
        engine.handler.create(target, inputs)
    made = failure.value
    network = vpc(engine)
    assert made.resource_id.startswith("igw-")  # type: ignore[attr-defined]
    # The engine repairs by an update without a change.
    healed = {"vpcId": network.id, "tagsAll": {}}
    outputs = engine.handler.update(target, made.resource_id, healed, made.outputs, healed)  # type: ignore[attr-defined]
    assert outputs["vpcId"] == network.id


def test_a_name_that_the_program_gave_makes_the_old_object_go_first(engine: Engine) -> None:
    network = vpc(engine)
    named = engine.make(GROUP, "game", name="game", description="a", vpcId=network.id)
    automatic = engine.make(GROUP, "world", description="a", vpcId=network.id)
    assert engine.replaced_by(named, name="game", description="b", vpcId=network.id).delete_first is True
    assert engine.replaced_by(automatic, description="b", vpcId=network.id).delete_first is False


def test_saying_aloud_what_aws_chose_replaces_nothing(engine: Engine) -> None:
    wanted = {"vpcId": vpc(engine).id, "cidrBlock": "10.10.0.0/20"}
    subnet = engine.make(SUBNET, **wanted)
    zone = subnet.outputs["availabilityZone"]
    other = "us-east-1c" if zone != "us-east-1c" else "us-east-1d"
    assert engine.replaced_by(subnet, **wanted, availabilityZone=zone).paths == ()
    assert engine.replaced_by(subnet, **wanted, availabilityZone=other).paths == ("availabilityZone",)


def test_another_region_replaces_the_provider(engine: Engine) -> None:
    assert engine.handler.provider_replacement({"region": "a"}, {"region": "b"}).paths == ("region",)
    assert engine.handler.provider_replacement({"region": "a"}, {"region": "a", "x": 1}).paths == ()
