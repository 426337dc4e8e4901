"""Buckets and what they are set to: what the real provider does beyond plain create and delete."""

from __future__ import annotations

import pytest

from embedded.aws.handler import AwsHandler
from embedded.aws.objects import Refused
from tests.embedded.aws_types.driver import Engine
from tests.embedded.aws_types.examples_storage import BUCKET, NAME, OBJECT_LOCK, POLICY, VERSIONING, bucket, policy


def test_a_bucket_with_objects_is_deleted_only_by_force(engine: Engine) -> None:
    made = engine.make(BUCKET, bucket=NAME, objectLockEnabled=True)
    client = engine.client("s3")
    client.put_object(Bucket=NAME, Key="world", Body=b"1")
    client.put_object(Bucket=NAME, Key="world", Body=b"2")
    client.delete_object(Bucket=NAME, Key="world")
    with pytest.raises(Refused, match="BucketNotEmpty"):
        engine.drop(made)
    engine.drop(engine.change(made, **made.inputs | {"forceDestroy": True}))
    assert engine.refreshed(made) is None


def test_a_bucket_is_made_in_the_region_of_its_provider(engine: Engine) -> None:
    engine.handler = AwsHandler(engine.endpoint)
    engine.handler.configure({"region": "eu-west-1"})
    outputs = engine.make(BUCKET, bucket=NAME).outputs
    assert outputs["bucketRegion"] == "eu-west-1"
    assert outputs["bucketRegionalDomainName"] == f"{NAME}.s3.eu-west-1.amazonaws.com"
    assert (outputs["arn"], outputs["objectLockEnabled"]) == (f"arn:aws:s3:::{NAME}", False)


def test_object_lock_at_birth_replaces_a_bucket_born_without(engine: Engine) -> None:
    made = engine.make(BUCKET, bucket=NAME)
    replacement = engine.replaced_by(made, bucket=NAME, objectLockEnabled=True)
    assert replacement.paths == ("objectLockEnabled",)
    assert replacement.delete_first, "both would bear the same name"


def test_the_last_tag_taken_away_leaves_none(engine: Engine) -> None:
    made = engine.make(BUCKET, bucket=NAME, tags={"a": "1", "b": "2"})
    fewer = engine.change(made, bucket=NAME, tags={"b": "2"})
    assert fewer.outputs["tagsAll"] == {"b": "2"}
    assert engine.change(fewer, bucket=NAME).outputs["tagsAll"] == {}


def test_versions_are_suspended_when_their_resource_goes_but_not_under_object_lock(engine: Engine) -> None:
    status = {"versioningConfiguration": {"status": "Enabled"}}
    for name, locked in (("saves-1", False), ("saves-2", True)):
        bucket(engine, bucket=name, objectLockEnabled=locked)
        engine.drop(engine.make(VERSIONING, bucket=name, **status))
        found = engine.client("s3").get_bucket_versioning(Bucket=name)["Status"]
        assert found == ("Enabled" if locked else "Suspended")


def test_a_retention_taken_away_leaves_the_object_lock(engine: Engine) -> None:
    name = bucket(engine, objectLockEnabled=True)
    made = engine.make(OBJECT_LOCK, bucket=name, rule={"defaultRetention": {"mode": "GOVERNANCE", "days": 1}})
    engine.drop(made)
    found = engine.client("s3").get_object_lock_configuration(Bucket=name)
    assert found["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}


def test_a_bucket_policy_that_means_the_same_is_no_change(engine: Engine) -> None:
    bucket(engine)
    made = engine.make(POLICY, bucket=NAME, policy=policy("s3:GetObject", "s3:PutObject"))
    turned = engine.checked(
        made.target, {"bucket": NAME, "policy": policy("s3:PutObject", "s3:GetObject")}, made.inputs
    )
    assert turned == made.inputs
