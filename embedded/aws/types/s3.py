"""S3: buckets. What a bucket is set to is in resources of its own (`s3_settings`, `s3_lifecycle`)."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, stands_in
from embedded.aws.properties import Property
from embedded.aws.rows import Autoname, Call, Named, Read, Row, Scope, Tagging, given, own_id
from embedded.aws.tags import has_dropped_tags, has_new_tags, shaped
from embedded.aws.types.sources import terraform

_BUCKET = terraform("s3/bucket.go")


def _location(scope: Scope) -> Any:
    # us-east-1 is where a bucket is made if nothing is said, and may not be said.
    return None if scope.region in ("", "us-east-1") else scope.region


def _all_tags(scope: Scope) -> Any:
    return shaped(scope.tags, "Key")


def _tags_to_put(scope: Scope) -> bool:
    # S3 has one set of tags per bucket: it is put whole.
    return bool(scope.tags) and (has_new_tags(scope) or has_dropped_tags(scope))


def _no_tags_left(scope: Scope) -> bool:
    return not stands_in(scope.tags) and not scope.tags and has_dropped_tags(scope)


_PUT_TAGS = Call("PutBucketTagging", {"Bucket": own_id, "Tagging": {"TagSet": _all_tags}}, when=_tags_to_put)


def _versions(scope: Scope) -> Any:
    found = (scope.search("Versions") or []) + (scope.search("DeleteMarkers") or [])
    return [{"Key": it["Key"], "VersionId": it["VersionId"]} for it in found]


def _is_forced(scope: Scope) -> bool:
    return bool(scope.new.get("forceDestroy"))


def _outlives_governance(scope: Scope) -> Any:
    return True if scope.value("objectLockEnabled") else None


def _domain(scope: Scope) -> str:
    return f"{own_id(scope)}.s3.amazonaws.com"


def _regional_domain(scope: Scope) -> str:
    return f"{own_id(scope)}.s3.{scope.region}.amazonaws.com"


BUCKET = Row(
    type="aws:s3/bucket:Bucket",
    service="s3",
    identity=Named(("bucket",)),
    properties=(
        Property(name="bucket", found=own_id, computed=True, replaces=_BUCKET),
        Property(name="objectLockEnabled", kind=BOOL, found="Lock[0] == 'Enabled'", computed=True, replaces=_BUCKET),
        Property(name="forceDestroy", kind=BOOL, default=False),
        Property(name="arn", found=lambda scope: f"arn:aws:s3:::{own_id(scope)}", output=True),
        Property(name="bucketDomainName", found=_domain, output=True),
        Property(name="bucketRegionalDomainName", found=_regional_domain, output=True),
        Property(name="bucketRegion", found="Region", output=True),
    ),
    autoname=Autoname("bucket", limit=63),
    create=(
        Call(
            "CreateBucket",
            {
                "Bucket": given("bucket"),
                "ObjectLockEnabledForBucket": given("objectLockEnabled"),
                "CreateBucketConfiguration": {"LocationConstraint": _location},
            },
        ),
        _PUT_TAGS,
    ),
    # `each` keeps a list, so that a bucket without tags or object lock is not taken for one that is gone.
    read=(
        Read("HeadBucket", {"Bucket": own_id}, "BucketRegion", "Region"),
        Read(
            "GetObjectLockConfiguration",
            {"Bucket": own_id},
            "ObjectLockConfiguration.ObjectLockEnabled",
            "Lock",
            each="[Region]",
        ),
        Read("GetBucketTagging", {"Bucket": own_id}, "TagSet", "Tags", each="[Region]"),
    ),
    # One page of a thousand versions: the embedded cloud runs no program that would write more.
    delete=(
        Call("ListObjectVersions", {"Bucket": own_id}, when=_is_forced),
        Call(
            "DeleteObjects",
            {
                "Bucket": own_id,
                "BypassGovernanceRetention": _outlives_governance,
                "Delete": {"Objects": _versions, "Quiet": True},
            },
            when=lambda scope: _is_forced(scope) and bool(_versions(scope)),
        ),
        Call("DeleteBucket", {"Bucket": own_id}),
    ),
    tagging=Tagging(
        "Tags[0]",
        "Key",
        add=_PUT_TAGS,
        remove=Call("DeleteBucketTagging", {"Bucket": own_id}, when=_no_tags_left),
    ),
)

ROWS = (BUCKET,)
