"""Regions and pools that come, go and move: what else stands is untouched, and no logical name holds a size or place.

What each single setting does when it is changed is the table of tests/test_update_table.py.
"""

import copy
from functools import cache
from typing import Any

from plan.recorder import Recording
from stacks.settings import RegionSettings, read_stack_file
from tests.shipped import ROOT, recording_of
from tests.update_table import REGION, Row
from tests.updates import Edit, operations, recorded, update

# The registry above the regions sends its images to each of them.
COPIES = ["ReplicationConfiguration edge-registry-us-east-1-replication"]
# What lies between regions needs none of the optional parts, and recording them takes seconds.
OPTIONAL = [name for name, field in RegionSettings.model_fields.items() if not field.is_required()]


def three_regions(raw: dict[str, Any]) -> None:
    """The bare minimum of three of prod's regions, with what is above and between them."""
    raw["regions"] = {name: raw["regions"][name] for name in (REGION, "us-west", "eu-west")}
    for region in raw["regions"].values():
        for part in OPTIONAL:
            region.pop(part, None)


@cache
def small_prod() -> Recording:
    return recorded("prod", three_regions)


def small_prod_after(edit: Edit) -> Recording:
    def both(raw: dict[str, Any]) -> None:
        three_regions(raw)
        edit(raw)

    return recorded("prod", both)


def with_region(raw: dict[str, Any]) -> None:
    """A copy of the first region elsewhere."""
    region = copy.deepcopy(raw["regions"][REGION])
    region["aws"]["region"] = "eu-central-1"
    zones = [f"eu-central-1{zone[-1]}" for zone in region["network"]["zones"]]
    region["network"].update(cidr="10.99.0.0/16", pods="100.99.0.0/16", zones=zones)
    raw["regions"]["eu-central"] = region


def touched(new: Recording) -> dict[str, list[str]]:
    """The resources of the small prod by what is done to them."""
    found: dict[str, list[str]] = {"create": [], "delete": []}
    for label, operation in operations(update(small_prod(), new)).items():
        found.setdefault(operation, []).append(label)
    return found


def test_the_same_settings_change_nothing():
    assert update(recording_of("dev"), recorded("dev", lambda _: None)) == []


def test_a_new_region_leaves_all_that_stands_untouched():
    changes = touched(small_prod_after(with_region))
    added = changes["create"]
    assert changes == {"create": added, "delete": [], "update": COPIES}
    edge = {"Record edge-delegation-eu-central", "Zone edge-zone-eu-central"}
    others = [label for label in added if label not in edge]
    assert edge <= set(added)
    assert {"eu-central" in label for label in others} == {True}, "its own, and the others' ends of the ways to it"
    own = [label for label in others if "-peer-" not in label and "edge-registry-" not in label]
    assert {label.split()[1].startswith("eu-central") for label in own} == {True}
    mine = [r for r in small_prod().resources if r.custom and r.region == REGION and "-peer-" not in r.name]
    assert len(own) == len(mine), "a region of the same shape is made of the same resources"


def test_a_region_taken_out_takes_only_what_is_its_own():
    changes = touched(small_prod_after(lambda raw: raw["regions"].pop("eu-west")))
    assert changes == {"create": [], "delete": changes["delete"], "update": COPIES}
    own = ("eu-west", "edge-delegation-eu-west", "edge-zone-eu-west", "edge-registry-eu-west-1")
    gone = [label for label in changes["delete"] if "-peer-eu-west" not in label]
    assert {label.split()[1].startswith(own) for label in gone} == {True}


def test_the_order_of_regions_in_the_file_changes_nothing():
    def edit(raw: dict[str, Any]) -> None:
        raw["regions"] = dict(reversed(raw["regions"].items()))

    assert update(small_prod(), small_prod_after(edit)) == []


def test_a_pool_moved_up_in_the_file_changes_nothing():
    def edit(raw: dict[str, Any]) -> None:
        region = raw["regions"][REGION]
        region["node_pools"] = dict(reversed(region["node_pools"].items()))

    assert update(recording_of("dev"), recorded("dev", edit)) == []


def test_a_pool_of_other_machines_has_another_name_so_that_it_is_made_before_the_old_one_goes():
    row = Row({"node_pools.game.instance_types": ["c7i.2xlarge"]})
    group = next(step for step in update(recording_of("dev"), recorded("dev", row.edit)) if step.name.endswith("-game"))
    assert group.old
    assert group.new
    names = [inputs["nodeGroupName"] for inputs in (group.old, group.new)]
    assert names[0] != names[1]
    assert {name.rpartition("-")[0] for name in names} == {"mmorpg-us-east-game"}


def test_dev_and_a_region_of_prod_have_the_same_logical_names_where_both_have_the_part():
    of_dev = read_stack_file(ROOT / "Pulumi.dev.yaml")["regions"][REGION]["data"]

    def one_region(raw: dict[str, Any]) -> None:
        raw["regions"] = {REGION: raw["regions"][REGION]}
        data = raw["regions"][REGION]["data"]
        assert data.keys() <= of_dev.keys(), "dev has each system that prod has"
        raw["regions"][REGION]["data"] = {**of_dev, **data}

    dev = {(r.type, r.name) for r in recording_of("dev").resources}
    prod = {(r.type, r.name) for r in recorded("prod", one_region).resources}
    assert dev <= prod, f"names that hold a size or an environment: {sorted(dev - prod)}"
