"""S3: replication, of which moto keeps the rules but answers a fixed filter and no markers."""

from __future__ import annotations

from typing import Any

from embedded.aws.account import Account
from embedded.aws.errors import AwsError
from embedded.aws.protocol import Answer, Call


def _bucket(account: Account, call: Call) -> Any:
    bucket = account.moto("s3", call.region).buckets.get(call.parameters["Bucket"])
    if bucket is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
    return bucket


def put_bucket_replication(account: Account, call: Call) -> Answer:
    """PutBucketReplication: moto refuses it of a bucket without versions; kept on moto's bucket, which it goes with."""
    bucket, answer = _bucket(account, call), account.execute(call)
    if answer[0] < 300:
        configuration = call.parameters["ReplicationConfiguration"]
        rules = [{"ID": f"rule-{number}"} | rule for number, rule in enumerate(configuration["Rules"], 1)]
        bucket.told_replication = configuration | {"Rules": rules}
    return answer


def get_bucket_replication(account: Account, call: Call) -> dict[str, Any]:
    """GetBucketReplication: as it was put, each rule with a name."""
    replication = getattr(_bucket(account, call), "told_replication", None)
    if replication is None:
        raise AwsError("ReplicationConfigurationNotFoundError", "The replication configuration was not found", 404)
    return {"ReplicationConfiguration": replication}


def delete_bucket_replication(account: Account, call: Call) -> Answer:
    """DeleteBucketReplication."""
    _bucket(account, call).told_replication = None
    return account.execute(call)
