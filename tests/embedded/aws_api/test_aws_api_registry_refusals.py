"""ECR over the API: what this project models because moto lacks it, and what AWS refuses."""

from __future__ import annotations

import json

import pytest

ACCOUNT = "123456789012"
HUB = {"ecrRepositoryPrefix": "docker-hub", "upstreamRegistryUrl": "registry-1.docker.io"}
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:ecr-pullthroughcache/hub"


def replicate(aws, *rules):
    wanted = [{"destinations": [{"region": region, "registryId": ACCOUNT} for region in rule]} for rule in rules]
    return aws.ecr.put_replication_configuration(replicationConfiguration={"rules": wanted})


def image_rule(priority, status="untagged", **more):
    selection = {"tagStatus": status, "countType": "imageCountMoreThan", "countNumber": 9}
    return {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}} | more


def test_a_registry_may_replicate_by_several_rules(aws):
    replicate(aws, ["eu-west-1"], ["ap-southeast-1", "eu-central-1"])
    assert len(aws.ecr.describe_registry()["replicationConfiguration"]["rules"]) == 2
    elsewhere = aws.endpoint.client("ecr", "eu-west-1").describe_registry()
    assert elsewhere["replicationConfiguration"]["rules"] == [], "each region has its own"


def test_a_registry_does_not_replicate_to_itself_or_to_more_than_25_places(aws, refused):
    with refused("InvalidParameterException", "cannot be the same as the source"):
        replicate(aws, ["us-east-1"])
    with refused("InvalidParameterException", "at most 10 rules, not 11"):
        replicate(aws, *[["eu-west-1"]] * 11)
    goals = [{"region": "eu-west-1", "registryId": f"{number:012d}"} for number in range(26)]
    with refused("InvalidParameterException", "at most 25 unique destinations, not 26"):
        aws.ecr.put_replication_configuration(replicationConfiguration={"rules": [{"destinations": goals}]})


def test_a_cache_rule_is_made_once_and_found_until_it_is_deleted(aws, refused):
    aws.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    with refused("PullThroughCacheRuleAlreadyExistsException", "'quay'"):
        aws.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    found = aws.ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
    assert [(it["ecrRepositoryPrefix"], it["upstreamRepositoryPrefix"]) for it in found] == [("quay", "ROOT")]
    aws.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="quay")
    with refused("PullThroughCacheRuleNotFoundException", "'quay' does not exist"):
        aws.ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=["quay"])


def test_an_upstream_must_be_known_and_a_locked_one_needs_a_credential_of_the_right_name(aws, refused):
    with refused("UnsupportedUpstreamRegistryException", "isn't supported: 'example.com'"):
        aws.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="mine", upstreamRegistryUrl="example.com")
    with refused("InvalidParameterException", "needs a credential"):
        aws.ecr.create_pull_through_cache_rule(**HUB)
    with refused("InvalidParameterException", "at 'credentialArn' failed.*ecr.*pullthroughcache"):
        aws.ecr.create_pull_through_cache_rule(**HUB, credentialArn=SECRET.replace("ecr-pullthroughcache/", "x/"))
    aws.ecr.create_pull_through_cache_rule(**HUB, credentialArn=SECRET)


def test_a_creation_template_is_made_once_and_keeps_what_an_update_does_not_mention(aws, refused):
    given = {"prefix": "docker-hub", "appliedFor": ["PULL_THROUGH_CACHE"], "description": "cached"}
    aws.ecr.create_repository_creation_template(**given)
    with refused("TemplateAlreadyExistsException", "'docker-hub' already exists"):
        aws.ecr.create_repository_creation_template(**given)
    aws.ecr.update_repository_creation_template(prefix="docker-hub", imageTagMutability="IMMUTABLE")
    found = aws.ecr.describe_repository_creation_templates()["repositoryCreationTemplates"][0]
    assert (found["description"], found["imageTagMutability"]) == ("cached", "IMMUTABLE")
    aws.ecr.delete_repository_creation_template(prefix="docker-hub")
    with refused("TemplateNotFoundException", "does not exist"):
        aws.ecr.update_repository_creation_template(prefix="docker-hub")


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        ([image_rule(1), image_rule(1)], "priority of its own"),
        ([image_rule(1, "any"), image_rule(2)], "must have the lowest priority"),
        ([{"rulePriority": 1, "description": "d" * 60, "selection": {}}], "KeyError"),
    ],
)
def test_a_lifecycle_policy_that_cannot_work_is_refused(aws, refused, rules, fault):
    aws.ecr.create_repository(repositoryName="world")
    with refused("InvalidParameterException", fault):
        aws.ecr.put_lifecycle_policy(repositoryName="world", lifecyclePolicyText=json.dumps({"rules": rules}))
    kept = {"rules": [image_rule(1), image_rule(2, "any")]}
    aws.ecr.put_lifecycle_policy(repositoryName="world", lifecyclePolicyText=json.dumps(kept))


def test_a_repository_with_images_stays(aws, refused):
    aws.ecr.create_repository(repositoryName="world")
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": {"digest": "sha256:" + "a" * 64}})
    aws.ecr.put_image(repositoryName="world", imageManifest=manifest)
    with refused("RepositoryNotEmptyException", "still contains images"):
        aws.ecr.delete_repository(repositoryName="world")


def test_what_a_registry_is_set_to_is_in_the_inventory(aws):
    aws.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="quay", upstreamRegistryUrl="quay.io")
    aws.ecr.create_repository_creation_template(prefix="quay", appliedFor=["PULL_THROUGH_CACHE"])
    replicate(aws, ["eu-west-1"])
    found = [(item.type, item.id, item.region) for item in aws.endpoint.inventory()]
    assert found == [
        ("creation-template", "quay", "us-east-1"),
        ("pull-through-cache-rule", "quay", "us-east-1"),
        ("replication-configuration", ACCOUNT, "us-east-1"),
    ]
    aws.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="quay")
    aws.ecr.delete_repository_creation_template(prefix="quay")
    replicate(aws)
    assert aws.endpoint.is_empty()
