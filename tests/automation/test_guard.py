"""What an up may not do, from the steps of its preview."""

import dataclasses

import pytest

from automation.guard import CLUSTER, NODE_GROUP, STATEFUL, Step, objections
from embedded.aws.properties import Property, Struct
from embedded.aws.types import ROWS
from embedded.aws.types.sources import ASSUMED

REGIONS = ("us-east", "eu-west")
SUBNET = "aws:ec2/subnet:Subnet"
NODES = Step(operation="same", urn="urn:x::us-east-pool-game", type=NODE_GROUP)


def step(operation: str, type_: str, name: str = "us-east-thing", **rest) -> Step:
    return Step(operation=operation, urn=f"urn:pulumi:prod::game-regions::{type_}::{name}", type=type_, **rest)


def upgrade(old: str, new: str) -> Step:
    return step("update", CLUSTER, changed=("version",), old={"version": old}, new={"version": new})


def said(*steps: Step, **bounds) -> list[str]:
    return [found.sentence for found in objections(steps, regions=REGIONS, **bounds)]


@pytest.mark.parametrize("type_", sorted(STATEFUL))
@pytest.mark.parametrize("operation", ["delete", "replace", "create-replacement", "delete-replaced"])
def test_what_holds_state_is_neither_deleted_nor_replaced(type_: str, operation: str):
    (sentence,) = said(step(operation, type_))
    assert sentence.startswith("us-east-thing would be ")
    assert sentence.endswith(STATEFUL[type_])


@pytest.mark.parametrize(
    "type_", ["kubernetes:postgresql.cnpg.io/v1:Cluster", "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster"]
)
def test_what_owns_its_volumes_through_an_operator_changes_in_place_and_goes_by_name_alone(type_: str):
    assert type_ in STATEFUL
    assert not said(step("update", type_, changed=("spec",)))
    gone = step("delete", type_, "us-east-broker")
    assert said(gone)[0].startswith("us-east-broker would be deleted, and with it goes its ")
    assert not said(gone, allowed=[gone.urn])


def test_a_definition_takes_every_object_of_its_kind_along():
    (sentence,) = said(step("delete", "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"))
    assert sentence.endswith("goes every object of its kind and what they own")


def test_a_replacement_in_several_events_is_one_objection():
    vpc = "aws:ec2/vpc:Vpc"
    events = [step(operation, vpc) for operation in ("create-replacement", "replace", "delete-replaced")]
    assert len(said(*events)) == 1


def test_naming_the_urn_allows_that_one_and_no_other():
    one, other = step("replace", CLUSTER, "us-east-cluster"), step("replace", CLUSTER, "eu-west-cluster")
    found = objections([one, other], regions=REGIONS, allowed=[one.urn])
    assert [objection.urn for objection in found] == [other.urn]
    assert found[0].liftable


def test_creates_and_known_updates_in_place_pass():
    assert not said(
        step("create", CLUSTER),
        step("same", "aws:ec2/vpc:Vpc"),
        step("update", "aws:ec2/vpc:Vpc", changed=("enableDnsHostnames", "tags")),
        step("delete", "aws:iam/role:Role"),
    )


def test_a_changed_property_that_no_table_knows_counts_as_a_replacement():
    (sentence,) = said(step("update", CLUSTER, changed=("somethingNew", "tags")))
    assert "would change somethingNew, of which it is not known that it changes in place" in sentence


def test_a_property_that_is_only_assumed_to_replace_counts_as_a_replacement(monkeypatch: pytest.MonkeyPatch):
    assumed = Property(name="inner", replaces=f"{ASSUMED}nothing says that it can change")
    properties = (Property(name="plain"), assumed, Property(name="outer", kind=Struct((assumed,))))
    row = dataclasses.replace(ROWS[CLUSTER], properties=properties)
    monkeypatch.setattr("automation.guard.ROWS", {CLUSTER: row})
    assert not said(step("update", CLUSTER, changed=("plain", "tags")))
    for name in ("inner", "outer"):
        (sentence,) = said(step("update", CLUSTER, changed=(name, "plain")))
        assert f"would change {name}, of which it is not known that it changes in place" in sentence


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("1.35", "1.34", "version 1.35 would become 1.34, and no cluster goes back by an update"),
        ("1.33", "1.35", "EKS takes one minor at a time; go to 1.34 first"),
    ],
)
def test_a_version_goes_up_by_one_and_nothing_lifts_that(old: str, new: str, words: str):
    found = objections([upgrade(old, new)], regions=REGIONS, allowed=[upgrade(old, new).urn])
    assert words in found[0].sentence
    assert not found[0].liftable


def test_the_next_minor_passes():
    assert not said(upgrade("1.34", "1.35"))


def test_a_subnet_is_not_taken_from_under_nodes():
    gone = step("delete", SUBNET, "us-east-private-us-east-1a")
    assert said(gone, NODES) == [
        "us-east-private-us-east-1a would be deleted while the region has nodes that stand on it"
    ]
    assert not said(gone), "a region without nodes may lose it"
    assert not said(gone, NODES, allowed=[gone.urn])
    assert not said(step("delete", SUBNET, "eu-west-private-eu-west-1a"), NODES), "another region's nodes do not count"


def test_nodes_that_go_in_the_same_run_do_not_hold_a_subnet():
    leaving = Step(operation="delete", urn=NODES.urn, type=NODE_GROUP)
    assert not said(step("delete", SUBNET), leaving)


@pytest.mark.parametrize("operation", ["delete", "create-replacement", "delete-replaced"])
@pytest.mark.parametrize("workload", ["game-server", "database"])
def test_a_pool_of_players_or_data_is_not_drained_at_once(operation: str, workload: str):
    group = step(operation, NODE_GROUP, "us-east-pool-game", old={"labels": {"workload-type": workload}})
    (sentence,) = said(group)
    assert "EKS drains all nodes of a group that goes at once, whoever is on them" in sentence
    assert sentence.endswith(f"a second pool for {workload}, and take this one out when it is empty")
    assert not said(group, allowed=[group.urn]), "when it is empty"


def test_pools_of_other_pods_and_changes_in_place_pass():
    players = {"labels": {"workload-type": "game-server"}}
    assert not said(
        step("delete", NODE_GROUP, "us-east-pool-system", old={}),
        step("replace", NODE_GROUP, "us-east-pool-services", old={"labels": {"node-type": "spot"}}),
        step("update", NODE_GROUP, "us-east-pool-game", old=players, changed=("releaseVersion",)),
    )


def test_a_change_outside_the_named_regions_is_refused_for_good():
    outside = step("update", "aws:iam/role:Role", "eu-west-node")
    edge = step("create", "aws:route53/record:Record", "edge-record")
    found = objections([outside, edge, step("create", SUBNET)], regions=REGIONS, only=["us-east"])
    assert [objection.sentence for objection in found] == [
        "eu-west-node would be updated and belongs to region eu-west, the run is for us-east",
        "edge-record would be created and belongs to no region, the run is for us-east",
    ]
    assert not any(objection.liftable for objection in found)


def test_what_stays_the_same_outside_the_named_regions_passes():
    assert not said(
        step("same", "aws:iam/role:Role", "eu-west-node"),
        step("update", "pulumi:pulumi:Stack", "game-regions-prod"),
        only=["us-east"],
    )
