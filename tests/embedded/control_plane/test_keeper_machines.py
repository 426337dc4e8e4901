"""Room of a node: the keeper's arithmetic on EC2's own answers is that of the settings, which it may not import."""

import pytest

from embedded.control_plane.keeper.machines import Machine, machine, room
from stacks.instance_types import INSTANCE_TYPES
from stacks.node_room import NodeRoom, address_pods, node_room

DESCRIBED = {
    "InstanceType": "c7i.xlarge",
    "ProcessorInfo": {"SupportedArchitectures": ["x86_64"]},
    "VCpuInfo": {"DefaultVCpus": 4},
    "MemoryInfo": {"SizeInMiB": 8192},
    "NetworkInfo": {"MaximumNetworkInterfaces": 4, "Ipv4AddressesPerInterface": 15},
}


def of_settings(name: str) -> Machine:
    known = INSTANCE_TYPES[name]
    return Machine(
        name=name,
        arch=known.arch,
        vcpus=known.vcpus,
        memory_mib=known.memory_gib * 1024,
        address_pods=address_pods(name),
    )


def test_ec2s_answer_about_a_type_becomes_a_machine():
    assert machine(DESCRIBED) == Machine(name="c7i.xlarge", arch="amd64", vcpus=4, memory_mib=8192, address_pods=58)


def test_an_old_type_that_also_runs_32_bits_is_amd64():
    old = {**DESCRIBED, "ProcessorInfo": {"SupportedArchitectures": ["i386", "x86_64"]}}
    assert machine(old).arch == "amd64"


@pytest.mark.parametrize("prefixes", [True, False])
@pytest.mark.parametrize("name", INSTANCE_TYPES)
def test_every_type_that_pools_may_name_has_the_room_that_the_plan_reckons_with(name: str, prefixes: bool):
    planned: NodeRoom = node_room(name, prefixes=prefixes)
    real = room(of_settings(name), prefixes=prefixes, disk_gib=100)
    assert real["capacity"] | {"ephemeral-storage": ""} == {
        "cpu": f"{planned.cpu}m",
        "memory": f"{planned.memory}Ki",
        "ephemeral-storage": "",
        "pods": str(planned.pods),
    }
    assert real["allocatable"]["cpu"] == f"{planned.allocatable_cpu}m"
    assert real["allocatable"]["memory"] == f"{planned.allocatable_memory}Ki"


def test_the_kubelet_keeps_a_gibibyte_and_a_tenth_of_the_disk():
    status = room(machine(DESCRIBED), prefixes=True, disk_gib=100)
    assert status["capacity"]["ephemeral-storage"] == str(100 * 2**30)
    assert status["allocatable"]["ephemeral-storage"] == str(89 * 2**30)
