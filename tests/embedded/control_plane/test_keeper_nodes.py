"""The Node objects of a managed group: what they carry, where they stand, and how they are told anew."""

from typing import Any

import pytest

from embedded.control_plane.keeper.groups import Group, NodeGroups, Subnet
from embedded.control_plane.keeper.machines import Machine
from embedded.control_plane.keeper.nodes import SAID, free_address, next_subnet, node_object, retold, said

A = Subnet("subnet-a", "us-east-1a", "use1-az6", "10.0.0.0/28")
B = Subnet("subnet-b", "us-east-1b", "use1-az1", "10.0.1.0/28")
LARGE = Machine(name="m7i.large", arch="amd64", vcpus=2, memory_mib=8192, address_pods=29)
ARM = Machine(name="m7g.large", arch="arm64", vcpus=2, memory_mib=8192, address_pods=29)


def group(**given: Any) -> Group:
    usual: dict[str, Any] = {
        "name": "game",
        "status": "ACTIVE",
        "issues": (),
        "least": 1,
        "desired": 2,
        "most": 4,
        "unavailable": 1,
        "labels": {"workload-type": "game-server"},
        "taints": ({"key": "game-server", "value": "true", "effect": "NoSchedule"},),
        "spot": False,
        "subnets": (A, B),
        "machines": (LARGE, ARM),
        "disk_gib": 100,
        "template": {"id": "lt-1", "version": "3"},
        "release": "1.35.0-20260101",
    }
    return Group(**(usual | given))


CLUSTER = NodeGroups({}, prefixes=True, autoscaled=True)


def node(group_: Group, subnet: Subnet = A, address: str = "10.0.0.4") -> dict[str, Any]:
    made = node_object(group_, CLUSTER, subnet, address, "us-east-1")
    made["metadata"]["resourceVersion"] = "7"
    return made


def test_a_node_is_called_and_labelled_as_eks_does_it():
    metadata = node(group())["metadata"]
    assert metadata["name"] == "ip-10-0-0-4.ec2.internal"
    assert metadata["labels"] == {
        "workload-type": "game-server",
        "kubernetes.io/hostname": "ip-10-0-0-4.ec2.internal",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "m7i.large",
        "topology.kubernetes.io/region": "us-east-1",
        "topology.kubernetes.io/zone": "us-east-1a",
        "topology.k8s.aws/zone-id": "use1-az6",
        "eks.amazonaws.com/nodegroup": "game",
        "eks.amazonaws.com/capacityType": "ON_DEMAND",
        "eks.amazonaws.com/sourceLaunchTemplateId": "lt-1",
        "eks.amazonaws.com/sourceLaunchTemplateVersion": "3",
    }


def test_a_node_carries_its_groups_taints_room_and_addresses():
    made = node(group())
    assert made["spec"]["taints"] == [{"key": "game-server", "value": "true", "effect": "NoSchedule"}]
    assert made["spec"]["providerID"].startswith("aws:///us-east-1a/i-0")
    assert made["status"]["allocatable"]["pods"] == "110"
    assert made["status"]["addresses"][0] == {"type": "InternalIP", "address": "10.0.0.4"}


def test_elsewhere_a_nodes_name_has_its_region():
    made = node_object(group(), CLUSTER, A, "10.0.0.4", "eu-west-1")
    assert made["metadata"]["name"] == "ip-10-0-0-4.eu-west-1.compute.internal"


def test_on_demand_takes_the_first_type_and_spot_all_of_them():
    label = "node.kubernetes.io/instance-type"
    addresses = [f"10.0.0.{last}" for last in range(4, 8)]

    def types(spot: bool) -> set[str]:
        return {node(group(spot=spot), A, address)["metadata"]["labels"][label] for address in addresses}

    assert types(spot=False) == {"m7i.large"}
    assert types(spot=True) == {"m7i.large", "m7g.large"}


def test_the_next_node_goes_where_fewest_stand():
    assert next_subnet(group(), [], ()) == A
    assert next_subnet(group(), [node(group())], ()) == B
    assert next_subnet(group(), [node(group(), B), node(group())], ()) == A


def test_no_node_goes_into_a_lost_zone():
    assert next_subnet(group(), [node(group(), B)], {"us-east-1a"}) == B
    assert next_subnet(group(), [], {"us-east-1a", "us-east-1b"}) is None


def test_awss_own_addresses_and_taken_ones_are_left_out():
    assert free_address(A, (), "us-east-1") == "10.0.0.4"
    assert free_address(A, {"ip-10-0-0-4.ec2.internal"}, "us-east-1") == "10.0.0.5"


def test_a_full_subnet_is_named_with_its_block():
    taken = {f"ip-10-0-0-{last}.ec2.internal" for last in range(16)}
    with pytest.raises(ValueError, match=r"subnet-a has no address left .* all 11 of 10\.0\.0\.0/28"):
        free_address(A, taken, "us-east-1")


def test_a_node_that_has_what_its_group_says_is_left_alone():
    assert retold(node(group()), group()) is None


def test_a_node_gets_new_labels_loses_old_ones_and_keeps_the_taints_of_others():
    standing = node(group())
    lost = {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}
    standing["spec"]["taints"].append(lost)
    now = group(labels={"tier": "gold"}, taints=())
    assert retold(standing, now) == {
        "metadata": {
            "labels": {"workload-type": None, "tier": "gold"},
            "annotations": {SAID: said(now)},
            "resourceVersion": "7",
        },
        "spec": {"taints": [lost]},
    }


def test_another_release_or_template_is_another_generation_and_another_size_is_not():
    assert group().generation == group(desired=4, labels={}).generation
    assert group().generation != group(release="1.35.1-20260301").generation
    assert group().generation != group(template={"id": "lt-1", "version": "4"}).generation
