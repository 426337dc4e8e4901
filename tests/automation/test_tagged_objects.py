"""Whatever carries one of the tags is listed, service by service, for as long as it lives."""

import pytest

from automation.leftovers import State
from automation.tagged_objects import Tagged, tagged
from embedded.aws.types import ROWS
from stacks.tags import URN_TAG
from tests.automation.test_leftovers import URN, Doors
from tests.embedded.aws_types.conftest import door, endpoint, engine  # noqa: F401 - fixtures
from tests.embedded.aws_types.driver import REGION
from tests.embedded.aws_types.examples import EXAMPLES

# What was only taken into the program is left to its network, or to the other side of a connection; a key waits.
OUTLIVING = {
    "aws:kms/key:Key",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
}


def seen(engine, made):  # noqa: F811
    """This resource's object among all that carry the tag."""
    return [one for one in tagged(Doors(engine, REGION), [URN_TAG], "") if _is(one, made)]


def _is(one, made):
    arns = {made.outputs.get(name) for name in ("arn", "accessEntryArn", "associationArn")}
    return one.id == made.id or one.arn in arns


@pytest.mark.parametrize("type_", sorted(type_ for type_, row in ROWS.items() if row.tagging))
def test_every_type_that_carries_the_tag_is_found_by_it_and_no_longer_once_it_is_gone(engine, type_):  # noqa: F811
    made = engine.make(type_, **EXAMPLES[type_](engine).wanted)
    [found] = seen(engine, made)
    assert found.tags[URN_TAG] == URN.replace("$", "@")
    assert State({"resources": [{"type": type_, "id": made.id, "outputs": made.outputs}]}).holds(found)
    assert not State({}).holds(found)
    engine.drop(made)
    assert not seen(engine, made) or type_ in OUTLIVING


def test_arns_are_taken_apart_whatever_stands_between_type_and_id():
    def parts(arn):
        one = Tagged.of_arn(arn, {}, None)
        return one.service, one.type, one.id, one.region

    assert parts("arn:aws:logs:us-east-1:1:log-group:/aws/eks/a/cluster") == (
        "logs",
        "log-group",
        "/aws/eks/a/cluster",
        "us-east-1",
    )
    assert parts("arn:aws:s3:::one") == ("s3", "bucket", "one", "")
    assert parts("arn:aws:sqs:us-east-1:1:queue-of-it") == ("sqs", "queue", "queue-of-it", "us-east-1")
    assert parts("arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/a/5")[1:3] == ("loadbalancer", "net/a/5")
