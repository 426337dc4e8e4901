"""Images: the game's own in every region by the same digest, other people's through the region's cache."""

import dataclasses
import json
from typing import Any

import pytest

from components.operations.image_cache import ImageCache, ImageCacheArgs
from components.operations.registry import ImageRegistry, ImageRegistryArgs
from plan.recorder import Recording
from tests.engine import all_of, build, named, only

REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"
RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
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
    tags={"game": "mmorpg", "region": "us-east"},
)


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


def test_cached_repositories_are_tagged_by_a_role_that_can_do_no_more_than_make_them():
    built = cache()
    template, role = only(built, TEMPLATE), only(built, "aws:iam/role:Role")
    assert template.inputs["customRoleArn"] == {"$ref": role.urn, "property": "arn"}
    assert template.inputs["resourceTags"] == {
        "game-regions/cluster": "mmorpg-us-east",
        "game": "mmorpg",
        "region": "us-east",
    }
    (trust,) = json.loads(role.resolved["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "ecr.amazonaws.com"}
    rights = only(built, "aws:iam/rolePolicy:RolePolicy")
    (statement,) = json.loads(rights.resolved["policy"])["Statement"]
    assert statement["Action"] == ["ecr:CreateRepository", "ecr:TagResource"]
    assert statement["Resource"] == "arn:aws:ecr:us-east-1:123456789012:repository/mmorpg-us-east/*"
    assert rights.urn in template.depends_on
