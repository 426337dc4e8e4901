"""PrivateBucket: one S3 bucket, closed to the public, encrypted by one key, with versions that end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.policies import policy

# What an upload left behind when it broke off is paid for and shown nowhere.
ABORT_UPLOAD_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class PrivateBucketArgs:
    """`bucket` is the name, of which there is one in all of AWS. Days are whole; S3 rounds up to the next midnight UTC.

    `noncurrent_days` is how long what was deleted or written over can be taken back, `expire_days` when an object
    itself goes (None: its owner deletes it); `prefix_days` says so of those below a prefix ("mysql/"). With `lock_days`
    nobody deletes a version earlier, save with the right to bypass governance. `protect` refuses to delete the bucket;
    `kept` leaves it, as it is, when it is deleted here.
    """

    bucket: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    noncurrent_days: int
    expire_days: int | None
    lock_days: int | None
    protect: bool
    kept: bool
    prefix_days: Mapping[str, int] = field(default_factory=dict)


class PrivateBucket(pulumi.ComponentResource):
    """A bucket and all that it is set to; nothing in it can be reached without TLS or read without the key."""

    bucket: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:operations:PrivateBucket", name, None, opts)
        self._name = name
        # What a kept bucket is set to is kept with it: it stays closed, and its old versions still end.
        self._child = pulumi.ResourceOptions(parent=self, retain_on_delete=args.kept)

        bucket = self._bucket(args)
        self._access(args, bucket)
        self._encryption(args, bucket)
        versioning = self._versioning(bucket)
        self._lifecycle(args, bucket, versioning)
        if args.lock_days is not None:
            self._lock(args.lock_days, bucket, versioning)

        self.bucket, self.arn = bucket.bucket, bucket.arn
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def _bucket(self, args: PrivateBucketArgs) -> aws.s3.Bucket:
        return aws.s3.Bucket(
            self._name,
            bucket=args.bucket,
            # Only at birth: turned on later, it replaces the bucket.
            object_lock_enabled=args.lock_days is not None,
            # Protection is what guards the contents; once it is lifted by name, they go with the bucket. Of a kept one
            # nothing ever goes.
            force_destroy=not args.kept,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, retain_on_delete=args.kept),
        )

    def _access(self, args: PrivateBucketArgs, bucket: aws.s3.Bucket) -> None:
        aws.s3.BucketOwnershipControls(
            self._name,
            bucket=bucket.id,
            # No ACLs: who may do what stands in policies alone.
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self._child,
        )
        block = aws.s3.BucketPublicAccessBlock(
            self._name,
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            # Goes with the bucket itself: while one that is not yet empty is being deleted, it stays shut.
            skip_destroy=True,
            opts=self._child,
        )
        aws.s3.BucketPolicy(
            self._name,
            bucket=bucket.id,
            policy=policy(bucket_statements(bucket.arn, args.key_arn)),
            # S3 refuses to change both at once (OperationAborted).
            opts=pulumi.ResourceOptions(parent=self, depends_on=[block], retain_on_delete=args.kept),
        )

    def _encryption(self, args: PrivateBucketArgs, bucket: aws.s3.Bucket) -> None:
        by_key = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="aws:kms", kms_master_key_id=args.key_arn
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            self._name,
            bucket=bucket.id,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=by_key,
                    # Else every chunk of logs is a call to KMS, which is paid for and throttled.
                    bucket_key_enabled=True,
                )
            ],
            opts=self._child,
        )

    def _versioning(self, bucket: aws.s3.Bucket) -> aws.s3.BucketVersioning:
        return aws.s3.BucketVersioning(
            self._name,
            bucket=bucket.id,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self._child,
        )

    def _lifecycle(self, args: PrivateBucketArgs, bucket: aws.s3.Bucket, versioning: aws.s3.BucketVersioning) -> None:
        # A delete marker with nothing behind it goes too: by itself where objects expire, else because it is asked for.
        expiration = (
            aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True)
            if args.expire_days is None
            else aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=args.expire_days)
        )
        aws.s3.BucketLifecycleConfiguration(
            self._name,
            bucket=bucket.id,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="age",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(),
                    expiration=expiration,
                    noncurrent_version_expiration=(
                        aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                            noncurrent_days=args.noncurrent_days
                        )
                    ),
                    abort_incomplete_multipart_upload=(
                        aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                            days_after_initiation=ABORT_UPLOAD_DAYS
                        )
                    ),
                ),
                *(_aged(prefix, days) for prefix, days in sorted(args.prefix_days.items())),
            ],
            # A rule about old versions wants versions to be kept first.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning], retain_on_delete=args.kept),
        )

    def _lock(self, days: int, bucket: aws.s3.Bucket, versioning: aws.s3.BucketVersioning) -> None:
        retention = aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(mode="GOVERNANCE", days=days)
        aws.s3.BucketObjectLockConfiguration(
            self._name,
            bucket=bucket.id,
            rule=aws.s3.BucketObjectLockConfigurationRuleArgs(default_retention=retention),
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[versioning])),
        )


def _aged(prefix: str, days: int) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    """Objects below `prefix` go after so many days."""
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id=f"age-{prefix.strip('/')}",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
    )


def bucket_statements(bucket_arn: pulumi.Input[str], key_arn: pulumi.Input[str]) -> list[dict[str, Any]]:
    """Refusals for everybody, the account's administrators too; rights come from the policies of roles.

    An upload that asks for no encryption gets the bucket's own, so only what asks for another is refused: an intruder
    who writes with a key of his own would leave backups that nobody here can read. `Null` keeps the uploads that ask
    for nothing out of the comparison, which a missing header would satisfy.
    docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    objects = pulumi.Output.concat(bucket_arn, "/*")
    algorithm, key = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
    own_key = "s3:x-amz-server-side-encryption-customer-algorithm"
    return [
        _refusal("OnlyByTls", "s3:*", [bucket_arn, objects], {"Bool": {"aws:SecureTransport": "false"}}),
        _refusal(
            "OnlyByKms",
            "s3:PutObject",
            [objects],
            {"Null": {algorithm: "false"}, "StringNotEquals": {algorithm: "aws:kms"}},
        ),
        _refusal("OnlyByThisKey", "s3:PutObject", [objects], {"Null": {key: "false"}, "ArnNotEquals": {key: key_arn}}),
        _refusal("NeverByTheUploadersKey", "s3:PutObject", [objects], {"Null": {own_key: "false"}}),
    ]


def _refusal(
    sid: str, action: str, resources: list[pulumi.Input[str]], condition: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resources,
        "Condition": condition,
    }
