"""What a destroy leaves behind on purpose, each with its reason, its cost and its end.

Keys that wait for their deletion, the locked bucket of the backups, the volumes and snapshots of worlds, which the
program tells EBS to keep, and cached images. Everything else that is left is an orphan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from automation.tagged_objects import Tagged
from components.tags import CLUSTER_TAG

# Estimates: list prices in US dollars per GiB and month in us-east-1, without discounts; other regions cost up to about
# twice as much. AWS draws its price pages by scripts, so none was read: each figure says where it comes from instead.
# Alike in the cost tables of eight public repositories; storage alone, without IOPS and throughput that are paid for
# apart. The types that our storage classes and EKS's own make.
_VOLUME_USD = MappingProxyType({"gp3": 0.08, "gp2": 0.10})
# From memory of aws.amazon.com/ebs/pricing, standard tier. Only changed blocks are billed, so this is the most:
# repost.aws/knowledge-center/ebs-snapshot-billing.
_SNAPSHOT_USD = 0.05
# S3 Standard, the first 50 TB: zeonedge.com/blog/cloud-storage-cost-guide-s3-ebs-efs-fsx-choosing-right-tier.
_S3_USD = 0.023
# Private repositories: cloudburn.io/blog/amazon-ecr-pricing. Layers that images share are stored once, so this is the
# most.
_ECR_USD = 0.10
_DAYS_OF_YEAR = 365
_MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One thing that is left on purpose. `monthly_usd` is None where it depends on what is in it, and then
    `usd_per_gib_month` says on what; `expires` is the day (UTC) on which it, or its lock, ends by itself, None for
    never.
    """

    service: str
    type: str
    id: str
    region: str
    arn: str
    sentence: str
    monthly_usd: float | None
    usd_per_gib_month: float | None = None
    expires: date | None = None

    @property
    def yearly_usd(self) -> float | None:
        """Twelve months of it; None as with `monthly_usd`."""
        return None if self.monthly_usd is None else round(_MONTHS * self.monthly_usd, 2)

    def report(self) -> dict[str, Any]:
        """For JSON."""
        expires = self.expires.isoformat() if self.expires else None
        return asdict(self) | {"yearly_usd": self.yearly_usd, "expires": expires}


def declared(one: Tagged) -> Declared | None:
    """What is declared about an object that no state holds any more; None if nothing is, which makes it an orphan."""
    look = _DECLARED.get((one.service, one.type))
    return look(one) if look else None


def _made(one: Tagged, **facts: Any) -> Declared:
    return Declared(service=one.service, type=one.type, id=one.id, region=one.region, arn=one.arn, **facts)


def _key(one: Tagged) -> Declared | None:
    found = one.session.client("kms").describe_key(KeyId=one.id)["KeyMetadata"]
    if found["KeyState"] != "PendingDeletion":
        return None
    return _made(
        one,
        sentence="KMS deletes the key on that day; until then kms cancel-key-deletion brings it back",
        # trendmicro.com/cloudoneconformity/knowledge-base/aws/KMS/disabled-kms-keys.html: not charged while it waits
        monthly_usd=0.0,
        expires=found["DeletionDate"].astimezone(UTC).date(),
    )


def _bucket(one: Tagged) -> Declared | None:
    """A bucket with object lock: S3 deletes none in which a version is locked."""
    s3 = one.session.client("s3")
    try:
        lock = s3.get_object_lock_configuration(Bucket=one.id)["ObjectLockConfiguration"]
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] == "ObjectLockConfigurationNotFoundError":
            return None
        raise
    found = s3.list_object_versions(Bucket=one.id, MaxKeys=1)
    if not (found.get("Versions") or found.get("DeleteMarkers")):
        return _made(one, sentence="the bucket of the backups is kept and is empty; delete it by hand", monthly_usd=0.0)
    days = _days(lock.get("Rule", {}).get("DefaultRetention", {}))
    return _made(
        one,
        sentence=f"backups are kept, each locked for {days} days from when it was written: the last of them until that "
        "day at most; then empty and delete the bucket by hand",
        monthly_usd=None,
        usd_per_gib_month=_S3_USD,
        expires=datetime.now(UTC).date() + timedelta(days=days),
    )


def _days(retention: Mapping[str, int]) -> int:
    return retention.get("Days", 0) + retention.get("Years", 0) * _DAYS_OF_YEAR


def _volume(one: Tagged) -> Declared | None:
    found = one.session.client("ec2").describe_volumes(VolumeIds=[one.id])["Volumes"][0]
    price = _VOLUME_USD.get(found["VolumeType"])
    return _made(
        one,
        sentence=f"a volume of {found['Size']} GiB is kept with its data; snapshot or delete it by hand",
        monthly_usd=None if price is None else round(price * found["Size"], 2),
        usd_per_gib_month=price,
    )


def _snapshot(one: Tagged) -> Declared | None:
    found = one.session.client("ec2").describe_snapshots(SnapshotIds=[one.id])["Snapshots"][0]
    return _made(
        one,
        sentence=f"a snapshot of {found['VolumeSize']} GiB at most is kept; delete it by hand",
        monthly_usd=round(_SNAPSHOT_USD * found["VolumeSize"], 2),
        usd_per_gib_month=_SNAPSHOT_USD,
    )


def _repository(one: Tagged) -> Declared | None:
    """A repository that ECR made for the cache of a cluster that is gone; the game's own are none of a cluster's."""
    if CLUSTER_TAG not in one.tags:
        return None
    pages = one.session.client("ecr").get_paginator("describe_images").paginate(repositoryName=one.id)
    gib = sum(image["imageSizeInBytes"] for page in pages for image in page["imageDetails"]) / 2**30
    return _made(
        one,
        sentence=f"cached images of {gib:.1f} GiB are kept for the region's return; delete the repository by hand",
        monthly_usd=round(_ECR_USD * gib, 2),
        usd_per_gib_month=_ECR_USD,
    )


_DECLARED: Mapping[tuple[str, str], Callable[[Tagged], Declared | None]] = MappingProxyType(
    {
        ("kms", "key"): _key,
        ("s3", "bucket"): _bucket,
        ("ec2", "volume"): _volume,
        ("ec2", "snapshot"): _snapshot,
        ("ecr", "repository"): _repository,
    }
)
