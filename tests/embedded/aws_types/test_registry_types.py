"""Registries and budgets: what the real provider does beyond plain create and delete."""

from __future__ import annotations

import json

from tests.embedded.aws_types.driver import ACCOUNT, Engine
from tests.embedded.aws_types.examples_registry import (
    BUDGET,
    CACHE_RULE,
    LIFECYCLE,
    REPLICATION,
    REPOSITORY,
    TEMPLATE,
    expiry,
    notification,
)

MONTHLY = {"name": "dev", "budgetType": "COST", "timeUnit": "MONTHLY", "limitAmount": "500", "limitUnit": "USD"}


def test_another_lifecycle_policy_replaces_the_old_one_which_goes_first(engine: Engine) -> None:
    name = engine.make(REPOSITORY, name="world").id
    made = engine.make(LIFECYCLE, repository=name, policy=expiry(7))
    same = json.dumps(json.loads(expiry(7)), sort_keys=True)
    assert engine.replaced_by(made, repository=name, policy=same).paths == ()
    replacement = engine.replaced_by(made, repository=name, policy=expiry(9))
    assert (replacement.paths, replacement.delete_first) == (("policy",), True)


def test_a_repository_with_images_is_deleted_only_by_force(engine: Engine) -> None:
    made = engine.make(REPOSITORY, name="world", forceDelete=True)
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": {"digest": "sha256:" + "a" * 64}})
    engine.client("ecr").put_image(repositoryName="world", imageManifest=manifest)
    engine.drop(made)
    assert engine.refreshed(made) is None


def test_a_repository_tells_where_images_are_pushed(engine: Engine) -> None:
    outputs = engine.make(REPOSITORY, name="mmorpg/world").outputs
    assert outputs["repositoryUrl"] == f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/mmorpg/world"
    assert outputs["encryptionConfigurations"] == [{"encryptionType": "AES256"}]


def test_a_registry_without_replication_has_no_such_resource(engine: Engine) -> None:
    goal = [{"region": "eu-west-1", "registryId": ACCOUNT}]
    made = engine.make(REPLICATION, replicationConfiguration={"rules": [{"destinations": goal}]})
    assert made.id == ACCOUNT
    engine.drop(made)
    assert engine.client("ecr").describe_registry()["replicationConfiguration"]["rules"] == []


def test_another_upstream_replaces_a_cache_rule(engine: Engine) -> None:
    made = engine.make(CACHE_RULE, ecrRepositoryPrefix="hub", upstreamRegistryUrl="quay.io")
    other = {"ecrRepositoryPrefix": "hub", "upstreamRegistryUrl": "public.ecr.aws"}
    assert engine.replaced_by(made, **other).paths == ("upstreamRegistryUrl",)


def test_what_a_template_no_longer_says_is_taken_away(engine: Engine) -> None:
    wanted = {"prefix": "hub", "appliedFors": ["REPLICATION"]}
    made = engine.make(TEMPLATE, **wanted, description="cached", resourceTags={"a": "b"}, lifecyclePolicy=expiry(7))
    bare = engine.change(made, **wanted)
    again = engine.refreshed(bare)
    assert again is not None
    assert not {"description", "resourceTags", "lifecyclePolicy"} & again.outputs.keys()


def test_the_account_of_a_budget_may_be_left_unsaid(engine: Engine) -> None:
    made = engine.make(BUDGET, **MONTHLY)
    assert made.id == f"{ACCOUNT}:dev"
    assert made.outputs["arn"] == f"arn:aws:budgets::{ACCOUNT}:budget/dev"


def test_an_amount_said_otherwise_is_no_change(engine: Engine) -> None:
    made = engine.make(BUDGET, **MONTHLY)
    assert engine.checked(made.target, MONTHLY | {"limitAmount": "500.0"}, made.inputs)["limitAmount"] == "500"


def test_filters_that_are_no_longer_mentioned_stay(engine: Engine) -> None:
    filters = [{"name": "TagKeyValue", "values": ["user:env$dev"]}]
    made = engine.make(BUDGET, **MONTHLY, costFilters=filters)
    changed = engine.change(made, **MONTHLY | {"limitAmount": "600"})
    assert changed.outputs["costFilters"] == filters


def test_notifications_changed_are_all_made_anew(engine: Engine) -> None:
    made = engine.make(BUDGET, **MONTHLY, notifications=[notification(80), notification(90)])
    engine.change(made, **MONTHLY, notifications=[notification(90), notification(110)])
    client = engine.client("budgets")
    found = client.describe_notifications_for_budget(AccountId=ACCOUNT, BudgetName="dev")["Notifications"]
    assert [it["Threshold"] for it in found] == [90, 110]
