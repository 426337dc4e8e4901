"""The game namespace, its priorities and its volumes' class: what a pod may be, use and reach."""

import dataclasses

import pulumi
import pytest

from components.game.sessions import DRAIN
from components.operations.namespaces import LimitRule, Namespaces, NamespacesArgs
from components.operations.priorities import LADDER, Priorities, PrioritiesArgs
from components.platform.storage import Storage, StorageArgs
from plan.recorder import Recording
from tests.engine import all_of, build, named, only

NAMESPACE = "kubernetes:core/v1:Namespace"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
ARGS = NamespacesArgs(
    namespace="mmorpg-game",
    kubernetes_version="1.35",
    quota={"requests.cpu": "50", "pods": "200"},
    limits=(
        LimitRule(
            type="Container",
            min={"cpu": "50m", "memory": "128Mi"},
            max={"cpu": "4", "memory": "8Gi"},
            default={"cpu": "500m", "memory": "1Gi"},
            default_request={"cpu": "100m", "memory": "256Mi"},
        ),
        LimitRule(type="PersistentVolumeClaim", min={"storage": "1Gi"}, max={"storage": "100Gi"}),
    ),
)


def namespaces() -> Recording:
    return build(lambda: Namespaces("us-east", ARGS))


@pytest.mark.parametrize("mode", ["enforce", "audit", "warn"])
def test_pods_are_held_to_restricted_as_the_clusters_own_version_understands_it(mode: str):
    labels = only(namespaces(), NAMESPACE).inputs["metadata"]["labels"]
    assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
    assert labels[f"pod-security.kubernetes.io/{mode}-version"] == "v1.35"


def test_the_namespace_goes_before_the_nodes_and_drivers_that_its_pods_and_volumes_need():
    def program() -> None:
        nodes = pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", "us-east-pool-game", {})
        Namespaces("us-east", dataclasses.replace(ARGS, after=(nodes,)))

    built = build(program)
    assert named(built, "us-east-pool-game").urn in only(built, NAMESPACE).depends_on
    assert only(built, NAMESPACE).resolved["metadata"]["name"] == "mmorpg-game"


def test_the_quota_is_the_one_given():
    quota = only(namespaces(), "kubernetes:core/v1:ResourceQuota").resolved
    assert quota["metadata"] == {"name": "mmorpg-game-quota", "namespace": "mmorpg-game"}
    assert quota["spec"] == {"hard": {"requests.cpu": "50", "pods": "200"}}


def test_limits_have_defaults_for_containers_and_none_for_the_rest():
    limits = only(namespaces(), "kubernetes:core/v1:LimitRange").resolved
    assert limits["metadata"] == {"name": "mmorpg-game-limits", "namespace": "mmorpg-game"}
    assert limits["spec"]["limits"] == [
        {
            "type": "Container",
            "min": {"cpu": "50m", "memory": "128Mi"},
            "max": {"cpu": "4", "memory": "8Gi"},
            "default": {"cpu": "500m", "memory": "1Gi"},
            "defaultRequest": {"cpu": "100m", "memory": "256Mi"},
        },
        {"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}, "max": {"storage": "100Gi"}},
    ]


def test_every_pod_is_closed_in_both_directions():
    spec = named(namespaces(), "us-east-default-deny", POLICY).resolved["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_every_pod_may_ask_the_clusters_dns_by_udp_and_by_tcp_and_nobody_else():
    spec = named(namespaces(), "us-east-allow-dns", POLICY).resolved["spec"]
    assert (spec["podSelector"], spec["policyTypes"]) == ({}, ["Egress"])
    assert spec["egress"] == [
        {
            "to": [
                {
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                }
            ],
            "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
        }
    ]


def test_everything_in_the_namespace_waits_for_it():
    built = namespaces()
    inside = [r for r in built.resources if r.custom and r.type != NAMESPACE]
    assert len(inside) == 4
    assert all(r.depends_on == [only(built, NAMESPACE).urn] for r in inside)


def test_databases_push_worlds_off_a_node_and_neither_is_what_an_unnamed_pod_gets():
    built = build(lambda: Priorities("us-east", PrioritiesArgs(ladder=LADDER)))
    made = [each.resolved for each in all_of(built, "kubernetes:scheduling.k8s.io/v1:PriorityClass")]
    value = {each["metadata"]["name"]: each["value"] for each in made}
    assert value["game-databases"] > value["game-worlds"] > 0, "worlds cannot play without their database"
    assert max(value.values()) < 1_000_000_000, "Kubernetes keeps what is above for itself"
    assert not any(each["globalDefault"] for each in made)


def test_fast_ssd_is_encrypted_gp3_in_the_pods_zone_that_grows_and_is_kept():
    built = build(lambda: Storage("us-east", StorageArgs(cluster_name="mmorpg-us-east", tags={"region": "us-east"})))
    storage = only(built, "kubernetes:storage.k8s.io/v1:StorageClass").resolved
    assert storage["metadata"] == {"name": "fast-ssd"}, "not the default class: whoever wants it names it"
    assert storage["provisioner"] == "ebs.csi.aws.com"
    assert storage["parameters"] == {
        "type": "gp3",
        "encrypted": "true",
        "tagSpecification_1": "game-regions/cluster=mmorpg-us-east",
        "tagSpecification_2": "region=us-east",
    }
    assert storage["volumeBindingMode"] == "WaitForFirstConsumer"
    assert storage["allowVolumeExpansion"] is True
    assert storage["reclaimPolicy"] == "Retain"


def test_one_rank_of_the_ladder_is_one_class():
    built = build(lambda: Priorities("us-east", PrioritiesArgs(ladder={"low": 1, "high": 2})))
    found = all_of(built, "kubernetes:scheduling.k8s.io/v1:PriorityClass")
    assert {r.resolved["metadata"]["name"]: r.resolved["value"] for r in found} == {"low": 1, "high": 2}


def test_deleting_the_namespace_waits_longer_than_a_world_takes_to_let_its_players_go():
    namespace = only(build(lambda: Namespaces("us-east", ARGS)), NAMESPACE)
    seconds = int(namespace.options["customTimeouts"]["delete"].removesuffix("s"))
    assert seconds == DRAIN.pod_grace_seconds + 600, "else a destroy gives up while the last players leave"
