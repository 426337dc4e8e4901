"""BackupReplication: every backup a second time, in another AWS region, where nothing here can delete it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.operations.copies import COPY_MINUTES
from components.operations.private_bucket import PrivateBucket, PrivateBucketArgs
from components.policies import DELETION_WINDOW_DAYS, account_administers_key, policy, trust

COPY = "backup-copy"


@dataclass(frozen=True, kw_only=True)
class BackupReplicationArgs:
    """From `bucket` (its name, ARN and key) in AWS region `region` to `copy_region`, whose provider is `provider`.

    The copy is `<prefix>-backup-copy-<account id>`, locked for `lock_days` as the original is; objects below the
    prefixes of `prefix_days` go after so many days. `after` is the bucket with all that it is set to: versions first.
    """

    prefix: str
    account_id: pulumi.Input[str]
    region: str
    copy_region: str
    provider: aws.Provider
    bucket: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    lock_days: int
    protect: bool
    prefix_days: Mapping[str, int] = field(default_factory=dict)
    after: tuple[pulumi.Resource, ...] = ()

    def __post_init__(self) -> None:
        if self.copy_region == self.region:
            raise ValueError(
                f"backup copy: {self.copy_region} is the region of the backups themselves, whose loss takes both; "
                "name another AWS region"
            )


class BackupReplication(pulumi.ComponentResource):
    """A bucket with a key of its own over there, and the rule by which S3 copies into it within 15 minutes."""

    bucket: pulumi.Output[str]
    key_arn: pulumi.Output[str]

    def __init__(self, name: str, args: BackupReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:operations:BackupReplication", name, None, opts)
        self._name, self._args = f"{name}-{COPY}", args
        self._child = pulumi.ResourceOptions(parent=self)

        key = self._key()
        copy = self._bucket(key)
        role, rights = self._role(copy, key)
        self._rule(copy, key, role, rights)

        self.bucket, self.key_arn = copy.bucket, key.arn
        self.register_outputs({"bucket": self.bucket, "key_arn": self.key_arn})

    def _key(self) -> aws.kms.Key:
        # The key of the originals cannot be used over there, and goes with its region.
        return aws.kms.Key(
            self._name,
            description=f"Copies of the backups of {self._args.prefix}",
            policy=policy([account_administers_key(self._args.account_id)]),
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            opts=pulumi.ResourceOptions(parent=self, provider=self._args.provider, protect=self._args.protect),
        )

    def _bucket(self, key: aws.kms.Key) -> PrivateBucket:
        bucket = PrivateBucketArgs(
            bucket=pulumi.Output.concat(self._args.prefix, f"-{COPY}-", self._args.account_id),
            key_arn=key.arn,
            noncurrent_days=self._args.lock_days,
            expire_days=None,
            # S3 copies locked versions only to where they are locked too.
            lock_days=self._args.lock_days,
            prefix_days=self._args.prefix_days,
            protect=self._args.protect,
            kept=self._args.protect,
        )
        opts = pulumi.ResourceOptions(parent=self, providers={"aws": self._args.provider})
        return PrivateBucket(self._name, bucket, opts)

    def _role(self, copy: PrivateBucket, key: aws.kms.Key) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(
            self._name,
            name=f"{self._args.prefix}-{COPY}",
            description=f"S3 copies the backups of {self._args.prefix} to {self._args.copy_region}",
            assume_role_policy=trust("s3.amazonaws.com"),
            opts=self._child,
        )
        statements = copy_statements(self._args, copy.arn, key.arn)
        rights = aws.iam.RolePolicy(self._name, role=role.name, name=COPY, policy=policy(statements), opts=self._child)
        return role, rights

    def _rule(
        self, copy: PrivateBucket, key: aws.kms.Key, role: aws.iam.Role, rights: aws.iam.RolePolicy
    ) -> aws.s3.BucketReplicationConfig:
        return aws.s3.BucketReplicationConfig(
            self._name,
            bucket=self._args.bucket,
            role=role.arn,
            rules=[_everything(copy.arn, key.arn)],
            # The whole component: a bucket that is not versioned yet takes no copies.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rights, copy, *self._args.after]),
        )


def _everything(bucket_arn: pulumi.Input[str], key_arn: pulumi.Input[str]) -> aws.s3.BucketReplicationConfigRuleArgs:
    encrypted = aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(status="Enabled")
    threshold = aws.s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(minutes=COPY_MINUTES)
    time = aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(minutes=COPY_MINUTES)
    return aws.s3.BucketReplicationConfigRuleArgs(
        id="everything",
        priority=1,
        status="Enabled",
        filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
        # Whoever deletes backups here deletes none over there.
        delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status="Disabled"),
        source_selection_criteria=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            sse_kms_encrypted_objects=encrypted
        ),
        destination=aws.s3.BucketReplicationConfigRuleDestinationArgs(
            bucket=bucket_arn,
            encryption_configuration=aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                replica_kms_key_id=key_arn
            ),
            metrics=aws.s3.BucketReplicationConfigRuleDestinationMetricsArgs(
                status="Enabled", event_threshold=threshold
            ),
            replication_time=aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
                status="Enabled", time=time
            ),
        ),
    )


def copy_statements(
    args: BackupReplicationArgs, copy_arn: pulumi.Input[str], copy_key_arn: pulumi.Input[str]
) -> list[dict[str, Any]]:
    """Reading versions here and writing copies there, by the two keys and through S3 alone; never deleting.

    docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html,
    replication-config-for-kms-objects.html and, for the two rights about locks, object-lock-managing.html.
    """
    objects, copies = pulumi.Output.concat(args.bucket_arn, "/*"), pulumi.Output.concat(copy_arn, "/*")
    read = ["VersionForReplication", "VersionAcl", "VersionTagging", "Retention", "LegalHold"]
    return [
        _allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], args.bucket_arn),
        _allow([f"s3:GetObject{what}" for what in read], objects),
        _allow(["s3:ReplicateObject", "s3:ReplicateTags"], copies),
        _allow(["kms:Decrypt"], args.key_arn, _through_s3(args.region, args.bucket_arn)),
        _allow(["kms:Encrypt", "kms:GenerateDataKey"], copy_key_arn, _through_s3(args.copy_region, copy_arn)),
    ]


def _through_s3(region: str, bucket_arn: pulumi.Input[str]) -> dict[str, Any]:
    # With a bucket key, the bucket and not each object is what S3 names to KMS.
    named = {"kms:EncryptionContext:aws:s3:arn": [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")]}
    return {"StringLike": {"kms:ViaService": f"s3.{region}.amazonaws.com", **named}}


def _allow(
    actions: list[str], resource: pulumi.Input[str], condition: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return statement if condition is None else {**statement, "Condition": condition}
