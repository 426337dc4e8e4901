"""Recovery finds the real object behind an interrupted create, by its name or its tag, through ordinary AWS calls."""

from types import SimpleNamespace

import pytest

from automation.finders import FINDERS, find_aws
from embedded.aws.types import ROWS
from tests.embedded.aws_types.conftest import door, endpoint, engine  # noqa: F401 - fixtures
from tests.embedded.aws_types.examples import EXAMPLES

URN = "urn:pulumi:local::game-regions::x$y::z"  # whose tag the examples carry
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
RECORD = "aws:route53/record:Record"
ADOPTED = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
}


def found(engine, type_, inputs):  # noqa: F811 - the fixture's engine
    return find_aws(SimpleNamespace(client=engine.client), type_, URN, inputs)


@pytest.mark.parametrize("type_", sorted(ROWS))
def test_what_was_made_is_found_and_its_id_reads_it_back(engine, type_):  # noqa: F811
    made = engine.make(type_, **EXAMPLES[type_](engine).wanted)
    resource_id = found(engine, type_, made.inputs)
    assert resource_id is not None
    read = engine.handler.read(made.target, resource_id, made.inputs, None)
    assert read is not None
    assert read[0] == made.id


@pytest.mark.parametrize("type_", sorted(set(ROWS) - ADOPTED))
def test_what_is_gone_is_not_found(engine, type_):  # noqa: F811
    made = engine.make(type_, **EXAMPLES[type_](engine).wanted)
    engine.drop(made)
    assert found(engine, type_, made.inputs) is None


def test_a_rule_between_groups_is_found_before_it_is_tagged(engine):  # noqa: F811
    group, other = (engine.make(GROUP, **EXAMPLES[GROUP](engine).wanted | {"name": name}) for name in ("a", "b"))
    open_ports = {"securityGroupId": group.id, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    rules = [engine.make(RULE, **open_ports, referencedSecurityGroupId=source.id) for source in (group, other)]
    assert [found(engine, RULE, rule.inputs) for rule in rules] == [rule.id for rule in rules]
    assert rules[0].id != rules[1].id
    assert found(engine, RULE, {**rules[0].inputs, "toPort": 444}) is None
    assert found(engine, RULE.replace("Ingress", "Egress").replace("ingress", "egress"), rules[0].inputs) is None


@pytest.mark.parametrize("written", ["*", "\\052"])
def test_a_record_of_all_names_below_is_found_however_route_53_writes_its_star(engine, written):  # noqa: F811
    zone = engine.make("aws:route53/zone:Zone", "z", name="us-east.mmorpg-game.com")
    alias = {"name": "players.elb.us-east-1.amazonaws.com", "zoneId": "Z26RNL4JYFTOTI", "evaluateTargetHealth": False}
    name = "*.us-east.mmorpg-game.com"
    made = engine.make(RECORD, zoneId=zone.id, name=name, type="A", aliases=[alias])
    answer = {"ResourceRecordSets": [{"Name": f"{written}.us-east.mmorpg-game.com.", "Type": "A"}]}
    client = SimpleNamespace(list_resource_record_sets=lambda **_: answer)
    assert find_aws(SimpleNamespace(client=lambda _: client), RECORD, URN, made.inputs) == made.id
    assert found(engine, RECORD, made.inputs) == made.id == f"{zone.id}_{name}_A"
    assert engine.imported(made).inputs == made.inputs


def test_every_type_that_the_embedded_cloud_serves_can_be_looked_for():
    assert set(FINDERS) == set(ROWS)
