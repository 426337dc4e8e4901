"""S3 types: what a program would ask for, and how it would then change it in place."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.embedded.aws_types.driver import ACCOUNT, Engine
from tests.embedded.aws_types.ground import TAGS, Example, role

BUCKET = "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
OBJECT_LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
NAME = "mmorpg-us-east-saves"


def bucket(engine: Engine, **more: object) -> str:
    return engine.make(BUCKET, "saves", **{"bucket": NAME} | more).id


def policy(*actions: str, **more: object) -> str:
    """A policy that lets the account do something with the objects."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": list(actions),
        "Resource": f"arn:aws:s3:::{NAME}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]}, indent=1)


def _bucket(_: Engine) -> Example:
    return Example(
        {"bucket": NAME, "objectLockEnabled": True, "tags": TAGS},
        {"bucket": NAME, "objectLockEnabled": True, "forceDestroy": False, "tags": TAGS | {"Name": "other"}},
    )


def _versioning(engine: Engine) -> Example:
    wanted = {"bucket": bucket(engine)}
    return Example(
        wanted | {"versioningConfiguration": {"status": "Enabled"}},
        wanted | {"versioningConfiguration": {"status": "Suspended"}},
    )


def _encryption(engine: Engine) -> Example:
    key = engine.make("aws:kms/key:Key", "saves").outputs["arn"]
    by_key = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}
    wanted = {"bucket": bucket(engine)}
    return Example(
        wanted | {"rules": [{"applyServerSideEncryptionByDefault": by_key, "bucketKeyEnabled": True}]},
        wanted | {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
    )


def _access_block(engine: Engine) -> Example:
    wanted = {"bucket": bucket(engine), "blockPublicAcls": True, "ignorePublicAcls": True}
    return Example(
        wanted | {"blockPublicPolicy": True, "restrictPublicBuckets": True}, wanted | {"blockPublicPolicy": False}
    )


def _policy(engine: Engine) -> Example:
    wanted = {"bucket": bucket(engine)}
    return Example(
        wanted | {"policy": policy("s3:GetObject", "s3:PutObject")}, wanted | {"policy": policy("s3:GetObject")}
    )


def _ownership(engine: Engine) -> Example:
    wanted = {"bucket": bucket(engine)}
    return Example(
        wanted | {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        wanted | {"rule": {"objectOwnership": "ObjectWriter"}},
    )


def _lifecycle(engine: Engine) -> Example:
    wanted = {"bucket": bucket(engine)}
    old = {
        "id": "old",
        "status": "Enabled",
        "noncurrentVersionExpiration": {"noncurrentDays": 7, "newerNoncurrentVersions": 3},
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 2},
    }
    logs = {
        "id": "logs",
        "status": "Enabled",
        "filter": {"prefix": "wal/"},
        "expiration": {"days": 90},
        "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}, {"days": 60, "storageClass": "GLACIER_IR"}],
    }
    both = {"and": {"prefix": "dumps/", "tags": {"keep": "no", "kind": "full"}}}
    moved = [{"noncurrentDays": 30, "storageClass": "GLACIER"}]
    dumps = {"id": "dumps", "status": "Disabled", "filter": both, "noncurrentVersionTransitions": moved}
    return Example(
        wanted | {"rules": [old, logs, dumps]},
        wanted
        | {"rules": [old | {"filter": {"tag": {"key": "a", "value": "b"}}}, logs | {"expiration": {"days": 91}}]},
    )


def _object_lock(engine: Engine) -> Example:
    wanted = {"bucket": bucket(engine, objectLockEnabled=True)}
    return Example(
        wanted | {"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}},
        wanted | {"rule": {"defaultRetention": {"mode": "COMPLIANCE", "years": 1}}},
    )


def copied(engine: Engine, name: str = "saves", **more: object) -> str:
    """A bucket with versions."""
    made = engine.make(BUCKET, name, **{"bucket": f"mmorpg-us-east-{name}"} | more).id
    engine.make(VERSIONING, name, bucket=made, versioningConfiguration={"status": "Enabled"})
    return made


def copying(bucket: str, key: str, **more: object) -> dict[str, object]:
    """A rule that copies all that a key encrypted, within the time that S3 promises."""
    destination = {
        "bucket": f"arn:aws:s3:::{bucket}",
        "encryptionConfiguration": {"replicaKmsKeyId": key},
        "metrics": {"status": "Enabled", "eventThreshold": {"minutes": 15}},
        "replicationTime": {"status": "Enabled", "time": {"minutes": 15}},
    }
    return {
        "id": "all",
        "priority": 1,
        "status": "Enabled",
        "filter": {},
        "deleteMarkerReplication": {"status": "Disabled"},
        "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}},
        "destination": destination,
    } | more


def _replication(engine: Engine) -> Example:
    key = str(engine.make("aws:kms/key:Key", "saves").outputs["arn"])
    to, roles = copied(engine, "copies"), [role(engine, name, "s3.amazonaws.com") for name in ("one", "two")]
    wanted = {"bucket": copied(engine), "role": roles[0].outputs["arn"]}
    some = {"and": {"prefix": "dumps/", "tags": {"keep": "yes"}}}
    return Example(
        wanted | {"rules": [copying(to, key)]},
        wanted
        | {"role": roles[1].outputs["arn"]}
        | {"rules": [copying(to, key, filter=some), copying(to, key, id="later", priority=2, status="Disabled")]},
    )


STORAGE: dict[str, Callable[[Engine], Example]] = {
    BUCKET: _bucket,
    VERSIONING: _versioning,
    ENCRYPTION: _encryption,
    ACCESS_BLOCK: _access_block,
    POLICY: _policy,
    OWNERSHIP: _ownership,
    LIFECYCLE: _lifecycle,
    OBJECT_LOCK: _object_lock,
    REPLICATION: _replication,
}
