"""Namespaces of the platform's charts, and the rights of their controllers."""

import json

import pulumi

from components.operations.namespaces import Namespaces, NamespacesArgs
from components.platform.namespaces import MODES, platform_namespace, pod_security_labels
from components.platform.pod_identity import PodIdentity, pod_identity
from components.platform.storage import Storage, StorageArgs
from tests.engine import build, named, only

NAMESPACE = "kubernetes:core/v1:Namespace"


class Owner(pulumi.ComponentResource):
    def __init__(self) -> None:
        super().__init__("gameregions:platform:Owner", "us-east", None, None)


def test_a_namespace_holds_its_pods_to_one_level_and_keeps_the_labels_it_is_given():
    labels = {"istio-injection": "enabled"}
    built = build(lambda: platform_namespace("us-east-keda", "keda", "baseline", Owner(), labels))
    found = only(built, NAMESPACE)
    assert found.inputs["metadata"] == {
        "name": "keda",
        "labels": {
            "pod-security.kubernetes.io/enforce": "baseline",
            "pod-security.kubernetes.io/audit": "baseline",
            "pod-security.kubernetes.io/warn": "baseline",
            "istio-injection": "enabled",
        },
    }
    assert found.parent.endswith("gameregions:platform:Owner::us-east")
    assert found.options["customTimeouts"] == {"delete": "10m"}


def test_a_namespace_goes_before_what_its_pods_stand_on():
    def program() -> None:
        nodes = pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", "us-east-pool-system", {})
        platform_namespace("us-east-keda", "keda", "restricted", Owner(), after=(nodes,))

    built = build(program)
    assert only(built, NAMESPACE).depends_on == [named(built, "us-east-pool-system").urn]


def test_the_games_own_namespace_speaks_of_the_same_modes():
    args = NamespacesArgs(namespace="mmorpg-game", kubernetes_version="1.35", quota={}, limits=())
    labels = only(build(lambda: Namespaces("us-east", args)), NAMESPACE).inputs["metadata"]["labels"]
    ours = pod_security_labels("restricted")
    assert {key: labels[key] for key in ours} == ours
    assert len(ours) == len(MODES) == 3


def test_rights_are_one_inline_policy_of_a_role_that_only_pod_identity_may_take_on():
    allow = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::worlds/*"}
    identity = PodIdentity(
        prefix="mmorpg-us-east",
        cluster_name="mmorpg-us-east",
        controller="loader",
        namespace="game",
        service_account="loader",
        rights=[allow],
    )
    built = build(lambda: pod_identity("us-east", identity, Owner()))
    role = only(built, "aws:iam/role:Role")
    assert role.inputs["name"] == "mmorpg-us-east-loader"
    (trusted,) = json.loads(role.resolved["assumeRolePolicy"])["Statement"]
    assert trusted["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trusted["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    rights = only(built, "aws:iam/rolePolicy:RolePolicy")
    assert json.loads(rights.resolved["policy"])["Statement"] == [allow]
    association = only(built, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert association.inputs == {
        "clusterName": "mmorpg-us-east",
        "namespace": "game",
        "serviceAccount": "loader",
        "roleArn": {"$ref": role.urn, "property": "arn"},
    }


def test_no_class_of_volumes_is_the_default():
    built = build(lambda: Storage("us-east", StorageArgs(cluster_name="mmorpg-us-east")))
    assert "annotations" not in only(built, "kubernetes:storage.k8s.io/v1:StorageClass").inputs["metadata"]
    # EKS makes gp2 in every cluster, and up to 1.29 marked it; the mark is then another manager's field.
    assert only(built, "kubernetes:storage.k8s.io/v1:StorageClassPatch").inputs["metadata"] == {
        "name": "gp2",
        "annotations": {"storageclass.kubernetes.io/is-default-class": "false", "pulumi.com/patchForce": "true"},
    }


def test_volumes_of_data_are_encrypted_bound_late_growing_and_kept():
    built = build(lambda: Storage("us-east", StorageArgs(cluster_name="mmorpg-us-east")))
    found = only(built, "kubernetes:storage.k8s.io/v1:StorageClass").inputs
    assert (found["parameters"]["type"], found["parameters"]["encrypted"]) == ("gp3", "true")
    assert found["volumeBindingMode"] == "WaitForFirstConsumer"
    assert found["allowVolumeExpansion"] is True
    assert found["reclaimPolicy"] == "Retain"
