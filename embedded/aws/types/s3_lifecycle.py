"""S3: when objects of a bucket move to other storage and when they go."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, Choice, ListOf, Range
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Call, Read, given, own_id
from embedded.aws.types.s3_settings import setting
from embedded.aws.types.tag_pairs import TAG_PAIRS

_DAYS = Range(1, 2147483647)
_CLASSES = Choice(("GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"))


class Filter(Struct):
    """Which objects a rule is about; nothing said: all of them, which the API takes as an empty prefix."""

    def to_api(self, value: Any) -> Any:
        return super().to_api(value) or {"Prefix": ""}

    def from_api(self, value: Any) -> Any:
        return {name: item for name, item in super().from_api(value).items() if item != ""}


_SIZES = (
    Property(name="objectSizeGreaterThan", api="ObjectSizeGreaterThan", kind=Range(0, 2**53)),
    Property(name="objectSizeLessThan", api="ObjectSizeLessThan", kind=_DAYS),
)
_PREFIX = Property(name="prefix", api="Prefix")
_TAG = Struct((Property(name="key", api="Key", required=True), Property(name="value", api="Value", required=True)))
_AND = Struct((_PREFIX, *_SIZES, Property(name="tags", api="Tags", kind=TAG_PAIRS)))
_FILTER = Filter(
    (
        _PREFIX,
        *_SIZES,
        Property(name="tag", api="Tag", kind=_TAG),
        Property(name="and", api="And", kind=_AND),
    )
)
_EXPIRATION = Struct(
    (
        Property(name="days", api="Days", kind=_DAYS),
        Property(name="date", api="Date"),
        Property(name="expiredObjectDeleteMarker", api="ExpiredObjectDeleteMarker", kind=BOOL),
    )
)
_TRANSITION = Struct(
    (
        Property(name="days", api="Days", kind=Range(0, 2147483647)),
        Property(name="date", api="Date"),
        Property(name="storageClass", api="StorageClass", kind=_CLASSES, required=True),
    )
)
_NONCURRENT = (
    Property(name="noncurrentDays", api="NoncurrentDays", kind=_DAYS, required=True),
    Property(name="newerNoncurrentVersions", api="NewerNoncurrentVersions", kind=Range(1, 100)),
)
_NONCURRENT_TRANSITION = Struct(
    (*_NONCURRENT, Property(name="storageClass", api="StorageClass", kind=_CLASSES, required=True))
)
_ABORT = Struct((Property(name="daysAfterInitiation", api="DaysAfterInitiation", kind=_DAYS, required=True),))
_RULE = Struct(
    (
        Property(name="id", api="ID", required=True),
        Property(name="status", api="Status", kind=Choice(("Enabled", "Disabled")), required=True),
        Property(name="filter", api="Filter", kind=_FILTER, default={}),
        Property(name="expiration", api="Expiration", kind=_EXPIRATION),
        Property(name="transitions", api="Transitions", kind=ListOf(_TRANSITION, ordered=False)),
        Property(name="noncurrentVersionExpiration", api="NoncurrentVersionExpiration", kind=Struct(_NONCURRENT)),
        Property(
            name="noncurrentVersionTransitions",
            api="NoncurrentVersionTransitions",
            kind=ListOf(_NONCURRENT_TRANSITION, ordered=False),
        ),
        Property(name="abortIncompleteMultipartUpload", api="AbortIncompleteMultipartUpload", kind=_ABORT),
    )
)
_PUT = Call("PutBucketLifecycleConfiguration", {"Bucket": own_id, "LifecycleConfiguration": {"Rules": given("rules")}})

LIFECYCLE = setting(
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    Property(name="rules", kind=ListOf(_RULE, ordered=False), found="Rules", required=True),
    file="s3/bucket_lifecycle_configuration.go",
    put=_PUT,
    read=Read("GetBucketLifecycleConfiguration", {"Bucket": own_id}, "Rules", "Rules"),
    delete=Call("DeleteBucketLifecycle", {"Bucket": own_id}),
)

ROWS = (LIFECYCLE,)
