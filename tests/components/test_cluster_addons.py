"""Add-ons: pinned, ours alone, and after what they need."""

import json

import pulumi
import pytest

from components.addons import AFTER_NODES, BEFORE_NODES, Addons, AddonsArgs
from components.platform.ebs_csi import EbsCsi, EbsCsiArgs
from tests.engine import all_of, build, named, only

ADDON = "aws:eks/addon:Addon"
VERSIONS = {"vpc-cni": "v1.21.1-eksbuild.8", "coredns": "v1.14.2-eksbuild.4"}


def test_each_add_on_has_the_version_given_and_overwrites_what_it_finds():
    built = build(lambda: Addons("us-east-addons", AddonsArgs(cluster_name="mmorpg-us-east", versions=VERSIONS)))
    assert {addon.name: addon.inputs for addon in all_of(built, ADDON)} == {
        "us-east-addons-coredns": {
            "clusterName": "mmorpg-us-east",
            "addonName": "coredns",
            "addonVersion": "v1.14.2-eksbuild.4",
            "resolveConflictsOnCreate": "OVERWRITE",
            "resolveConflictsOnUpdate": "OVERWRITE",
        },
        "us-east-addons-vpc-cni": {
            "clusterName": "mmorpg-us-east",
            "addonName": "vpc-cni",
            "addonVersion": "v1.21.1-eksbuild.8",
            "configurationValues": '{"enableNetworkPolicy": "true"}',
            "resolveConflictsOnCreate": "OVERWRITE",
            "resolveConflictsOnUpdate": "OVERWRITE",
        },
    }


def test_network_policies_are_enforced_by_the_cni():
    built = build(lambda: Addons("us-east-addons", AddonsArgs(cluster_name="c", versions=VERSIONS)))
    cni = named(built, "us-east-addons-vpc-cni")
    assert json.loads(cni.inputs["configurationValues"]) == {"enableNetworkPolicy": "true"}


def test_what_a_node_needs_comes_before_nodes_and_what_needs_a_node_after():
    assert set(BEFORE_NODES) == {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}
    assert set(AFTER_NODES) == {"coredns", "metrics-server"}


@pytest.mark.parametrize("addon_name", ["us-east-addons-coredns", "us-east-ebs-csi"])
def test_add_ons_wait_for_what_they_are_given(addon_name: str):
    def program() -> None:
        nodes = pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", "us-east-pool-system", {})
        Addons("us-east-addons", AddonsArgs(cluster_name="c", versions=VERSIONS, after=(nodes,)))
        EbsCsi("us-east", EbsCsiArgs(prefix="p", cluster_name="c", version="v1.59.0-eksbuild.1", after=(nodes,)))

    built = build(program)
    assert named(built, "us-east-pool-system").urn in named(built, addon_name, ADDON).depends_on


def test_the_volume_driver_has_its_rights_before_its_first_pod():
    args = EbsCsiArgs(prefix="mmorpg-us-east", cluster_name="mmorpg-us-east", version="v1.59.0-eksbuild.1")
    built = build(lambda: EbsCsi("us-east", args))
    addon, role = only(built, ADDON), only(built, "aws:iam/role:Role")
    association = only(built, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    attachment = only(built, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert (addon.inputs["addonName"], addon.inputs["addonVersion"]) == ("aws-ebs-csi-driver", "v1.59.0-eksbuild.1")
    assert {association.urn, attachment.urn} <= set(addon.depends_on)
    assert association.inputs == {
        "clusterName": "mmorpg-us-east",
        "namespace": "kube-system",
        "serviceAccount": "ebs-csi-controller-sa",
        "roleArn": {"$ref": role.urn, "property": "arn"},
    }
    assert attachment.resolved["policyArn"] == "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
    (statement,) = json.loads(role.resolved["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"], "Pod Identity tags its sessions"
