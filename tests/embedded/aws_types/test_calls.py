"""The calls a plan lists: pure, valid, and the very calls that are made."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator

from embedded.aws.calls import calls
from embedded.aws.protocol import Call
from embedded.aws.types import ROWS
from embedded.provider import ProviderError
from tests.embedded.aws_types.driver import REGION, Engine
from tests.embedded.aws_types.examples import EXAMPLES

REF = {"$ref": "urn:pulumi:prod::game-regions::aws:ec2/vpc:Vpc::us-east-vpc", "property": "id"}
STAND_INS = ("$ref", "$result", "$autoname", "$unique")


def _settled(value: Any) -> Any:
    """Parameters with a text in the place of every stand-in."""
    if isinstance(value, dict):
        return (
            "text" if any(key in value for key in STAND_INS) else {key: _settled(item) for key, item in value.items()}
        )
    return [_settled(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x")
    return {row.service: session.client(row.service, REGION).meta.service_model for row in ROWS.values()}


def _with_references(inputs: dict[str, Any]) -> dict[str, Any]:
    """The same inputs as a plan has them: ids and ARNs are references to other resources."""

    def planned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: planned(item) for key, item in value.items()}
        if isinstance(value, list):
            return [planned(item) for item in value]
        is_reference = isinstance(value, str) and value.startswith(("arn:aws:iam::1", "vpc-", "subnet-", "sg-", "lt-"))
        return REF if is_reference else value

    return {name: planned(value) for name, value in inputs.items()}


def test_parameters_of_every_type_are_valid_for_aws(engine: Engine, resource_type: str, models: dict[str, Any]) -> None:
    example = EXAMPLES[resource_type](engine)
    for wanted in filter(None, (example.wanted, example.changed)):
        for call in calls(resource_type, _with_references(wanted)):
            shape = models[call["service"]].operation_model(call["operation"]).input_shape
            report = ParamValidator().validate(_settled(call["parameters"]), shape)
            assert not report.has_errors(), report.generate_report()


def test_the_planned_calls_are_those_that_are_made(engine: Engine, resource_type: str) -> None:
    wanted = EXAMPLES[resource_type](engine).wanted
    made: list[str] = []

    def note(stage: str, call: Call) -> None:
        if stage == "done":
            made.append(call.operation)

    engine.endpoint.on_call.append(note)
    engine.make(resource_type, **wanted)
    planned = [call["operation"] for call in calls(resource_type, wanted)]
    changing = [name for name in planned if not name.startswith(("Describe", "Get", "List"))]
    if resource_type == "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":
        # Only what the group holds can be taken away, and a plan cannot know what it holds.
        changing = [name for name in changing if name in made]
    assert changing == made


def test_references_and_secrets_pass_through_untouched() -> None:
    wanted = {"vpcId": REF, "cidrBlock": "10.0.0.0/20", "tags": {"Name": "[secret]"}}
    assert calls("aws:ec2/subnet:Subnet", wanted) == [
        {
            "service": "ec2",
            "operation": "CreateSubnet",
            "parameters": {
                "VpcId": REF,
                "CidrBlock": "10.0.0.0/20",
                "TagSpecifications": [{"ResourceType": "subnet", "Tags": [{"Key": "Name", "Value": "[secret]"}]}],
            },
        }
    ]


def test_a_later_call_names_the_result_it_needs() -> None:
    vpc, hostnames = calls("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True})
    assert vpc["parameters"] == {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "default"}
    assert hostnames == {
        "service": "ec2",
        "operation": "ModifyVpcAttribute",
        "parameters": {"VpcId": {"$result": "Vpc.VpcId"}, "EnableDnsHostnames": {"Value": True}},
    }


def test_default_tags_of_the_provider_are_planned_too() -> None:
    planned = calls("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1"}}, {"a": "0", "b": "2"})
    tags = planned[0]["parameters"]["TagSpecifications"][0]["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]


def test_planning_twice_gives_the_same_bytes() -> None:
    wanted = {"name": "example.com", "tags": {"b": "2", "a": "1"}}
    first, second = (json.dumps(calls("aws:route53/zone:Zone", wanted)) for _ in range(2))
    assert first == second


def test_a_type_without_a_row_is_refused() -> None:
    with pytest.raises(ProviderError, match="does not serve this type"):
        calls("aws:dynamodb/table:Table", {})
