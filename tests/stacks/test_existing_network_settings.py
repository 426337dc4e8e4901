"""What the settings say of a VPC that exists, its own or one that another account shares, held against the plan."""

from typing import Any

import pytest

from stacks.settings import StackSettings
from tests.stacks.sample import GONE, existing, problems, region, stack
from tests.stacks.test_network_settings import checked


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"network.existing": existing(private={"us-east-1a": "10.10.4.0/22"})},
            (
                'existing.private: names subnets in "us-east-1a", not in the region\'s zones; '
                "give one for each of us-east-1a, us-east-1b"
            ),
        ),
        (
            {"network.existing": existing(), "network.own_subnets": ["database"]},
            "own_subnets: a VPC that exists has the subnets that existing names; leave own_subnets out",
        ),
        (
            {"network.existing": existing(), "network.pods": "100.64.0.0/16"},
            "pods: the pods' block and existing.pods, the subnets in it, go together; give both or neither",
        ),
        (
            {"network.existing": existing(public={"us-east-1a": "10.11.0.0/24", "us-east-1b": "10.10.1.0/24"})},
            'existing.public.us-east-1a.cidr: "10.11.0.0/24" is outside the VPC\'s 10.10.0.0/16',
        ),
        (
            {
                "network.existing": existing(),
                "network.existing.route_tables": GONE,
                "network.interface_endpoints": ["sts"],
            },
            (
                "interface_endpoints: asks for what only the owner of a VPC may make, and regions.us-east.network."
                "existing names no route tables, as of one that another account shares; leave it out, or name the"
            ),
        ),
        (
            {
                "network.existing": existing(),
                "network.existing.route_tables": GONE,
                "network.flow_logs": {"traffic": "REJECT", "retention_days": 7},
            },
            "flow_logs: asks for what only the owner of a VPC may make",
        ),
        (
            {"network.existing": existing(public={"us-east-1a": "10.10.4.0/24", "us-east-1b": "10.10.1.0/24"})},
            (
                'existing.private.us-east-1a.cidr: "10.10.4.0/22" overlaps 10.10.4.0/24 of '
                "regions.us-east.network.existing.public.us-east-1a"
            ),
        ),
    ],
)
def test_an_existing_network_that_cannot_be_is_refused(changes: dict[str, Any], sentence: str):
    (found,) = checked(changes)
    assert found.startswith(f"regions.us-east.network.{sentence}")


def test_regions_are_not_peered_with_a_vpc_that_another_account_shares():
    raw = stack(
        **{
            "us-east": region({"network.existing": existing(), "network.existing.route_tables": GONE}),
            "other": region({"network.cidr": "10.11.0.0/16"}),
        }
    )
    assert StackSettings.model_validate(raw)
    [found] = problems({**raw, "peering": True})
    assert (
        "peering: asks for what only the owner of a VPC may make, and regions.us-east.network.existing names" in found
    )


def test_subnets_of_a_vpc_that_exists_are_held_against_the_same_plan():
    tiny = {"us-east-1a": "10.10.4.0/28", "us-east-1b": "10.10.4.16/28"}
    (found,) = checked({"network.existing": existing(private=tiny)})
    assert found.startswith(
        "regions.us-east.network.existing.private: the private subnet 10.10.4.0/28 of zone us-east-1a "
        "has 11 addresses, but 486 are needed"
    )
    assert "give a larger subnet, set network.pods" in found
    assert checked({"network.existing": existing()}) == []


def test_a_vpc_that_exists_may_have_a_block_that_ours_could_not():
    subnets = {
        "public": {"us-east-1a": "10.10.0.0/24", "us-east-1b": "10.10.1.0/24"},
        "private": {"us-east-1a": "10.10.2.0/24", "us-east-1b": "10.10.3.0/24"},
        "pods": {"us-east-1a": "100.64.0.0/18", "us-east-1b": "100.64.64.0/18"},
    }
    changes = {"network.cidr": "10.10.0.0/22", "network.existing": existing(**subnets), "network.pods": "100.64.0.0/16"}
    raw = stack(**{"us-east": region(changes)})
    assert checked(changes) == []
    assert StackSettings.model_validate(raw)
    del raw["regions"]["us-east"]["network"]["existing"]
    assert [found for found in problems(raw) if '"10.10.0.0/22" is a /22, outside /16 to /20' in found]


@pytest.mark.parametrize("given", ["vpc-1", "subnet-0a1b2c3d", "vpc-0A1B2C3D"])
def test_what_is_no_id_of_a_vpc_is_refused(given: str):
    raw = stack(**{"us-east": region({"network.existing": {**existing(), "vpc": given}})})
    assert f'regions.us-east.network.existing.vpc: "{given}" is no id; give one such as vpc-0a1b' in problems(raw)[0]
