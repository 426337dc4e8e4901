"""What S3 refuses and moto does not, and what moto forgets."""

from __future__ import annotations

import json

import pytest

ENABLED = {"Status": "Enabled"}


def rule(**more):
    return {"ID": "old", "Filter": {"Prefix": ""}} | ENABLED | more


def put_rules(aws, *rules):
    aws.s3.put_bucket_lifecycle_configuration(Bucket="saves", LifecycleConfiguration={"Rules": list(rules)})


@pytest.mark.parametrize("name", ["ab", "Saves", "sa_ves", "a..b", "-saves", "10.0.0.1", "xn--saves", "saves-s3alias"])
def test_a_name_that_no_bucket_can_have_is_refused(aws, refused, name):
    with refused("InvalidBucketName", "not valid"):
        aws.s3.create_bucket(Bucket=name)


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_bucket_is_made_once_in_the_whole_account(aws, refused, region):
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    aws.endpoint.client("s3", region).create_bucket(Bucket="saves", **place)
    with refused("BucketAlreadyOwnedByYou", "you already own it"):
        aws.s3.create_bucket(Bucket="saves")


def test_a_bucket_with_versions_in_it_stays(aws, refused):
    aws.s3.create_bucket(Bucket="saves")
    aws.s3.put_bucket_versioning(Bucket="saves", VersioningConfiguration=ENABLED)
    aws.s3.put_object(Bucket="saves", Key="world", Body=b"1")
    aws.s3.delete_object(Bucket="saves", Key="world")
    with refused("BucketNotEmpty", "not empty"):
        aws.s3.delete_bucket(Bucket="saves")


def test_object_lock_needs_versions_and_then_holds_them(aws, refused):
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}}
    aws.s3.create_bucket(Bucket="saves")
    with refused("InvalidBucketState", "Versioning must be 'Enabled'"):
        aws.s3.put_object_lock_configuration(Bucket="saves", ObjectLockConfiguration=lock)
    aws.s3.put_bucket_versioning(Bucket="saves", VersioningConfiguration=ENABLED)
    aws.s3.put_object_lock_configuration(Bucket="saves", ObjectLockConfiguration=lock)
    assert aws.s3.get_object_lock_configuration(Bucket="saves")["ObjectLockConfiguration"] == lock
    with refused("InvalidBucketState", "Object Lock configuration is present"):
        aws.s3.put_bucket_versioning(Bucket="saves", VersioningConfiguration={"Status": "Suspended"})


def test_the_retention_of_a_bucket_in_use_can_be_changed(aws, refused):
    aws.s3.create_bucket(Bucket="saves", ObjectLockEnabledForBucket=True)
    aws.s3.put_object(Bucket="saves", Key="world", Body=b"1")
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 1}}}
    aws.s3.put_object_lock_configuration(Bucket="saves", ObjectLockConfiguration=lock)
    assert aws.s3.get_object_lock_configuration(Bucket="saves")["ObjectLockConfiguration"] == lock
    lock["Rule"]["DefaultRetention"]["Days"] = 1
    with refused("MalformedXML", "did not validate"):
        aws.s3.put_object_lock_configuration(Bucket="saves", ObjectLockConfiguration=lock)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ({"Resource": "arn:aws:s3:::saves/*"}, "Missing required field Principal"),
        ({"Principal": "*", "Resource": "arn:aws:s3:::others/*"}, "invalid resource"),
    ],
)
def test_a_policy_that_does_not_fit_its_bucket_is_refused(aws, refused, statement, fault):
    aws.s3.create_bucket(Bucket="saves")
    document = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject"} | statement]}
    with refused("MalformedPolicy", fault):
        aws.s3.put_bucket_policy(Bucket="saves", Policy=json.dumps(document))


def test_a_policy_that_is_no_json_is_refused(aws, refused):
    aws.s3.create_bucket(Bucket="saves")
    with refused("MalformedPolicy", "must be valid JSON"):
        aws.s3.put_bucket_policy(Bucket="saves", Policy="{")


def test_a_public_policy_is_refused_where_public_policies_are_blocked(aws, refused):
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::saves/*"}
    guarded = public | {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}
    aws.s3.create_bucket(Bucket="saves")
    aws.s3.put_bucket_policy(Bucket="saves", Policy=json.dumps({"Statement": public}))
    aws.s3.put_public_access_block(
        Bucket="saves", PublicAccessBlockConfiguration={"BlockPublicPolicy": True, "BlockPublicAcls": False}
    )
    with refused("AccessDenied", "BlockPublicPolicy"):
        aws.s3.put_bucket_policy(Bucket="saves", Policy=json.dumps({"Statement": [public]}))
    aws.s3.put_bucket_policy(Bucket="saves", Policy=json.dumps({"Statement": [guarded]}))


def test_lifecycle_rules_that_aws_does_not_take_are_refused(aws, refused):
    aws.s3.create_bucket(Bucket="saves")
    with refused("InvalidArgument", "same ID for more than one rule"):
        put_rules(aws, rule(Expiration={"Days": 1}), rule(Expiration={"Days": 2}))
    with refused("InvalidArgument", "greater than or equal to 30 for storageClass 'STANDARD_IA'"):
        put_rules(aws, rule(Transitions=[{"Days": 29, "StorageClass": "STANDARD_IA"}]))


def test_rules_on_noncurrent_versions_are_kept_whole_on_a_bucket_without_versions(aws):
    aws.s3.create_bucket(Bucket="saves")
    kept = rule(NoncurrentVersionExpiration={"NoncurrentDays": 7, "NewerNoncurrentVersions": 3})
    put_rules(aws, kept)
    assert aws.s3.get_bucket_lifecycle_configuration(Bucket="saves")["Rules"] == [kept]


def versioned(aws, *names, **more):
    for name in names:
        aws.s3.create_bucket(Bucket=name, **more)
        aws.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=ENABLED)


def put_copies(aws, *rules, bucket="saves"):
    configuration = {"Role": "arn:aws:iam::123456789012:role/copies", "Rules": list(rules)}
    aws.s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)


def copies(to="copies", **more):
    return {
        "ID": "all",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{to}"} | more.pop("destination", {}),
    } | (ENABLED | more)


def test_copies_go_from_versions_to_another_bucket_with_versions(aws, refused):
    aws.s3.create_bucket(Bucket="saves")
    aws.s3.create_bucket(Bucket="copies")
    with refused("InvalidRequest", "Destination bucket must have versioning enabled"):
        put_copies(aws, copies())
    aws.s3.put_bucket_versioning(Bucket="copies", VersioningConfiguration=ENABLED)
    with refused("InvalidRequest", "Versioning must be 'Enabled' on the bucket"):
        put_copies(aws, copies())
    aws.s3.put_bucket_versioning(Bucket="saves", VersioningConfiguration=ENABLED)
    with refused("InvalidRequest", "Destination bucket must exist"):
        put_copies(aws, copies(to="nowhere"))
    with refused("InvalidRequest", "cannot be the same as the source"):
        put_copies(aws, copies(to="saves"))
    put_copies(aws, copies())


def test_copies_of_locked_versions_go_to_a_bucket_with_object_lock(aws, refused):
    versioned(aws, "saves", ObjectLockEnabledForBucket=True)
    versioned(aws, "copies")
    with refused("InvalidRequest", "Object Lock must be enabled on the destination bucket"):
        put_copies(aws, copies())


@pytest.mark.parametrize(
    ("rules", "code", "message"),
    [
        ([copies(), copies(ID="other")], "InvalidRequest", "unique priority"),
        (
            [copies(SourceSelectionCriteria={"SseKmsEncryptedObjects": ENABLED})],
            "InvalidRequest",
            "EncryptionConfiguration must be specified",
        ),
        (
            [copies(destination={"Metrics": ENABLED | {"EventThreshold": {"Minutes": 15}}})],
            "InvalidArgument",
            "Metrics cannot contain an event threshold",
        ),
        (
            [copies(destination={"ReplicationTime": ENABLED | {"Time": {"Minutes": 15}}})],
            "InvalidRequest",
            "Metrics must be enabled where ReplicationTime is",
        ),
        (
            [copies(destination={"Metrics": ENABLED, "ReplicationTime": ENABLED | {"Time": {"Minutes": 5}}})],
            "InvalidArgument",
            "<Minutes> of <Time> must be 15",
        ),
        ([{k: v for k, v in copies().items() if k != "Priority"}], "InvalidRequest", "Priority must be specified"),
    ],
)
def test_a_rule_of_copies_that_s3_would_not_take_is_refused(aws, refused, rules, code, message):
    versioned(aws, "saves", "copies")
    with refused(code, message):
        put_copies(aws, *rules)


def test_rules_of_copies_are_answered_as_they_were_put(aws):
    versioned(aws, "saves", "copies")
    rule = copies(Filter={"And": {"Prefix": "dumps/", "Tags": [{"Key": "keep", "Value": "yes"}]}})
    put_copies(aws, rule)
    found = aws.s3.get_bucket_replication(Bucket="saves")["ReplicationConfiguration"]
    assert found == {"Role": "arn:aws:iam::123456789012:role/copies", "Rules": [rule]}
    aws.s3.delete_bucket_replication(Bucket="saves")
    with pytest.raises(aws.s3.exceptions.ClientError, match="ReplicationConfigurationNotFoundError"):
        aws.s3.get_bucket_replication(Bucket="saves")
