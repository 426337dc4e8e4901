"""Buckets, images and budget on the embedded AWS, with its refusals: made, read back, changed in place, deleted."""

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from components.operations.budget import Budget
from components.operations.image_cache import ImageCache
from components.operations.registry import ImageRegistry
from plan.recorder import Recording
from plan.registration import RecordedResource
from tests.components import test_backup_replication, test_buckets, test_budget, test_registry
from tests.embedded.aws_types.conftest import door, endpoint, engine
from tests.embedded.aws_types.driver import ACCOUNT, Engine, Made
from tests.engine import build

__all__ = ["door", "endpoint", "engine"]  # fixtures, which pytest finds by being here
HUB = {"hub": test_registry.HUB}


def everything(*, later: bool) -> Recording:
    """All of a region's and the registry's, before and after a change of every figure."""
    buckets = dataclasses.replace(test_buckets.ARGS, protect=False)
    budget, cache, registry = test_budget.ARGS, test_registry.CACHE, test_registry.REGISTRY
    if later:
        buckets = dataclasses.replace(buckets, backup_lock_days=14, log_days=30, trace_days=3)
        budget = dataclasses.replace(budget, monthly_usd=9000, emails=("ops@mmorpg-game.com",))
        cache = dataclasses.replace(cache, credentials=HUB)
        registry = dataclasses.replace(registry, replicate_to=("eu-west-1",), repositories=("game-server",))

    def program() -> None:
        test_backup_replication.replicate(
            protect=False, prefix_days={"mysql/": 14} if later else {"mysql/": 30}, buckets=buckets
        )
        Budget("us-east", budget)
        ImageCache("us-east", cache)
        ImageRegistry("edge-registry-us-east-1", registry)

    return build(program)


def in_order(resources: list[RecordedResource]) -> list[RecordedResource]:
    """What a provider makes, each after those it names or waits for."""
    waiting = {r.urn: r for r in resources if r.is_leaf}
    done: list[RecordedResource] = []
    while waiting:
        free = [r for r in waiting.values() if not waiting.keys() & {*r.depends_on, *_named(r)}]
        assert free, "a circle"
        done += free
        for resource in free:
            del waiting[resource.urn]
    return done


_REFERENCE = re.compile(r"\$\{(?P<urn>urn:[^#}]+)#(?P<property>[A-Za-z]+)\}")


def _named(resource: RecordedResource) -> set[str]:
    return {found["urn"] for found in _REFERENCE.finditer(json.dumps(resource.resolved))}


def _known(resource: RecordedResource, made: dict[str, Made]) -> dict[str, Any]:
    """The inputs with what the others' providers computed."""

    def value(match: re.Match[str]) -> str:
        one = made[match["urn"]]
        return one.id if match["property"] == "id" else str(one.outputs[match["property"]])

    return dict(json.loads(_REFERENCE.sub(value, json.dumps(resource.resolved))))


def run(
    recording: Recording, step: Callable[[RecordedResource, dict[str, Any]], Made], known: dict[str, Made]
) -> dict[str, Made]:
    """Each resource by `step`, in order; `known` are those made before."""
    made = dict(known)
    for resource in in_order(recording.resources):
        made[resource.urn] = step(resource, _known(resource, made))
    return made


@pytest.fixture
def made(engine: Engine) -> dict[str, Made]:
    assert test_buckets.ARGS.account_id == ACCOUNT
    return run(everything(later=False), lambda r, inputs: engine.make(r.type, r.name, **inputs), {})


def test_what_is_made_reads_back_as_it_was_asked_for(engine: Engine, made: dict[str, Made]):
    for urn, one in made.items():
        found = engine.refreshed(one)
        assert found is not None, urn
        assert found.inputs == one.inputs, urn


def test_a_change_of_every_figure_replaces_nothing(engine: Engine, made: dict[str, Made]):
    def change(resource: RecordedResource, inputs: dict[str, Any]) -> Made:
        if resource.urn not in made:
            return engine.make(resource.type, resource.name, **inputs)
        replacement = engine.replaced_by(made[resource.urn], **inputs)
        assert not replacement.paths, f"{resource.urn}: {replacement}"
        return engine.change(made[resource.urn], **inputs)

    after = run(everything(later=True), change, {})
    lock = engine.client("s3").get_object_lock_configuration(Bucket=f"mmorpg-us-east-backup-{ACCOUNT}")
    assert lock["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 14}
    limit = engine.client("budgets").describe_budget(AccountId=ACCOUNT, BudgetName="mmorpg-us-east-monthly")
    assert float(limit["Budget"]["BudgetLimit"]["Amount"]) == 9000
    changed = [urn for urn in after if urn in made and after[urn].inputs != made[urn].inputs]
    assert len(changed) == 7, "lock, three lifecycles and that of the copies, budget, replication of images"


def test_without_protection_all_is_gone_in_the_end_backups_too(engine: Engine, made: dict[str, Made]):
    s3 = engine.client("s3")
    for kind in test_buckets.KINDS:
        bucket = f"mmorpg-us-east-{kind}-{ACCOUNT}"
        s3.delete_bucket_policy(Bucket=bucket)  # moto refuses by a policy whatever its conditions say
        s3.put_object(Bucket=bucket, Key="one", Body=b"1")
    for one in reversed(made.values()):
        engine.drop(one)
    assert s3.list_buckets()["Buckets"] == []
    assert engine.client("ecr").describe_repositories()["repositories"] == []
    assert engine.client("budgets").describe_budgets(AccountId=ACCOUNT)["Budgets"] == []
