"""Add-ons: pinned, ours alone, and after what they need."""

import json
from typing import Any

import jsonschema
import pulumi
import pytest

from components.addons import AFTER_NODES, BEFORE_NODES, CONFIGURATION, Addons, AddonsArgs
from components.network.cni import cni_configuration
from components.network.cni_rights import CniRights, CniRightsArgs
from components.platform.ebs_csi import EbsCsi, EbsCsiArgs
from tests.engine import all_of, build, named, only

ADDON = "aws:eks/addon:Addon"
VERSIONS = {"vpc-cni": "v1.21.1-eksbuild.8", "eks-pod-identity-agent": "v1.3.10-eksbuild.3"}

_COUNT_OR_SHARE = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": ".*%$"}]}
_BUDGET = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"enabled": {"type": "boolean"}, "minAvailable": _COUNT_OR_SHARE, "maxUnavailable": _COUNT_OR_SHARE},
}
_TEXT_FLAG = {"type": "string", "enum": ["true", "false"]}
_TEXT_NUMBER = {"type": "string", "pattern": "^[0-9]+$"}


def _closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


# What of EKS DescribeAddonConfiguration is public, as far as it concerns the keys that are set. coredns: answer for
# v1.11.1-eksbuild.8 in terraform-aws-eks docs/addons.md, autoScaling as in the user guide's coredns-autoscaling page;
# vpc-cni: answer for v1.15.1-eksbuild.1 in the AWS CLI's reference; metrics-server: the values of its chart, of which
# the add-on is a build (no answer of EKS is public).
SCHEMAS = {
    "coredns": _closed(
        autoScaling=_closed(
            enabled={"type": "boolean"}, minReplicas={"type": "integer"}, maxReplicas={"type": "integer"}
        ),
        podDisruptionBudget=_BUDGET,
        replicaCount={"type": "integer"},
        tolerations={"type": "array", "items": {"type": "object"}},
        topologySpreadConstraints={"type": "array", "items": {"type": "object"}},
    ),
    "vpc-cni": _closed(
        enableNetworkPolicy=_TEXT_FLAG,
        env=_closed(
            AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG=_TEXT_FLAG,
            ENABLE_PREFIX_DELEGATION=_TEXT_FLAG,
            ENI_CONFIG_LABEL_DEF={"type": "string"},
            WARM_PREFIX_TARGET=_TEXT_NUMBER,
        ),
        eniConfig={
            **_closed(
                create={"type": "boolean"},
                region={"type": "string"},
                subnets={
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {
                        **_closed(id={"type": "string"}, securityGroups={"type": "array", "items": {"type": "string"}}),
                        "required": ["id"],
                    },
                },
            ),
            "required": ["create", "region", "subnets"],
        },
    ),
    "metrics-server": _closed(
        replicas={"type": "integer"},
        podDisruptionBudget=_BUDGET,
        topologySpreadConstraints={"type": "array", "items": {"type": "object"}},
    ),
}


def test_each_add_on_has_the_version_given_and_overwrites_what_it_finds():
    built = build(lambda: Addons("us-east-addons", AddonsArgs(cluster_name="mmorpg-us-east", versions=VERSIONS)))
    assert {addon.name: addon.resolved for addon in all_of(built, ADDON)} == {
        "us-east-addons-eks-pod-identity-agent": {
            "clusterName": "mmorpg-us-east",
            "addonName": "eks-pod-identity-agent",
            "addonVersion": "v1.3.10-eksbuild.3",
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


def configured(addon_name: str, **changes: Any) -> dict[str, Any]:
    args = AddonsArgs(cluster_name="c", versions={addon_name: "v1.0.0-eksbuild.1"}, **changes)
    addon = only(build(lambda: Addons("us-east-addons", args)), ADDON)
    values: dict[str, Any] = json.loads(addon.resolved["configurationValues"])
    return values


def test_network_policies_are_enforced_by_the_cni():
    assert configured("vpc-cni") == {"enableNetworkPolicy": "true"}


def test_what_only_the_region_knows_is_put_over_an_add_ons_own_values():
    pods = cni_configuration("us-east-1", {"us-east-1a": "subnet-pods-a"})
    values = configured("vpc-cni", configuration={"vpc-cni": pods})
    assert values["enableNetworkPolicy"] == "true"
    assert values["env"]["ENABLE_PREFIX_DELEGATION"] == "true"
    assert values["eniConfig"]["subnets"] == {"us-east-1a": {"id": "subnet-pods-a"}}


def test_names_are_served_by_two_to_ten_replicas_spread_over_zones_of_which_one_may_be_away():
    values = configured("coredns")
    assert values["autoScaling"] == {"enabled": True, "minReplicas": 2, "maxReplicas": 10}
    assert values["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1}
    (spread,) = values["topologySpreadConstraints"]
    assert (spread["topologyKey"], spread["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "ScheduleAnyway")
    assert spread["labelSelector"] == {"matchLabels": {"k8s-app": "kube-dns"}}


def test_pod_metrics_survive_the_loss_of_a_node():
    assert configured("metrics-server") == {
        "replicas": 2,
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
    }


@pytest.mark.parametrize("addon_name", sorted(CONFIGURATION))
def test_every_value_has_a_key_and_a_type_of_its_add_ons_schema(addon_name: str):
    jsonschema.validate(configured(addon_name), SCHEMAS[addon_name])


def test_the_values_for_pods_of_their_own_subnets_are_of_the_cnis_schema():
    jsonschema.validate(cni_configuration("us-east-1", {"us-east-1a": "subnet-pods-a"}), SCHEMAS["vpc-cni"])


def test_what_a_node_needs_comes_before_nodes_and_what_needs_a_node_after():
    assert set(BEFORE_NODES) == {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}
    assert set(AFTER_NODES) == {"coredns", "metrics-server"}


@pytest.mark.parametrize("addon_name", ["us-east-addons-coredns", "us-east-ebs-csi"])
def test_add_ons_wait_for_what_they_are_given(addon_name: str):
    def program() -> None:
        nodes = pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", "us-east-pool-system", {})
        Addons(
            "us-east-addons", AddonsArgs(cluster_name="c", versions={"coredns": "v1.14.2-eksbuild.4"}, after=(nodes,))
        )
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


def test_the_cnis_own_pods_have_its_rights_by_pod_identity():
    args = CniRightsArgs(prefix="mmorpg-us-east", cluster_name="mmorpg-us-east")
    built = build(lambda: CniRights("us-east", args))
    role = only(built, "aws:iam/role:Role")
    (statement,) = json.loads(role.resolved["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    attachment = only(built, "aws:iam/rolePolicyAttachment:RolePolicyAttachment").inputs
    assert attachment["policyArn"] == "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
    association = only(built, "aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    assert (association["namespace"], association["serviceAccount"]) == ("kube-system", "aws-node")
    assert {attachment["role"]["$ref"], association["roleArn"]["$ref"]} == {role.urn}
