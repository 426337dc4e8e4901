"""What check refuses, completes and leaves alone."""

from __future__ import annotations

import json

import pytest

from embedded.aws.types import ROWS
from embedded.provider import UNKNOWN, Target
from tests.embedded.aws_types.driver import Engine, trust

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
ROLE = "aws:iam/role:Role"
CLUSTER = "aws:eks/cluster:Cluster"
ROUTE = "aws:ec2/route:Route"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


def refusals(engine: Engine, resource_type: str, wanted: dict[str, object]) -> dict[str, str]:
    _, failures = engine.handler.check(engine.target(resource_type, "one"), None, wanted)
    return {failure.property: failure.reason for failure in failures}


def test_a_missing_property_is_refused(engine: Engine) -> None:
    assert refusals(engine, SUBNET, {"cidrBlock": "10.0.0.0/20"}) == {
        "vpcId": "vpcId: this property is required; set it"
    }


def test_a_misspelt_property_is_refused_with_the_nearest_one(engine: Engine) -> None:
    reasons = refusals(engine, VPC, {"cidrBlock": "10.0.0.0/16", "enableDnsHostname": True})
    assert reasons == {
        "enableDnsHostname": "enableDnsHostname: the embedded cloud does not serve this property; "
        "did you mean enableDnsHostnames?"
    }


def test_a_misspelt_property_inside_another_is_refused_by_its_path(engine: Engine) -> None:
    wanted = {"roleArn": "r", "vpcConfig": {"subnetIds": ["a", "b"], "endpointPublicAcces": False}}
    assert list(refusals(engine, CLUSTER, wanted)) == ["vpcConfig.endpointPublicAcces"]


def test_an_output_cannot_be_given(engine: Engine) -> None:
    assert "AWS sets this value" in refusals(engine, VPC, {"cidrBlock": "10.0.0.0/16", "arn": "x"})["arn"]


@pytest.mark.parametrize("cidr", ["10.0.0.1/16", "10.0.0.0", "10.0.0.0/33", "ten"])
def test_a_network_with_host_bits_or_bad_syntax_is_refused(engine: Engine, cidr: str) -> None:
    assert "is not a network in CIDR notation" in refusals(engine, VPC, {"cidrBlock": cidr})["cidrBlock"]


def test_a_value_of_the_wrong_type_is_refused(engine: Engine) -> None:
    wanted = {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": "yes", "tags": {"count": 3}}
    assert refusals(engine, VPC, wanted) == {
        "enableDnsSupport": "enableDnsSupport: 'yes' is not true or false",
        "tags.count": "tags.count: 3 is not a text",
    }


def test_a_retention_that_logs_does_not_offer_is_refused(engine: Engine) -> None:
    assert "is none of 0, 1, 3, 5" in refusals(engine, LOG_GROUP, {"retentionInDays": 31})["retentionInDays"]


def test_a_policy_that_is_no_json_is_refused(engine: Engine) -> None:
    assert "not a JSON text" in refusals(engine, ROLE, {"assumeRolePolicy": "{"})["assumeRolePolicy"]


def test_a_route_has_one_target(engine: Engine) -> None:
    wanted = {"routeTableId": "rtb-1", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "i", "natGatewayId": "n"}
    assert "must be set, not gatewayId and natGatewayId" in refusals(engine, ROUTE, wanted)["gatewayId"]


@pytest.mark.parametrize("garbage", [5, -1.5, "x", True, [], [{}], [[5]], {}, {"a": {}}, [None]], ids=repr)
def test_no_value_makes_check_fail_otherwise_than_by_refusing(
    engine: Engine, resource_type: str, garbage: object
) -> None:
    target = engine.target(resource_type, "one")
    for prop in ROWS[resource_type].inputs.properties:
        inputs, _ = engine.handler.check(target, None, {prop.name: garbage})
        assert inputs[prop.name] == garbage


def test_values_not_known_yet_pass(engine: Engine) -> None:
    wanted = {"vpcId": UNKNOWN, "cidrBlock": UNKNOWN, "tags": {"a": UNKNOWN}, "mapPublicIpOnLaunch": UNKNOWN}
    target = engine.target(SUBNET, "one")
    assert engine.checked(target, wanted) == wanted | {"tagsAll": UNKNOWN}


def test_inputs_are_left_as_the_program_gave_them(engine: Engine) -> None:
    wanted = {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": True}
    assert engine.checked(engine.target(VPC, "one"), wanted) == wanted | {"tagsAll": {}}


def test_a_name_is_made_of_the_logical_name_and_seven_digits(engine: Engine) -> None:
    target = Target("urn:x::y::aws:iam/role:Role::us-east-node", ROLE, "us-east-node", bytes.fromhex("0123456789ab"))
    assert engine.checked(target, {"assumeRolePolicy": trust("x")})["name"] == "us-east-node-0123456"


def test_an_automatic_name_is_cut_to_the_limit_of_the_type(engine: Engine) -> None:
    target = engine.target(ROLE, "n" * 80)
    name = engine.checked(target, {"assumeRolePolicy": trust("x")})["name"]
    assert (len(name), name[-8:]) == (64, "-1f2e3d4")


def test_an_alias_gets_its_prefix(engine: Engine) -> None:
    target = engine.target("aws:kms/alias:Alias", "worlds")
    assert engine.checked(target, {"targetKeyId": "k"})["name"] == "alias/worlds-1f2e3d4"


def test_an_automatic_name_is_kept_on_updates(engine: Engine) -> None:
    target = engine.target(ROLE, "node")
    old = {"name": "node-aaaaaaa", "assumeRolePolicy": trust("x")}
    assert engine.checked(target, {"assumeRolePolicy": trust("y")}, old)["name"] == "node-aaaaaaa"


def test_the_same_policy_in_another_layout_is_no_change(engine: Engine) -> None:
    target = engine.target(ROLE, "node")
    old = {"name": "node", "assumeRolePolicy": trust("x"), "tagsAll": {}}
    laid_out = json.dumps(json.loads(trust("x")), indent=2)
    assert engine.checked(target, {"name": "node", "assumeRolePolicy": laid_out}, old) == old


def test_another_policy_is_a_change(engine: Engine) -> None:
    target = engine.target(ROLE, "node")
    old = {"name": "node", "assumeRolePolicy": trust("x")}
    assert engine.checked(target, {"name": "node", "assumeRolePolicy": trust("y")}, old)["assumeRolePolicy"] == trust(
        "y"
    )


def test_the_order_of_subnets_is_no_change(engine: Engine) -> None:
    target = engine.target(CLUSTER, "c")
    old = {"name": "c", "roleArn": "r", "vpcConfig": {"subnetIds": ["a", "b"]}, "tagsAll": {}}
    new = {"name": "c", "roleArn": "r", "vpcConfig": {"subnetIds": ["b", "a"], "endpointPublicAccess": True}}
    assert engine.checked(target, new, old) == old


def test_a_default_said_aloud_is_no_change_but_its_opposite_is(engine: Engine) -> None:
    target = engine.target(VPC, "v")
    old = {"cidrBlock": "10.0.0.0/16", "tagsAll": {}}
    assert engine.checked(target, old | {"enableDnsSupport": True}, old) == old
    assert engine.checked(target, old | {"enableDnsSupport": False}, old)["enableDnsSupport"] is False


def test_default_tags_lie_under_the_resources_own(endpoint: object) -> None:
    settings = {"region": "us-east-1", "defaultTags": {"tags": {"team": "core", "Name": "none"}}}
    engine = Engine(endpoint, settings)  # type: ignore[arg-type]
    made = engine.make(VPC, "v", cidrBlock="10.0.0.0/16", tags={"Name": "v"})
    assert made.inputs["tagsAll"] == {"team": "core", "Name": "v"}
    assert (made.outputs["tags"], made.outputs["tagsAll"]) == ({"Name": "v"}, {"team": "core", "Name": "v"})
    found = engine.client("ec2").describe_vpcs(VpcIds=[made.id])["Vpcs"][0]["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"team": "core", "Name": "v"}
    assert engine.imported(made).inputs["tags"] == {"Name": "v"}
