"""S3: what a bucket is set to: versions, encryption, public access, policy, ownership, object lock."""

from __future__ import annotations

from embedded.aws.kinds import BOOL, POLICY, Choice, ListOf, Range
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Call, Leaf, Named, Read, Row, Scope, Update, given, own_id
from embedded.aws.types.sources import terraform


def setting(
    type_: str, *properties: Property, file: str, put: Call, read: Read, delete: Call, rest: tuple[Property, ...] = ()
) -> Row:
    """A setting of a bucket: one call makes it and changes all of its properties but the `rest`.

    Its id is the bucket's name. `file` is the AWS provider's own, which says that another bucket replaces it.
    """
    bucket = Property(name="bucket", found=own_id, required=True, replaces=terraform(file))
    return Row(
        type=type_,
        service="s3",
        identity=Named(("bucket",)),
        properties=(bucket, *properties, *rest),
        create=(put,),
        read=(read,),
        update=(Update(tuple(each.name for each in properties), (put,)),),
        delete=(delete,),
    )


_VERSIONS = Struct(
    (
        Property(name="status", api="Status", kind=Choice(("Enabled", "Suspended")), required=True),
        Property(name="mfaDelete", api="MFADelete", kind=Choice(("Enabled", "Disabled")), computed=True),
    )
)
_PUT_VERSIONS = Call(
    "PutBucketVersioning", {"Bucket": own_id, "VersioningConfiguration": given("versioningConfiguration")}
)
_SUSPEND = {"Bucket": own_id, "VersioningConfiguration": {"Status": "Suspended"}}

VERSIONING = setting(
    "aws:s3/bucketVersioning:BucketVersioning",
    Property(name="versioningConfiguration", kind=_VERSIONS, found="Versions", required=True),
    file="s3/bucket_versioning.go",
    put=_PUT_VERSIONS,
    read=Read("GetBucketVersioning", {"Bucket": own_id}, "[@][?Status] | [0]", "Versions"),
    # Versions cannot be switched off again; of a bucket with object lock not even suspended, which is let be.
    delete=Call("PutBucketVersioning", _SUSPEND, tolerate=("InvalidBucketState",)),
)

_DEFAULT_KEY = Struct(
    (
        Property(
            name="sseAlgorithm",
            api="SSEAlgorithm",
            kind=Choice(("AES256", "aws:kms", "aws:kms:dsse")),
            required=True,
        ),
        Property(name="kmsMasterKeyId", api="KMSMasterKeyID"),
    )
)
_ENCRYPTION_RULE = Struct(
    (
        Property(
            name="applyServerSideEncryptionByDefault", api="ApplyServerSideEncryptionByDefault", kind=_DEFAULT_KEY
        ),
        Property(name="bucketKeyEnabled", api="BucketKeyEnabled", kind=BOOL),
    )
)
_PUT_ENCRYPTION = Call(
    "PutBucketEncryption", {"Bucket": own_id, "ServerSideEncryptionConfiguration": {"Rules": given("rules")}}
)

ENCRYPTION = setting(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    Property(name="rules", kind=ListOf(_ENCRYPTION_RULE, ordered=False), found="Encryption.Rules", required=True),
    file="s3/bucket_server_side_encryption_configuration.go",
    put=_PUT_ENCRYPTION,
    read=Read("GetBucketEncryption", {"Bucket": own_id}, "ServerSideEncryptionConfiguration", "Encryption"),
    delete=Call("DeleteBucketEncryption", {"Bucket": own_id}),
)

_SHUT = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _api(name: str) -> str:
    return name[0].upper() + name[1:]


_PUT_BLOCK = Call(
    "PutPublicAccessBlock",
    {"Bucket": own_id, "PublicAccessBlockConfiguration": {_api(name): given(name) for name in _SHUT}},
)

PUBLIC_ACCESS_BLOCK = setting(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    *(Property(name=name, kind=BOOL, found=f"Block.{_api(name)}", default=False) for name in _SHUT),
    file="s3/bucket_public_access_block.go",
    put=_PUT_BLOCK,
    read=Read("GetPublicAccessBlock", {"Bucket": own_id}, "PublicAccessBlockConfiguration", "Block"),
    delete=Call("DeletePublicAccessBlock", {"Bucket": own_id}, when=lambda scope: not scope.value("skipDestroy")),
    rest=(Property(name="skipDestroy", kind=BOOL, default=False),),
)

_PUT_POLICY = Call("PutBucketPolicy", {"Bucket": own_id, "Policy": given("policy")})

BUCKET_POLICY = setting(
    "aws:s3/bucketPolicy:BucketPolicy",
    Property(name="policy", kind=POLICY, found="Policy", required=True),
    file="s3/bucket_policy.go",
    put=_PUT_POLICY,
    read=Read("GetBucketPolicy", {"Bucket": own_id}, "Policy", "Policy"),
    delete=Call("DeleteBucketPolicy", {"Bucket": own_id}),
)

_OWNERSHIP_RULE = Struct(
    (
        Property(
            name="objectOwnership",
            api="ObjectOwnership",
            kind=Choice(("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")),
            required=True,
        ),
    )
)
_PUT_OWNERSHIP = Call("PutBucketOwnershipControls", {"Bucket": own_id, "OwnershipControls": {"Rules": given("rule")}})

OWNERSHIP = setting(
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    Property(name="rule", kind=ListOf(_OWNERSHIP_RULE, single=True), found="Ownership.Rules", required=True),
    file="s3/bucket_ownership_controls.go",
    put=_PUT_OWNERSHIP,
    read=Read("GetBucketOwnershipControls", {"Bucket": own_id}, "OwnershipControls", "Ownership"),
    delete=Call("DeleteBucketOwnershipControls", {"Bucket": own_id}),
)

_RETENTION = Struct(
    (
        Property(name="mode", api="Mode", kind=Choice(("GOVERNANCE", "COMPLIANCE")), required=True),
        Property(name="days", api="Days", kind=Range(1, 36500)),
        Property(name="years", api="Years", kind=Range(1, 100)),
    )
)
_LOCK_RULE = Struct((Property(name="defaultRetention", api="DefaultRetention", kind=_RETENTION, required=True),))


def _put_lock(rule: Leaf | None) -> Call:
    lock = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    return Call("PutObjectLockConfiguration", {"Bucket": own_id, "ObjectLockConfiguration": lock})


def _enabled(scope: Scope) -> object:
    return scope.search("Lock.ObjectLockEnabled")


OBJECT_LOCK = setting(
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    # Without a rule the resource would say no more than that its bucket has object lock.
    Property(name="rule", kind=_LOCK_RULE, found="Lock.Rule", required=True),
    file="s3/bucket_object_lock_configuration.go",
    put=_put_lock(given("rule")),
    read=Read("GetObjectLockConfiguration", {"Bucket": own_id}, "[ObjectLockConfiguration][?Rule] | [0]", "Lock"),
    # Object lock itself stays for ever; only the rule can go.
    delete=_put_lock(None),
    rest=(
        Property(
            name="objectLockEnabled",
            kind=Choice(("Enabled",)),
            found=_enabled,
            default="Enabled",
            replaces=terraform("s3/bucket_object_lock_configuration.go"),
        ),
    ),
)

ROWS = (VERSIONING, ENCRYPTION, PUBLIC_ACCESS_BLOCK, BUCKET_POLICY, OWNERSHIP, OBJECT_LOCK)
