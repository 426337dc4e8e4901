"""ECR and Budgets types: what a program would ask for, and how it would then change it in place."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.embedded.aws_types.driver import ACCOUNT, Engine
from tests.embedded.aws_types.ground import TAGS, Example

REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"
CACHE_RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
BUDGET = "aws:budgets/budget:Budget"


def expiry(days: int) -> str:
    """A lifecycle policy: what has no tag goes after some days."""
    selection = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": days}
    return json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]}, indent=1)


def secret(name: str) -> str:
    return f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:ecr-pullthroughcache/{name}"


def _repository(_: Engine) -> Example:
    wanted = {
        "name": "mmorpg/world",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "AES256"}],
        "tags": TAGS,
    }
    later = {"imageTagMutability": "MUTABLE", "imageScanningConfiguration": {"scanOnPush": False}, "tags": {"a": "b"}}
    return Example(wanted, wanted | later)


def _lifecycle(engine: Engine) -> Example:
    return Example({"repository": engine.make(REPOSITORY, name="mmorpg/world").id, "policy": expiry(7)})


def _replication(_: Engine) -> Example:
    def to(*regions: str) -> list[dict[str, str]]:
        return [{"region": region, "registryId": ACCOUNT} for region in regions]

    only_game = [{"filter": "mmorpg", "filterType": "PREFIX_MATCH"}]
    first = {"destinations": to("eu-west-1"), "repositoryFilters": only_game}
    return Example(
        {"replicationConfiguration": {"rules": [first]}},
        {"replicationConfiguration": {"rules": [first, {"destinations": to("eu-west-1", "ap-southeast-1")}]}},
    )


def _cache_rule(_: Engine) -> Example:
    wanted = {"ecrRepositoryPrefix": "docker-hub", "upstreamRegistryUrl": "registry-1.docker.io"}
    return Example(wanted | {"credentialArn": secret("hub")}, wanted | {"credentialArn": secret("hub-2")})


def _template(_: Engine) -> Example:
    wanted = {
        "prefix": "docker-hub",
        "appliedFors": ["PULL_THROUGH_CACHE"],
        "description": "cached",
        "lifecyclePolicy": expiry(7),
        "resourceTags": {"team": "games"},
    }
    later = {
        "appliedFors": ["REPLICATION", "PULL_THROUGH_CACHE"],
        "imageTagMutability": "IMMUTABLE",
        "lifecyclePolicy": expiry(9),
    }
    return Example(wanted, wanted | later)


def notification(threshold: int, kind: str = "ACTUAL", **people: list[str]) -> dict[str, object]:
    return {
        "comparisonOperator": "GREATER_THAN",
        "notificationType": kind,
        "threshold": threshold,
        "thresholdType": "PERCENTAGE",
    } | (people or {"subscriberEmailAddresses": ["ops@mmorpg-game.com"]})


def _budget(_: Engine) -> Example:
    wanted = {
        "accountId": ACCOUNT,
        "name": "mmorpg-dev",
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "500",
        "limitUnit": "USD",
        "costFilters": [{"name": "TagKeyValue", "values": ["user:env$dev"]}],
        "tags": TAGS,
    }
    topic = [f"arn:aws:sns:us-east-1:{ACCOUNT}:costs"]
    first = [notification(80), notification(100, "FORECASTED", subscriberSnsTopicArns=topic)]
    later = {"limitAmount": "750.5", "timeUnit": "QUARTERLY", "notifications": [notification(90)], "tags": {"a": "b"}}
    return Example(wanted | {"notifications": first}, wanted | later)


REGISTRY: dict[str, Callable[[Engine], Example]] = {
    REPOSITORY: _repository,
    LIFECYCLE: _lifecycle,
    REPLICATION: _replication,
    CACHE_RULE: _cache_rule,
    TEMPLATE: _template,
    BUDGET: _budget,
}
