"""Copies of backups: in another region, by another key, within 15 minutes, and out of reach of who deletes here."""

import json
from typing import Any

import pulumi_aws as aws
import pytest

from components.operations.backup_replication import BackupReplication, BackupReplicationArgs
from components.operations.buckets import BACKUP, Buckets, BucketsArgs
from plan.recorder import Recording
from plan.registration import RecordedResource
from tests.components import test_buckets
from tests.engine import build, named, only
from tests.test_policies import FORMS, REFERENCE, completed, findings

CONFIG = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
BUCKET = "aws:s3/bucket:Bucket"
COPY = "us-east-backup-copy"
PLAIN: dict[str, Any] = {
    "prefix": "mmorpg-us-east",
    "account_id": "123456789012",
    "region": "us-east-1",
    "copy_region": "us-west-2",
    "lock_days": 30,
    "protect": True,
    "prefix_days": {"mysql/": 30, "redis/": 30},
}


def replicate(buckets: BucketsArgs = test_buckets.ARGS, **changes: Any) -> None:
    originals = Buckets("us-east", buckets)
    provider = aws.Provider("us-east-aws-copies", region="us-west-2")
    args = {
        **PLAIN,
        "provider": provider,
        "bucket": originals.buckets[BACKUP],
        "bucket_arn": originals.arns[BACKUP],
        "key_arn": originals.key_arn,
        "after": (originals,),
        **changes,
    }
    BackupReplication("us-east", BackupReplicationArgs(**args))


def copies(**changes: Any) -> Recording:
    return build(lambda: replicate(**changes))


def provider_of(resource: RecordedResource) -> str:
    return str(resource.provider).rpartition("::")[2]


def test_every_backup_is_copied_within_fifteen_minutes_and_no_delete_is():
    built = copies()
    config = only(built, CONFIG)
    (rule,) = config.inputs["rules"]
    assert (rule["status"], rule["filter"]) == ("Enabled", {"prefix": ""})
    assert rule["deleteMarkerReplication"] == {"status": "Disabled"}
    assert rule["destination"]["replicationTime"] == {"status": "Enabled", "time": {"minutes": 15}}
    assert rule["destination"]["metrics"] == {"status": "Enabled", "eventThreshold": {"minutes": 15}}
    assert named(built, "us-east-backup", "aws:s3/bucketVersioning:BucketVersioning").urn in config.depends_on


def test_a_copy_is_encrypted_by_the_key_of_its_own_region():
    built = copies()
    (rule,) = only(built, CONFIG).inputs["rules"]
    key = named(built, COPY, "aws:kms/key:Key")
    assert rule["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}
    wanted = {"replicaKmsKeyId": {"$ref": key.urn, "property": "arn"}}
    assert rule["destination"]["encryptionConfiguration"] == wanted


def test_bucket_and_key_of_the_copies_stand_in_the_other_region_and_the_rule_in_ours():
    built = copies()
    for type_ in (BUCKET, "aws:kms/key:Key", "aws:s3/bucketPolicy:BucketPolicy"):
        assert provider_of(named(built, COPY, type_)) == "us-east-aws-copies", type_
    assert provider_of(only(built, CONFIG)) != "us-east-aws-copies", "a rule stands where its bucket does"
    assert named(built, COPY, BUCKET).inputs["bucket"] == "mmorpg-us-east-backup-copy-123456789012"


def test_copies_are_locked_kept_and_aged_as_their_originals():
    built = copies()
    bucket = named(built, COPY, BUCKET)
    assert (bucket.inputs["objectLockEnabled"], bucket.protect, bucket.options["retainOnDelete"]) == (True, True, True)
    lock = named(built, COPY, "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
    assert lock.inputs["rule"] == {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}
    rules = named(built, COPY, test_buckets.LIFECYCLE).inputs["rules"]
    aged = {rule["filter"].get("prefix"): rule["expiration"].get("days") for rule in rules}
    assert aged == {None: None, "mysql/": 30, "redis/": 30}, "a repository of Velero's holds old blobs of new backups"


def test_the_role_reads_here_and_writes_there_and_deletes_nowhere():
    built = copies()
    role = json.loads(named(built, COPY, "aws:iam/rolePolicy:RolePolicy").resolved["policy"])
    actions = {action for statement in role["Statement"] for action in statement["Action"]}
    assert not [action for action in actions if "*" in action or "Delete" in action]
    decrypt, encrypt = (s for s in role["Statement"] if s["Action"][0].startswith("kms:"))
    assert decrypt["Condition"]["StringLike"]["kms:ViaService"] == "s3.us-east-1.amazonaws.com"
    assert encrypt["Condition"]["StringLike"]["kms:ViaService"] == "s3.us-west-2.amazonaws.com"
    assert decrypt["Resource"] != encrypt["Resource"]


def test_the_linter_of_actions_finds_nothing_in_what_the_role_may_do():
    role = named(copies(), COPY, "aws:iam/rolePolicy:RolePolicy").resolved["policy"]
    text = REFERENCE.sub(lambda found: FORMS[f"{found['type']}#{found['property']}"], role)
    assert findings(json.dumps(completed("aws:iam/rolePolicy:RolePolicy", text))) == []


def test_twelve_resources_are_all_that_a_copy_takes():
    built = copies()
    own = [r for r in built.resources if r.name == COPY and r.custom]
    assert len(own) == 12


def test_a_copy_in_the_same_region_is_refused():
    with pytest.raises(ValueError, match="us-east-1 is the region of the backups themselves"):
        copies(copy_region="us-east-1")
