"""What a node has for pods: nodeadm's own arithmetic on the instance types that pools may use."""

import pytest

from stacks.instance_types import INSTANCE_TYPES
from stacks.node_room import NodeRoom, address_pods, node_room

MIB = 1024


def test_a_world_node_has_3920_millicores_and_6584_mebibytes_for_pods():
    assert node_room("c7i.xlarge", prefixes=True) == NodeRoom(
        cpu=4000,
        memory=7577 * MIB,  # 8192 less 7.5 %
        pods=110,
        allocatable_cpu=3920,  # 60 + 10 + 10 are kept
        allocatable_memory=(7577 - 255 - 11 * 58 - 100) * MIB,
    )


@pytest.mark.parametrize(
    ("instance_type", "reserved"), [("m7i.large", 70), ("c7i.xlarge", 80), ("c7i.2xlarge", 90), ("m7i.24xlarge", 310)]
)
def test_the_kubelet_keeps_less_of_each_further_core(instance_type: str, reserved: int):
    room = node_room(instance_type, prefixes=True)
    assert room.cpu - room.allocatable_cpu == reserved


@pytest.mark.parametrize(
    # awslabs/amazon-eks-ami nodeadm/internal/kubelet/eni-max-pods.txt
    ("instance_type", "pods"),
    [("m7i.large", 29), ("c7i.xlarge", 58), ("c7i.4xlarge", 234), ("m7i.24xlarge", 737)],
)
def test_addresses_bound_pods_as_in_the_table_of_the_image(instance_type: str, pods: int):
    assert address_pods(instance_type) == pods
    assert node_room(instance_type, prefixes=False).pods == pods


@pytest.mark.parametrize(("instance_type", "pods"), [("m7i.large", 110), ("m7g.8xlarge", 250)])
def test_prefixes_allow_110_pods_and_250_from_30_vcpus_on(instance_type: str, pods: int):
    assert node_room(instance_type, prefixes=True).pods == pods


def test_the_reserve_grows_with_the_addresses_even_where_prefixes_make_them_no_bound():
    with_prefixes, without = (node_room("m7i.4xlarge", prefixes=prefixes) for prefixes in (True, False))
    assert with_prefixes.allocatable_memory == without.allocatable_memory


@pytest.mark.parametrize("instance_type", INSTANCE_TYPES)
def test_every_known_type_leaves_room_for_pods_and_never_all_of_the_machine(instance_type: str):
    room = node_room(instance_type, prefixes=True)
    assert 0 < room.allocatable_cpu < room.cpu
    assert 0 < room.allocatable_memory < room.memory < INSTANCE_TYPES[instance_type].memory_gib * MIB * MIB


def test_a_type_that_no_pool_may_name_is_unknown():
    with pytest.raises(KeyError, match="p5"):
        node_room("p5.48xlarge", prefixes=True)
