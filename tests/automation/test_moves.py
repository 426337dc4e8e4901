"""A region's resources go from one state to another whole, or the move is refused."""

from types import SimpleNamespace

import pytest

from automation.errors import BadUsage, Refused
from automation.moves import Entry, _refuse_unlike, entry_of
from automation.state_moves import Move, root_urn
from tests.shipped import settings_of

REGION = "gameregions:stacks:GameRegion"
VPC, ZONE = f"{REGION}$aws:ec2/vpc:Vpc", "aws:route53/zone:Zone"
REFERENCE = {"4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e"}


def urn(stack, type_, name):
    return f"urn:pulumi:{stack}::game-regions::{type_}::{name}"


def region(name, stack="one", **vpc):
    """A region's provider, component and VPC."""
    provider = urn(stack, "pulumi:providers:aws", f"{name}-aws")
    component = urn(stack, REGION, name)
    return [
        {"urn": provider, "type": "pulumi:providers:aws", "id": f"p-{name}", "parent": root_urn(stack)},
        {"urn": component, "type": REGION, "parent": root_urn(stack)},
        {
            "urn": urn(stack, VPC, f"{name}-vpc"),
            "type": "aws:ec2/vpc:Vpc",
            "id": f"vpc-{name}",
            "parent": component,
            "provider": f"{provider}::p-{name}",
            **vpc,
        },
    ]


def deployment(*regions, stack="one", **more):
    root = {"urn": root_urn(stack), "type": "pulumi:pulumi:Stack"}
    return {
        "secrets_providers": {"type": stack},
        "resources": [root, *(it for found in regions for it in found)],
        **more,
    }


def move(old, new=None, name="east"):
    return Move(region=name, source="one", target="two", old=old, new=new or {})


def refused(plan):
    with pytest.raises(Refused) as error:
        plan.refuse()
    return str(error.value)


def test_a_region_goes_with_its_component_children_and_provider_and_leaves_the_others():
    plan = move(deployment(region("east"), region("west")), deployment(region("north", "two"), stack="two"))
    plan.refuse()
    assert [found["urn"] for found in plan.source_without()["resources"]] == [
        found["urn"] for found in deployment(region("west"))["resources"]
    ]
    after = plan.target_with()
    assert after["secrets_providers"] == {"type": "two"}
    assert [found["urn"] for found in after["resources"]] == [
        found["urn"] for found in deployment(region("north", "two"), region("east", "two"), stack="two")["resources"]
    ]


def test_urns_are_the_targets_in_every_field_of_the_engine_and_values_stay_what_the_cloud_holds():
    old = urn("one", REGION, "east")
    tag = old.replace("$", "@")
    vpc = {
        "dependencies": [old],
        "propertyDependencies": {"tags": [old]},
        "deletedWith": old,
        "inputs": {"tags": {"game-regions/urn": tag}},
        "outputs": {"it": REFERENCE | {"urn": old}},
    }
    moved = move(deployment(region("east", **vpc))).moved()[-1]
    new = urn("two", REGION, "east")
    assert moved == region("east", "two")[-1] | {
        "dependencies": [new],
        "propertyDependencies": {"tags": [new]},
        "deletedWith": new,
        "inputs": {"tags": {"game-regions/urn": tag}},
        "outputs": {"it": REFERENCE | {"urn": new}},
    }


def test_a_target_without_any_state_gets_the_stack_resource_that_all_others_stand_below():
    assert move(deployment(region("east"))).target_with()["resources"][0] == {
        "urn": root_urn("two"),
        "custom": False,
        "type": "pulumi:pulumi:Stack",
    }


def test_a_provider_that_serves_others_too_ties_them_together():
    east, west = region("east"), region("west")
    west[2]["provider"] = east[2]["provider"]
    sentence = refused(move(deployment(east, west)))
    assert sentence.startswith(f"move east: {east[0]['urn']} stays in stack one and is tied to {east[2]['urn']}; ")


def test_a_resource_of_another_region_that_needs_this_one_is_named():
    west = region("west", dependencies=[urn("one", VPC, "east-vpc")])
    sentence = refused(move(deployment(region("east"), west)))
    assert f"{urn('one', VPC, 'west-vpc')} stays in stack one and is tied to {urn('one', VPC, 'east-vpc')}" in sentence
    assert "peering, edge" in sentence


def test_a_region_that_needs_the_edge_is_refused_with_what_it_needs():
    zone = {"urn": urn("one", ZONE, "edge-zone"), "type": ZONE, "parent": root_urn("one")}
    east = region("east", propertyDependencies={"zoneId": [zone["urn"]]})
    assert f"{zone['urn']} stays in stack one" in refused(move(deployment([zone], east)))


def test_a_region_that_is_not_in_the_state_is_refused_with_those_that_are():
    assert "has no such region; it has west" in refused(move(deployment(region("west"))))


def test_another_region_of_this_name_in_the_target_is_refused_and_a_half_done_move_is_not():
    old = deployment(region("east"))
    other = deployment(region("east", "two"), stack="two")
    other["resources"][-1] = other["resources"][-1] | {"id": "vpc-another"}
    assert "stack two has a region of this name already" in refused(move(old, other))
    half = move(old, move(old).target_with())
    half.refuse()
    assert half.half_done


@pytest.mark.parametrize("which", ["one", "two"])
def test_an_interrupted_run_in_either_stack_is_settled_first(which):
    pending = {"pending_operations": [{"type": "creating"}]}
    old = deployment(region("east"), **(pending if which == "one" else {}))
    new = deployment(stack="two", **(pending if which == "two" else {}))
    assert f"stack {which} holds an interrupted run; ./regions recover {which} first" in refused(move(old, new))


def chosen(name, cloud="aws", stack="local", **changed):
    return SimpleNamespace(name=name, cloud=cloud, settings=settings_of(stack).model_copy(update=changed))


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        (chosen("a"), chosen("a"), "--from and --to are both a"),
        (chosen("a", "embedded"), chosen("b"), "a is embedded and b is aws"),
        (chosen("a"), chosen("b", game="other"), "every object would get another name"),
    ],
)
def test_stacks_between_which_no_region_can_move_are_refused_before_anything_is_read(source, target, sentence):
    with pytest.raises(BadUsage, match=sentence):
        _refuse_unlike("east", source, target)


STACK_FILE = """\
config:
  game-regions:game: mmorpg
  game-regions:regions:
    east:
      aws: {region: us-east-1}
      network:
        zones: [a]
        # as cheap as it gets

    # on the other coast
    west: {aws: {region: us-west-2}}
  game-regions:protect: true
"""


def test_the_lines_of_a_regions_entry_are_named_from_its_name_to_its_last_value():
    assert entry_of("east", STACK_FILE) == Entry(4, 8, only=False)
    assert entry_of("west", STACK_FILE) == Entry(11, 11, only=False)
    assert entry_of("north", STACK_FILE) is None
