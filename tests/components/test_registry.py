"""Images: the game's own in every region by the same digest, other people's through the region's cache."""

import dataclasses
import json
from typing import Any

import pytest

from components.operations.image_cache import ImageCache, ImageCacheArgs, cached_image
from components.operations.registry import ImageRegistry, ImageRegistryArgs, own_image
from plan.recorder import Recording
from tests.engine import all_of, build, named, only

REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"
RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
HUB = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
GITHUB = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/github-AbCdEf"
REGISTRY = ImageRegistryArgs(
    game="mmorpg",
    repositories=("game-server", "world-data-loader"),
    replicate_to=("eu-west-1", "us-west-2"),
    protect=True,
)
CACHE = ImageCacheArgs(
    prefix="mmorpg-us-east",
    region="us-east-1",
    account_id="123456789012",
    credentials={},
    node_roles={"node": "mmorpg-us-east-node", "karpenter-node": "mmorpg-us-east-karpenter-node"},
)
DIGEST = f"@sha256:{'0a' * 32}"
HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


def registry(**changes: Any) -> Recording:
    return build(lambda: ImageRegistry("edge-registry-us-east-1", dataclasses.replace(REGISTRY, **changes)), regions=())


def cache(**changes: Any) -> Recording:
    return build(lambda: ImageCache("us-east", dataclasses.replace(CACHE, **changes)))


def test_every_repository_is_the_games_own_and_a_version_in_it_never_changes():
    built = registry()
    assert {r.name: r.inputs["name"] for r in all_of(built, REPOSITORY)} == {
        "edge-registry-us-east-1-game-server": "mmorpg/game-server",
        "edge-registry-us-east-1-world-data-loader": "mmorpg/world-data-loader",
    }
    for repository in all_of(built, REPOSITORY):
        assert repository.inputs["imageTagMutability"] == "IMMUTABLE"
        assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
        assert repository.protect is True
        assert repository.inputs["forceDelete"] is True, "once its protection is lifted by name"


def test_only_images_without_a_tag_go():
    for policy in all_of(registry(), LIFECYCLE):
        (rule,) = json.loads(policy.inputs["policy"])["rules"]
        assert rule["selection"] == {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 14,
        }
        assert rule["action"] == {"type": "expire"}


def test_images_go_on_from_home_to_the_other_regions_and_no_others_images_with_them():
    built = registry()
    (rule,) = only(built, REPLICATION).inputs["replicationConfiguration"]["rules"]
    first = named(built, "edge-registry-us-east-1-game-server", REPOSITORY)
    account = {"$ref": first.urn, "property": "registryId"}
    assert rule["destinations"] == [{"region": place, "registryId": account} for place in ("eu-west-1", "us-west-2")]
    assert rule["repositoryFilters"] == [{"filter": "mmorpg/", "filterType": "PREFIX_MATCH"}]


def test_a_registry_that_sends_nothing_on_leaves_the_accounts_replication_alone():
    assert all_of(registry(replicate_to=()), REPLICATION) == []


def test_a_registry_without_repositories_is_refused():
    with pytest.raises(ValueError, match="name at least one"):
        dataclasses.replace(REGISTRY, repositories=())


@pytest.mark.parametrize("image", ["mmorpg/game-server:v2.1.0", f"mmorpg/game-server:v2.1.0{DIGEST}"])
def test_a_region_pulls_the_games_images_from_its_own_registry(image: str):
    assert own_image(image, registry=HOST, game="mmorpg", repositories=REGISTRY.repositories) == f"{HOST}/{image}"


@pytest.mark.parametrize(
    "image", ["other/game-server:v2.1.0", "mmorpg/world:v2.1.0", f"{HOST}/mmorpg/game-server:v1.0.0"]
)
def test_an_image_of_no_repository_is_pulled_from_where_it_is(image: str):
    assert own_image(image, registry=HOST, game="mmorpg", repositories=REGISTRY.repositories) == image


def test_open_registries_are_cached_and_closed_ones_only_with_a_credential():
    def rules(**credentials: str) -> dict[str, tuple[str, str | None]]:
        found = all_of(cache(credentials=credentials), RULE)
        return {
            rule.inputs["ecrRepositoryPrefix"]: (rule.inputs["upstreamRegistryUrl"], rule.inputs.get("credentialArn"))
            for rule in found
        }

    opened = {
        "mmorpg-us-east/ecr": ("public.ecr.aws", None),
        "mmorpg-us-east/k8s": ("registry.k8s.io", None),
        "mmorpg-us-east/quay": ("quay.io", None),
    }
    assert rules() == opened
    assert rules(hub=HUB, ghcr=GITHUB) == opened | {
        "mmorpg-us-east/hub": ("registry-1.docker.io", HUB),
        "mmorpg-us-east/ghcr": ("ghcr.io", GITHUB),
    }


def test_the_longest_prefix_of_a_cache_fits_ecr():
    built = cache(prefix="g" * 24, credentials={"hub": HUB, "ghcr": GITHUB})
    assert max(len(rule.inputs["ecrRepositoryPrefix"]) for rule in all_of(built, RULE)) == 29, "of 30"


def test_cached_repositories_keep_their_tags_and_their_newest_images():
    built = cache()
    template = only(built, TEMPLATE)
    assert (template.inputs["prefix"], template.inputs["appliedFors"]) == ("mmorpg-us-east", ["PULL_THROUGH_CACHE"])
    assert template.inputs["imageTagMutability"] == "IMMUTABLE"
    (rule,) = json.loads(template.inputs["lifecyclePolicy"])["rules"]
    assert rule["selection"] == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 20}
    assert all(template.urn in rule.depends_on for rule in all_of(built, RULE)), "no repository before its template"


def test_nodes_may_fill_their_own_regions_cache_and_no_other_repository():
    built = cache()
    roles = {policy.name: policy.inputs["role"] for policy in all_of(built, ROLE_POLICY)}
    assert roles == {
        "us-east-image-cache-node": "mmorpg-us-east-node",
        "us-east-image-cache-karpenter-node": "mmorpg-us-east-karpenter-node",
    }
    for policy in all_of(built, ROLE_POLICY):
        (statement,) = json.loads(policy.resolved["policy"])["Statement"]
        assert statement["Action"] == ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
        assert statement["Resource"] == "arn:aws:ecr:us-east-1:123456789012:repository/mmorpg-us-east/*"


@pytest.mark.parametrize(
    ("image", "cached"),
    [
        (
            f"quay.io/jetstack/cert-manager-controller:v1.21.1{DIGEST}",
            f"quay/jetstack/cert-manager-controller:v1.21.1{DIGEST}",
        ),
        (f"public.ecr.aws/karpenter/controller:1.14.1{DIGEST}", f"ecr/karpenter/controller:1.14.1{DIGEST}"),
        ("registry.k8s.io/external-dns/external-dns:v0.21.0", "k8s/external-dns/external-dns:v0.21.0"),
        ("docker.io/istio/pilot:1.30.3", "hub/istio/pilot:1.30.3"),
        ("istio/pilot:1.30.3", "hub/istio/pilot:1.30.3"),
        ("redis:7.2.5", "hub/library/redis:7.2.5"),
    ],
)
def test_a_cached_image_keeps_its_tag_and_its_digest(image: str, cached: str):
    given = {"registry": HOST, "prefix": "mmorpg-us-east", "credentials": {"hub": HUB}}
    assert cached_image(image, **given) == f"{HOST}/mmorpg-us-east/{cached}"


@pytest.mark.parametrize("image", ["ghcr.io/kedacore/keda:2.20.2", "redis:7.2.5", f"{HOST}/mmorpg/game-server:v2.1.0"])
def test_an_image_that_no_rule_caches_keeps_its_name(image: str):
    assert cached_image(image, registry=HOST, prefix="mmorpg-us-east", credentials={}) == image
