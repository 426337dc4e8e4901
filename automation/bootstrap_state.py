"""Where a stack's state is kept on AWS: a bucket, and the key that encrypts it; made and mended by plain API calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from automation.bootstrap_policies import Names, bucket_policy, key_policy
from automation.errors import Refused

TAG = "game-regions/bootstrap"
# A state of three months ago can still be read; older ones only if fewer than ten newer ones are there.
KEPT_DAYS, KEPT_VERSIONS = 90, 10
_MISSING = (
    "404",
    "NoSuchBucket",
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "NotFoundException",
    "ServerSideEncryptionConfigurationNotFoundError",
)


def state_key(session: boto3.Session, names: Names, changes: list[str]) -> str:
    """Make or mend the state's key; its ARN. Refused where the key is disabled or waits for its deletion."""
    kms = session.client("kms")
    arn = _key_of_alias(kms, names) or _key_without_alias(session, kms, names)
    if arn is None:
        made = kms.create_key(
            Description=f"State of the stack {names.stack} of {names.game}",
            Policy=json.dumps(key_policy(names), sort_keys=True),
            Tags=[{"TagKey": TAG, "TagValue": names.prefix}],
        )
        arn = str(made["KeyMetadata"]["Arn"])
        changes.append(f"made the KMS key {arn}")
    if _key_of_alias(kms, names) is None:
        kms.create_alias(AliasName=names.alias, TargetKeyId=arn)
        changes.append(f"made its alias {names.alias}")
    if not kms.get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"]:
        kms.enable_key_rotation(KeyId=arn)
        changes.append(f"turned on the yearly rotation of {names.alias}")
    if json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]) != key_policy(names):
        kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=json.dumps(key_policy(names), sort_keys=True))
        changes.append(f"set the policy of {names.alias}")
    return arn


def _key_of_alias(kms: Any, names: Names) -> str | None:
    found = _read(lambda: kms.describe_key(KeyId=names.alias)["KeyMetadata"])
    if found is None:
        return None
    if found["KeyState"] != "Enabled":
        raise Refused(
            f"{names.alias}: its key {found['KeyId']} is {found['KeyState']}, and nothing reads the stack's state "
            f"without it",
            "aws kms cancel-key-deletion and aws kms enable-key bring it back",
        )
    return str(found["Arn"])


def _key_without_alias(session: boto3.Session, kms: Any, names: Names) -> str | None:
    """The key of a run that ended before its alias was made."""
    pages = session.client("resourcegroupstaggingapi").get_paginator("get_resources")
    wanted = [{"Key": TAG, "Values": [names.prefix]}]
    for page in pages.paginate(TagFilters=wanted, ResourceTypeFilters=["kms:key"]):
        for found in page["ResourceTagMappingList"]:
            key = kms.describe_key(KeyId=found["ResourceARN"])["KeyMetadata"]
            if key["KeyState"] == "Enabled":
                return str(key["Arn"])
    return None


def bucket_is_there(session: boto3.Session, names: Names) -> bool:
    """Whether there is a bucket of this name. Refused where it is somebody else's, or stands in another AWS region."""
    s3 = session.client("s3")
    found = _read(lambda: _head(s3, names))
    if found is None:
        return False
    # S3 says where a bucket is to whoever may see it; it writes with no key of another region.
    stands = found.get("BucketRegion", names.region)
    if stands != names.region:
        raise Refused(
            f"bucket {names.bucket}: it stands in {stands}, and the stack's place is now {names.region}",
            "put the edge or the first region of the stack file back there; a state bucket does not move",
        )
    return True


def state_bucket(session: boto3.Session, names: Names, key_arn: str, there: bool, changes: list[str]) -> None:
    """Mend the state's bucket, made first where it is not `there`."""
    s3 = session.client("s3")
    if not there:
        # us-east-1 is where a bucket stands that names no place, and may not be named.
        place = {} if names.region == "us-east-1" else {"LocationConstraint": names.region}
        s3.create_bucket(Bucket=names.bucket, **({"CreateBucketConfiguration": place} if place else {}))
        changes.append(f"made the bucket {names.bucket}")
    for what, read, wanted, write in _traits(s3, names, key_arn):
        found = _read(read)
        if found is None or not _holds(found, wanted):
            write()
            changes.append(f"set the {what} of {names.bucket}")
    _tag(s3, names, changes)


def _tag(s3: Any, names: Names, changes: list[str]) -> None:
    """Tag the bucket, and leave it the tags that others gave it: S3 takes only all of them at once."""
    found = _read(lambda: s3.get_bucket_tagging(Bucket=names.bucket)["TagSet"]) or []
    ours = {"Key": TAG, "Value": names.prefix}
    if ours not in found:
        others = [tag for tag in found if tag["Key"] != TAG]
        s3.put_bucket_tagging(Bucket=names.bucket, Tagging={"TagSet": [*others, ours]})
        changes.append(f"tagged {names.bucket}")


def _head(s3: Any, names: Names) -> Any:
    try:
        return s3.head_bucket(Bucket=names.bucket, ExpectedBucketOwner=names.account)
    except ClientError as error:
        if error.response["Error"]["Code"] == "403":
            raise Refused(
                f"bucket {names.bucket}: it exists, but not for these credentials (it is another account's, or a "
                f"policy keeps them out)",
                "use credentials that own it, or another name of the game or stack",
            ) from error
        raise


_Trait = tuple[str, Callable[[], Any], Any, Callable[[], Any]]


def _traits(s3: Any, names: Names, key_arn: str) -> list[_Trait]:
    """What, how it is read, what it is to be, how it is set; in the order in which they are set."""
    bucket = {"Bucket": names.bucket}
    blocked = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"),
        True,
    )
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
    encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]}
    versioned = {"Status": "Enabled"}
    rules = [_lifecycle_rule()]
    policy = bucket_policy(names)
    return [
        (
            "block of public access",
            lambda: s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"],
            blocked,
            lambda: s3.put_public_access_block(**bucket, PublicAccessBlockConfiguration=blocked),
        ),
        (
            "versioning",
            lambda: s3.get_bucket_versioning(**bucket),
            versioned,
            lambda: s3.put_bucket_versioning(**bucket, VersioningConfiguration=versioned),
        ),
        (
            "encryption",
            lambda: s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"],
            encryption,
            lambda: s3.put_bucket_encryption(**bucket, ServerSideEncryptionConfiguration=encryption),
        ),
        (
            "policy (only TLS)",
            lambda: json.loads(s3.get_bucket_policy(**bucket)["Policy"]),
            policy,
            lambda: s3.put_bucket_policy(**bucket, Policy=json.dumps(policy, sort_keys=True)),
        ),
        (
            "lifecycle of old versions",
            lambda: s3.get_bucket_lifecycle_configuration(**bucket)["Rules"],
            rules,
            lambda: s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": rules}),
        ),
    ]


def _lifecycle_rule() -> dict[str, Any]:
    return {
        "ID": "old-versions",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": KEPT_DAYS, "NewerNoncurrentVersions": KEPT_VERSIONS},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }


def _read(read: Callable[[], Any]) -> Any:
    """What is there, None if AWS says that nothing is."""
    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return None
        raise


def _holds(found: Any, wanted: Any) -> bool:
    """Whether what AWS shows says what is wanted; it may say more, such as what came with a newer API."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and _holds(found[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_holds, found, wanted))
    return bool(found == wanted)
