"""Recovery finds the real object behind an interrupted create, by its name or its tag, through ordinary AWS calls."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from automation.finders import SERVED, find_aws
from embedded.aws.types import ROWS
from stacks.tags import URN_TAG
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


VPC, KEY = "aws:ec2/vpc:Vpc", "aws:kms/key:Key"


@pytest.mark.parametrize("type_", [VPC, KEY])
def test_of_two_objects_with_one_urn_the_one_that_was_not_there_before_is_found(engine, type_):  # noqa: F811
    first, second = (engine.make(type_, **EXAMPLES[type_](engine).wanted) for _ in range(2))
    session = SimpleNamespace(client=engine.client)
    assert find_aws(session, type_, URN, {}, known=[first.id]) == second.id
    assert find_aws(session, type_, URN, {}, known=[first.id, second.id]) is None


@pytest.mark.parametrize(("game", "is_ours"), [("mmorpg", True), ("other", False)])
def test_the_object_of_another_game_with_the_same_urn_is_not_taken(engine, game, is_ours):  # noqa: F811
    tags = {URN_TAG: URN.replace("$", "@"), "game": game}
    vpc = engine.make(VPC, cidrBlock="10.0.0.0/16", tags=tags)
    key = engine.make(KEY, tags=tags)
    session = SimpleNamespace(client=engine.client)
    found = [find_aws(session, type_, URN, {}, game="mmorpg") for type_ in (VPC, KEY)]
    assert found == ([vpc.id, key.id] if is_ours else [None, None])


def test_a_name_that_another_object_had_before_is_not_found_again(engine):  # noqa: F811
    role = engine.make("aws:iam/role:Role", **EXAMPLES["aws:iam/role:Role"](engine).wanted)
    session = SimpleNamespace(client=engine.client)
    assert find_aws(session, "aws:iam/role:Role", URN, role.inputs) == role.id
    assert find_aws(session, "aws:iam/role:Role", URN, role.inputs, known=[role.id]) is None


def test_a_key_whose_tags_nobody_lets_us_read_is_passed_over(engine):  # noqa: F811
    engine.make(KEY, **EXAMPLES[KEY](engine).wanted)
    ours = engine.make(KEY, **EXAMPLES[KEY](engine).wanted)
    kms = engine.client("kms")
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListResourceTags")
    read = kms.list_resource_tags

    def list_resource_tags(*, KeyId: str):  # noqa: N803 - as KMS names it
        if KeyId != ours.id:
            raise denied
        return read(KeyId=KeyId)

    kms.list_resource_tags = list_resource_tags
    assert find_aws(SimpleNamespace(client=lambda _: kms), KEY, URN, {}) == ours.id


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
    assert set(SERVED) == set(ROWS)
