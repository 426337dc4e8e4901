"""S3: what a bucket copies into another bucket, in another region or account."""

from __future__ import annotations

from embedded.aws.kinds import Choice, ListOf, Range
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Call, Read, given, own_id
from embedded.aws.types.s3_lifecycle import Filter
from embedded.aws.types.s3_settings import setting
from embedded.aws.types.tag_pairs import TAG_PAIRS

_SWITCH = Choice(("Enabled", "Disabled"))
_STATUS = Property(name="status", api="Status", kind=_SWITCH, required=True)
_SWITCHED = Struct((_STATUS,))
_MINUTES = Struct((Property(name="minutes", api="Minutes", kind=Range(0, 2147483647), required=True),))

_TAG = Struct((Property(name="key", api="Key", required=True), Property(name="value", api="Value", required=True)))
_PREFIX = Property(name="prefix", api="Prefix")
_FILTER = Filter(
    (
        _PREFIX,
        Property(name="tag", api="Tag", kind=_TAG),
        Property(name="and", api="And", kind=Struct((_PREFIX, Property(name="tags", api="Tags", kind=TAG_PAIRS)))),
    )
)
_METRICS = Struct((_STATUS, Property(name="eventThreshold", api="EventThreshold", kind=_MINUTES)))
_TIME = Struct((_STATUS, Property(name="time", api="Time", kind=_MINUTES, required=True)))
_OWNER = Struct((Property(name="owner", api="Owner", kind=Choice(("Destination",)), required=True),))
_KEY = Struct((Property(name="replicaKmsKeyId", api="ReplicaKmsKeyID", required=True),))
_CLASSES = ("STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR")
_DESTINATION = Struct(
    (
        Property(name="bucket", api="Bucket", required=True),
        Property(name="account", api="Account"),
        Property(name="storageClass", api="StorageClass", kind=Choice(_CLASSES)),
        Property(name="accessControlTranslation", api="AccessControlTranslation", kind=_OWNER),
        Property(name="encryptionConfiguration", api="EncryptionConfiguration", kind=_KEY),
        Property(name="metrics", api="Metrics", kind=_METRICS),
        Property(name="replicationTime", api="ReplicationTime", kind=_TIME),
    )
)
_SOURCES = Struct(
    (
        Property(name="sseKmsEncryptedObjects", api="SseKmsEncryptedObjects", kind=_SWITCHED),
        Property(name="replicaModifications", api="ReplicaModifications", kind=_SWITCHED),
    )
)
_RULE = Struct(
    (
        Property(name="id", api="ID", computed=True),
        Property(name="priority", api="Priority", kind=Range(0, 2147483647)),
        _STATUS,
        Property(name="filter", api="Filter", kind=_FILTER),
        Property(name="deleteMarkerReplication", api="DeleteMarkerReplication", kind=_SWITCHED),
        Property(name="existingObjectReplication", api="ExistingObjectReplication", kind=_SWITCHED),
        Property(name="sourceSelectionCriteria", api="SourceSelectionCriteria", kind=_SOURCES),
        Property(name="destination", api="Destination", kind=_DESTINATION, required=True),
    )
)
_PUT = Call(
    "PutBucketReplication",
    {"Bucket": own_id, "ReplicationConfiguration": {"Role": given("role"), "Rules": given("rules")}},
)

REPLICATION = setting(
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    Property(name="role", found="Replication.Role", required=True),
    Property(name="rules", kind=ListOf(_RULE), found="Replication.Rules", required=True),
    file="s3/bucket_replication_configuration.go",
    put=_PUT,
    read=Read("GetBucketReplication", {"Bucket": own_id}, "ReplicationConfiguration", "Replication"),
    delete=Call("DeleteBucketReplication", {"Bucket": own_id}),
)

ROWS = (REPLICATION,)
