"""Buckets: where a region puts its backups, its logs and its traces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pulumi
import pulumi_aws as aws

from components.operations.private_bucket import PrivateBucket, PrivateBucketArgs
from components.policies import DELETION_WINDOW_DAYS, account_administers_key, policy

BACKUP, LOGS, TRACES = "backup", "logs", "traces"
# Logs and traces are deleted by age, never by hand: a week is time enough to notice that somebody did.
NONCURRENT_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class BucketsArgs:
    """Buckets are `<prefix>-<kind>-<account id>`, since a name is one in all of AWS and `<prefix>` is anybody's.

    `backup_lock_days` is how long nobody deletes a backup, at most as long as the key outlives its deletion;
    `log_days` and `trace_days` are when objects go, `backup_prefix_days` when backups below a prefix ("mysql/") do.
    With `protect` the backup bucket outlives the region.
    """

    prefix: str
    account_id: pulumi.Input[str]
    backup_lock_days: int
    log_days: int
    trace_days: int
    protect: bool
    backup_prefix_days: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.backup_lock_days > DELETION_WINDOW_DAYS:
            raise ValueError(
                f"buckets backup_lock_days: {self.backup_lock_days} is above the {DELETION_WINDOW_DAYS} days that a "
                f"key outlives its deletion, so locked backups could no longer be read; lock them for fewer days"
            )


class Buckets(pulumi.ComponentResource):
    """A key and three buckets; `buckets` holds their names and `arns` their ARNs by kind: backup, logs, traces."""

    key_arn: pulumi.Output[str]
    buckets: dict[str, pulumi.Output[str]]
    arns: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: BucketsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:operations:Buckets", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)

        self.key_arn = self._key(args).arn
        made = {
            BACKUP: self._bucket(
                args,
                BACKUP,
                noncurrent_days=args.backup_lock_days,
                lock_days=args.backup_lock_days,
                prefix_days=args.backup_prefix_days,
            ),
            LOGS: self._bucket(args, LOGS, noncurrent_days=NONCURRENT_DAYS, expire_days=args.log_days),
            TRACES: self._bucket(args, TRACES, noncurrent_days=NONCURRENT_DAYS, expire_days=args.trace_days),
        }

        self.buckets = {kind: bucket.bucket for kind, bucket in made.items()}
        self.arns = {kind: bucket.arn for kind, bucket in made.items()}
        self.register_outputs({"key_arn": self.key_arn, "buckets": self.buckets, "arns": self.arns})

    def _key(self, args: BucketsArgs) -> aws.kms.Key:
        # Not the key of the cluster's Secrets: a backup is for the day on which the cluster is lost, key and all, and
        # who may read logs must not be able to read Secrets.
        key = aws.kms.Key(
            f"{self._name}-storage-key",
            description=f"Backups, logs and traces of {args.prefix}",
            # The account's roles use it by their own policies.
            policy=policy([account_administers_key(args.account_id)]),
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        aws.kms.Alias(
            f"{self._name}-storage-key",
            name=f"alias/{args.prefix}-storage",
            target_key_id=key.key_id,
            opts=self._child,
        )
        return key

    def _bucket(
        self,
        args: BucketsArgs,
        kind: str,
        *,
        noncurrent_days: int,
        expire_days: int | None = None,
        lock_days: int | None = None,
        prefix_days: Mapping[str, int] = MappingProxyType({}),
    ) -> PrivateBucket:
        bucket = PrivateBucketArgs(
            bucket=pulumi.Output.concat(args.prefix, "-", kind, "-", args.account_id),
            key_arn=self.key_arn,
            noncurrent_days=noncurrent_days,
            expire_days=expire_days,
            lock_days=lock_days,
            prefix_days=prefix_days,
            protect=args.protect,
            # S3 deletes no bucket in which versions are locked: it would end every destroy with an error.
            kept=args.protect and lock_days is not None,
        )
        return PrivateBucket(f"{self._name}-{kind}", bucket, self._child)
