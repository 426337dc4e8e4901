"""Buckets: names that cannot clash, what is locked and for how long, what is refused, what outlives the region."""

import dataclasses
import json
from typing import Any

import pytest

from components.operations.buckets import Buckets, BucketsArgs
from plan.recorder import Recording
from plan.registration import RecordedResource
from tests.engine import all_of, build, named, only

BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
KEY = "aws:kms/key:Key"
KINDS = ("backup", "logs", "traces")
ARGS = BucketsArgs(
    prefix="mmorpg-us-east",
    account_id="123456789012",
    backup_lock_days=30,
    log_days=90,
    trace_days=7,
    protect=True,
)


def buckets(**changes: Any) -> Recording:
    return build(lambda: Buckets("us-east", dataclasses.replace(ARGS, **changes)))


def of(built: Recording, kind: str, type_: str) -> RecordedResource:
    return named(built, f"us-east-{kind}", type_)


def rule(built: Recording, kind: str) -> dict[str, Any]:
    (found,) = of(built, kind, LIFECYCLE).inputs["rules"]
    assert (found["status"], found["filter"]) == ("Enabled", {}), "for every object"
    return dict(found)


def statements(built: Recording, kind: str) -> dict[str, dict[str, Any]]:
    document = json.loads(of(built, kind, POLICY).resolved["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_each_bucket_is_named_by_game_region_kind_and_account_and_fits_s3():
    built = buckets()
    assert {bucket.name: bucket.inputs["bucket"] for bucket in all_of(built, BUCKET)} == {
        f"us-east-{kind}": f"mmorpg-us-east-{kind}-123456789012" for kind in KINDS
    }
    longest = {bucket.inputs["bucket"] for bucket in all_of(buckets(prefix="g" * 24), BUCKET)}
    assert max(map(len, longest)) == 44 <= 63


@pytest.mark.parametrize("kind", KINDS)
def test_every_bucket_is_shut_versioned_encrypted_and_without_acls(kind: str):
    built = buckets()
    block = of(built, kind, ACCESS_BLOCK).inputs
    for setting in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
        assert block[setting] is True
    assert block["skipDestroy"] is True, "shut until the bucket itself is gone"
    assert of(built, kind, VERSIONING).inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert of(built, kind, OWNERSHIP).inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    (encryption,) = of(built, kind, ENCRYPTION).inputs["rules"]
    assert encryption["bucketKeyEnabled"] is True
    assert encryption["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": {"$ref": only(built, KEY).urn, "property": "arn"},
    }


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_reaches_a_bucket_without_tls(kind: str):
    built = buckets()
    arn = f"${{{of(built, kind, BUCKET).urn}#arn}}"
    tls = statements(built, kind)["OnlyByTls"]
    assert (tls["Effect"], tls["Principal"], tls["Action"]) == ("Deny", "*", "s3:*")
    assert tls["Resource"] == [arn, f"{arn}/*"]
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_an_upload_that_asks_for_another_key_is_refused_and_one_that_asks_for_none_is_not():
    built = buckets()
    found = statements(built, "backup")
    assert {statement["Effect"] for statement in found.values()} == {"Deny"}, "rights come from roles alone"
    header = "s3:x-amz-server-side-encryption"
    assert found["OnlyByKms"]["Condition"] == {"Null": {header: "false"}, "StringNotEquals": {header: "aws:kms"}}
    assert found["OnlyByThisKey"]["Condition"] == {
        "Null": {f"{header}-aws-kms-key-id": "false"},
        "ArnNotEquals": {f"{header}-aws-kms-key-id": f"${{{only(built, KEY).urn}#arn}}"},
    }
    assert found["NeverByTheUploadersKey"]["Condition"] == {"Null": {f"{header}-customer-algorithm": "false"}}
    assert {found[name]["Action"] for name in found if name != "OnlyByTls"} == {"s3:PutObject"}


def test_only_backups_are_locked_and_from_birth():
    built = buckets(backup_lock_days=14)
    assert [of(built, kind, BUCKET).inputs["objectLockEnabled"] for kind in KINDS] == [True, False, False]
    lock = only(built, LOCK)
    assert lock.inputs["rule"] == {"defaultRetention": {"mode": "GOVERNANCE", "days": 14}}
    assert of(built, "backup", VERSIONING).urn in lock.depends_on


def test_logs_and_traces_go_by_age_and_backups_by_their_owner_alone():
    built = buckets()
    assert rule(built, "backup")["expiration"] == {"expiredObjectDeleteMarker": True}
    assert rule(built, "logs")["expiration"] == {"days": 90}
    assert rule(built, "traces")["expiration"] == {"days": 7}
    assert [rule(built, kind)["noncurrentVersionExpiration"]["noncurrentDays"] for kind in KINDS] == [30, 7, 7]
    assert {rule(built, kind)["abortIncompleteMultipartUpload"]["daysAfterInitiation"] for kind in KINDS} == {7}


def test_backups_outlive_a_protected_region_with_all_that_they_are_set_to():
    built = buckets()
    kept = {r.type for r in built.resources if r.options["retainOnDelete"]}
    assert kept == {BUCKET, POLICY, LIFECYCLE, LOCK, VERSIONING, ENCRYPTION, ACCESS_BLOCK, OWNERSHIP}
    assert {r.name for r in built.resources if r.options["retainOnDelete"]} == {"us-east-backup"}
    assert [of(built, kind, BUCKET).inputs["forceDestroy"] for kind in KINDS] == [False, True, True]
    assert {r.type for r in built.resources if r.protect} == {BUCKET, KEY}


def test_nothing_outlives_a_region_without_protection():
    built = buckets(protect=False)
    assert not [r.name for r in built.resources if r.options["retainOnDelete"] or r.protect]
    assert {bucket.inputs["forceDestroy"] for bucket in all_of(built, BUCKET)} == {True}


def test_the_key_is_not_that_of_secrets_turns_and_can_be_called_back_for_thirty_days():
    built = buckets()
    key = only(built, KEY).inputs
    assert (key["enableKeyRotation"], key["deletionWindowInDays"]) == (True, 30)
    (statement,) = json.loads(key["policy"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert only(built, "aws:kms/alias:Alias").inputs["name"] == "alias/mmorpg-us-east-storage"


def test_a_lock_longer_than_the_key_lives_is_refused():
    with pytest.raises(ValueError, match="31 is above the 30 days that a key outlives its deletion"):
        dataclasses.replace(ARGS, backup_lock_days=31)
