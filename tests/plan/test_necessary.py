"""What AWS requires before single resources of the shipped dev stack: found by reference, by name and by place."""

from collections.abc import Mapping

import pytest

from plan.necessary import necessary_edges
from tests.shipped import recording_of

REGION = "us-east-"


@pytest.fixture(scope="module")
def needed() -> Mapping[str, frozenset[str]]:
    return necessary_edges(recording_of("dev"))


def of(needed: Mapping[str, frozenset[str]], kind: str, name: str) -> set[str]:
    """What one resource needs, each as "Kind name" without the region's name."""
    (urn,) = (urn for urn in needed if urn.endswith(f":{kind}::{REGION}{name}"))
    return {f"{kind_of(item)} {item.rpartition('::')[2].removeprefix(REGION)}" for item in needed[urn]}


def kind_of(urn: str) -> str:
    return urn.split("::")[2].rpartition(":")[2]


def test_a_cluster_needs_its_role_with_its_rights_its_key_and_its_subnets_but_not_its_log_group(needed):
    found = of(needed, "Cluster", "cluster")
    assert {"Role cluster", "RolePolicyAttachment cluster", "Key secrets-key"} <= found
    assert "Subnet private-us-east-1a" in found
    assert not any(item.startswith("LogGroup") for item in found)


def test_nodes_need_cni_proxy_rights_and_the_way_out_of_their_own_subnets(needed):
    found = of(needed, "NodeGroup", "pool-system")
    assert {"Addon node-addons-vpc-cni", "Addon node-addons-kube-proxy", "Cluster cluster"} <= found
    assert "RolePolicyAttachment node-AmazonEKSWorkerNodePolicy" in found
    assert {"Route private-us-east-1a-nat", "RouteTableAssociation private-us-east-1a"} <= found
    assert "Route public-internet" not in found, "no node stands in a public subnet"
    assert {"PodIdentityAssociation vpc-cni", "Addon node-addons-eks-pod-identity-agent"} <= found, "the CNI's rights"
    assert not any(item.startswith("PodIdentityAssociation") for item in found - {"PodIdentityAssociation vpc-cni"})


def test_a_nat_gateway_needs_the_internet_gateway_that_no_input_of_it_names(needed):
    (name,) = {urn.rpartition(f"::{REGION}")[2] for urn in needed if kind_of(urn) == "NatGateway"}
    assert "InternetGateway internet-gateway" in of(needed, "NatGateway", name)


def test_worlds_need_the_nodes_kept_for_them_their_volumes_driver_and_all_that_their_pods_name(needed):
    found = of(needed, "StatefulSet", "worlds")
    assert {"NodeGroup pool-game", "Addon ebs-csi", "StorageClass fast-ssd", "ConfigMap worlds-config"} <= found
    assert {"Secret worlds-secrets", "ServiceAccount worlds", "PriorityClass priority-game-worlds"} <= found
    assert {"Service worlds", "Namespace namespace"} <= found
    assert not {"NodeGroup pool-system", "PodDisruptionBudget sessions", "ResourceQuota quota"} & found


def test_a_controller_needs_dns_an_untainted_node_and_its_rights_before_its_first_pod(needed):
    found = of(needed, "Release", "load-balancer-controller")
    assert {"Addon addons-coredns", "NodeGroup pool-system", "PodIdentityAssociation load-balancer"} <= found
    assert "Addon ebs-csi" not in found, "it has no volume"
    assert not any(
        item.startswith("PodIdentityAssociation") for item in found - {"PodIdentityAssociation load-balancer"}
    )


def test_a_target_group_binding_needs_its_chart_and_its_target_group(needed):
    (name, *_) = sorted(urn.rpartition(f"::{REGION}")[2] for urn in needed if kind_of(urn) == "TargetGroupBinding")
    found = of(needed, "TargetGroupBinding", name)
    assert "Release load-balancer-controller" in found
    assert sum(item.startswith("TargetGroup ") for item in found) == 1


def test_an_object_needs_whoever_makes_it_to_be_let_into_the_cluster(needed):
    found = {kind for item in of(needed, "ConfigMap", "worlds-config") if (kind := item.partition(" ")[0])}
    assert found == {"Cluster", "AccessPolicyAssociation", "Namespace"}


def test_a_policy_of_a_cluster_needs_the_entry_of_the_same_principal(needed):
    (name,) = {urn.rpartition(f"::{REGION}")[2] for urn in needed if kind_of(urn) == "AccessPolicyAssociation"}
    assert of(needed, "AccessPolicyAssociation", name) == {f"AccessEntry {name.replace('admin-', 'access-', 1)}"}


def test_only_a_subnet_in_a_secondary_range_needs_that_range(needed):
    ranges = {urn for urn in needed if kind_of(urn) == "VpcIpv4CidrBlockAssociation"}
    waiting = {urn.rpartition("::")[2] for urn in needed if kind_of(urn) == "Subnet" and needed[urn] & ranges}
    assert waiting == {f"{REGION}pods-{REGION}1{letter}" for letter in "abc"}
