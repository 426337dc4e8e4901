"""S3: lifecycle rules, of which moto forgets a part, and object lock, which moto ends with the first object."""

from __future__ import annotations

from typing import Any

from embedded.aws.account import Account
from embedded.aws.errors import AwsError
from embedded.aws.protocol import Answer, Call


def _bucket(account: Account, call: Call) -> Any:
    name = call.parameters["Bucket"]
    bucket = account.moto("s3", call.region).buckets.get(name)
    if bucket is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
    return bucket


def put_bucket_lifecycle_configuration(account: Account, call: Call) -> Answer:
    """PutBucketLifecycleConfiguration: moto checks the rules, but loses how many noncurrent versions to keep."""
    bucket, answer = _bucket(account, call), account.execute(call)
    if answer[0] < 300:
        # Kept on moto's bucket, so that it goes with it.
        bucket.told_rules = call.parameters["LifecycleConfiguration"]["Rules"]
    return answer


def get_bucket_lifecycle_configuration(account: Account, call: Call) -> dict[str, Any]:
    """GetBucketLifecycleConfiguration: the rules as they were put."""
    rules = getattr(_bucket(account, call), "told_rules", None)
    if rules is None:
        raise AwsError("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist", 404)
    return {"Rules": rules, "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"}


def put_object_lock_configuration(account: Account, call: Call) -> dict[str, Any]:
    """PutObjectLockConfiguration: on any bucket that keeps versions, whether or not something is in it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html#object-lock-configure-existing-bucket
    """
    bucket = _bucket(account, call)
    if not bucket.is_versioned:
        message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        raise AwsError("InvalidBucketState", message, 409)
    retention = call.parameters["ObjectLockConfiguration"].get("Rule", {}).get("DefaultRetention", {})
    if retention and ("Days" in retention) == ("Years" in retention):
        raise AwsError("MalformedXML", "The XML you provided was not well-formed or did not validate our schema")
    bucket.object_lock_enabled, bucket.versioning_status = True, "Enabled"
    bucket.default_lock_mode = retention.get("Mode")
    bucket.default_lock_days = retention.get("Days", 0)
    bucket.default_lock_years = retention.get("Years", 0)
    return {}


def get_object_lock_configuration(account: Account, call: Call) -> dict[str, Any]:
    """GetObjectLockConfiguration: with days or years; moto answers both, one of them as 0."""
    bucket = _bucket(account, call)
    if not bucket.object_lock_enabled:
        message = "Object Lock configuration does not exist for this bucket"
        raise AwsError("ObjectLockConfigurationNotFoundError", message, 404)
    lock: dict[str, Any] = {"ObjectLockEnabled": "Enabled"}
    if bucket.default_lock_mode:
        periods = {"Days": bucket.default_lock_days, "Years": bucket.default_lock_years}
        told = {name: number for name, number in periods.items() if number}
        lock["Rule"] = {"DefaultRetention": {"Mode": bucket.default_lock_mode} | told}
    return {"ObjectLockConfiguration": lock}


def delete_bucket_lifecycle(account: Account, call: Call) -> Answer:
    """DeleteBucketLifecycle."""
    _bucket(account, call).told_rules = None
    return account.execute(call)
