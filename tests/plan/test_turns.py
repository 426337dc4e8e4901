"""How long a stack takes where the engine may not do everything at once."""

import pulumi_aws as aws
import pytest

from plan.at_once import operations_at_once
from plan.makespan import makespans
from plan.recorder import record
from plan.turns import seconds_with
from tests.shipped import recording_of

VPC, SUBNET = 22, 7
FOUR_A_CORE = 8  # what the engine itself takes on two cores


def vpcs_and_a_subnet() -> None:
    """Three VPCs, and a subnet in the first."""
    made = [aws.ec2.Vpc(f"us-east-{index}", cidr_block=f"10.{index}.0.0/16") for index in range(3)]
    aws.ec2.Subnet("us-east-subnet", vpc_id=made[0].id, cidr_block="10.0.0.0/24")


@pytest.mark.parametrize(
    ("at_once", "seconds"),
    [
        (1, 3 * VPC + SUBNET),
        (2, 2 * VPC),  # the subnet beside the last VPC
        (3, VPC + SUBNET),
        (100, VPC + SUBNET),
    ],
)
def test_what_finds_no_place_waits_for_its_turn(at_once: int, seconds: int):
    assert seconds_with(record(vpcs_and_a_subnet, stack="dev", regions=["us-east"]), at_once) == seconds


def test_a_stack_without_resources_takes_no_time():
    assert seconds_with(record(lambda: None, stack="dev"), operations_at_once(0)) == 0


@pytest.mark.parametrize(("stack", "regions"), [("local", 1), ("dev", 1), ("prod", 4)])
def test_shipped_stacks_hardly_wait_for_their_turn(stack: str, regions: int):
    recording = recording_of(stack)
    necessary = max(found.necessary for found in makespans(recording))
    assert seconds_with(recording, operations_at_once(regions)) <= 1.05 * necessary


def test_with_what_an_engine_on_two_cores_does_at_once_four_regions_take_twice_as_long():
    recording = recording_of("prod")
    assert seconds_with(recording, FOUR_A_CORE) >= 1.9 * seconds_with(recording, operations_at_once(4))
