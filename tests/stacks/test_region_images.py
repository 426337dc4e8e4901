"""Images of the shipped stacks: where each region's pods get theirs, and what its nodes may do for it."""

import json
import re

import pytest

from plan.recorder import Recording
from plan.registration import RecordedResource
from tests.engine import all_of, named
from tests.shipped import recording_of

STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
RELEASE = "kubernetes:helm.sh/v3:Release"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
GROUP = "aws:eks/nodeGroup:NodeGroup"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
# The account is known when the VPC is there.
OWN_REGISTRY = r"\$\{urn:[^}]*::eu-west-vpc#ownerId\}\.dkr\.ecr\.eu-west-1\.amazonaws\.com"


@pytest.fixture(scope="module")
def prod() -> Recording:
    return recording_of("prod")


def images(built: Recording, region: str) -> list[str]:
    pod = named(built, f"{region}-worlds", STATEFUL_SET).resolved["spec"]["template"]["spec"]
    return [container["image"] for container in (*pod["containers"], *pod["initContainers"])]


def upstream(built: Recording, resource: RecordedResource) -> set[str]:
    by_urn, found, left = built.by_urn(), set[str](), [resource.urn]
    while left:
        new = set(by_urn[left.pop()].depends_on) - found
        found |= new
        left += new
    return found


def test_worlds_come_from_the_games_registry_in_their_own_aws_region(prod: Recording):
    server, loader = images(prod, "eu-west")
    assert re.fullmatch(rf"{OWN_REGISTRY}/mmorpg/game-server:v2\.1\.0", server)
    assert re.fullmatch(rf"{OWN_REGISTRY}/mmorpg/world-data-loader:v1\.2\.0", loader)


def test_without_a_registry_worlds_come_from_where_their_names_say():
    assert images(recording_of("dev"), "us-east") == ["mmorpg/game-server:v2.1.0", "mmorpg/world-data-loader:v1.2.0"]


def test_a_regions_charts_name_no_registry_that_its_cache_stands_for(prod: Recording):
    values = {r.name: json.dumps(r.resolved["values"]) for r in all_of(prod, RELEASE) if r.region == "eu-west"}
    assert re.search(rf'"{OWN_REGISTRY}/mmorpg-eu-west/quay"', values["eu-west-cert-manager"])
    assert re.search(rf'"{OWN_REGISTRY}/mmorpg-eu-west/ecr/karpenter/controller"', values["eu-west-karpenter"])
    for name, text in values.items():
        assert not re.search(r'"(quay\.io|registry\.k8s\.io|public\.ecr\.aws)', text), name


def test_nodes_of_both_kinds_may_fill_their_own_regions_cache_and_no_other_repository(prod: Recording):
    found = [r for r in all_of(prod, ROLE_POLICY) if r.region == "eu-west" and r.inputs["name"] == "fill-image-cache"]
    assert [r.name for r in found] == ["eu-west-node-fill-image-cache", "eu-west-karpenter-node-fill-image-cache"]
    for policy in found:
        (statement,) = json.loads(policy.resolved["policy"])["Statement"]
        assert statement["Action"] == ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
        assert re.fullmatch(r"arn:aws:ecr:eu-west-1:\$\{.*\}:repository/mmorpg-eu-west/\*", statement["Resource"])


def test_no_node_stands_before_its_images_can_be_fetched(prod: Recording):
    rules = {rule.urn for rule in all_of(prod, RULE) if rule.region == "eu-west"}
    groups = [group for group in all_of(prod, GROUP) if group.region == "eu-west"]
    rights = {role: named(prod, f"eu-west-{role}-fill-image-cache").urn for role in ("node", "karpenter-node")}
    assert (len(rules), len(groups)) == (3, 5)
    for group in groups:
        assert {*rules, rights["node"]} <= upstream(prod, group)
    for pool in all_of(prod, NODE_POOL):
        if pool.region == "eu-west":
            assert rights["karpenter-node"] in upstream(prod, pool)


@pytest.mark.parametrize("stack", ["local", "dev"])
def test_without_a_cache_nodes_get_no_right_to_one(stack: str):
    assert [r.name for r in recording_of(stack).resources if "image-cache" in r.name] == []
