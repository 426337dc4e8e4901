"""KMS: keys and their aliases."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, KEY, POLICY, Range
from embedded.aws.properties import Property
from embedded.aws.rows import Assigned, Autoname, Call, Named, Read, Row, Scope, Tagging, Update, given, own_id
from embedded.aws.tags import dropped_keys, has_dropped_tags, has_new_tags, new_tags
from embedded.aws.types.sources import terraform
from embedded.provider import Values

_KEY = terraform("kms/key.go")


def _is(name: str, wanted: bool) -> Any:
    return lambda scope: bool(scope.value(name)) is wanted


_ENABLE = Call("EnableKey", {"KeyId": own_id}, when=_is("isEnabled", True))
_DISABLE = Call("DisableKey", {"KeyId": own_id}, when=_is("isEnabled", False))
_ROTATE = Call(
    "EnableKeyRotation",
    {"KeyId": own_id, "RotationPeriodInDays": given("rotationPeriodInDays")},
    when=_is("enableKeyRotation", True),
)
_KEEP = Call("DisableKeyRotation", {"KeyId": own_id}, when=_is("enableKeyRotation", False))

KEY_ROW = Row(
    type="aws:kms/key:Key",
    service="kms",
    identity=Assigned(made="KeyMetadata.KeyId", read="Key.KeyId"),
    properties=(
        Property(name="description", found="Key.Description", computed=True),
        Property(name="policy", kind=POLICY, found="Policy", computed=True),
        Property(name="customerMasterKeySpec", found="Key.KeySpec", default="SYMMETRIC_DEFAULT", replaces=_KEY),
        Property(name="keyUsage", found="Key.KeyUsage", default="ENCRYPT_DECRYPT", replaces=_KEY),
        Property(name="multiRegion", kind=BOOL, found="Key.MultiRegion", computed=True, replaces=_KEY),
        Property(name="isEnabled", kind=BOOL, found="Key.Enabled", default=True),
        Property(name="enableKeyRotation", kind=BOOL, found="Rotation.KeyRotationEnabled", default=False),
        Property(
            name="rotationPeriodInDays", kind=Range(90, 2560), found="Rotation.RotationPeriodInDays", computed=True
        ),
        Property(name="deletionWindowInDays", kind=Range(7, 30)),
        Property(name="bypassPolicyLockoutSafetyCheck", kind=BOOL, default=False),
        Property(name="keyId", found="Key.KeyId", output=True),
        Property(name="arn", found="Key.Arn", output=True),
    ),
    create=(
        Call(
            "CreateKey",
            {
                "Description": given("description"),
                "Policy": given("policy"),
                "KeySpec": given("customerMasterKeySpec"),
                "KeyUsage": given("keyUsage"),
                "MultiRegion": given("multiRegion"),
                "BypassPolicyLockoutSafetyCheck": given("bypassPolicyLockoutSafetyCheck"),
                "Tags": new_tags("TagKey"),
            },
        ),
        _ROTATE,
        _DISABLE,
    ),
    # A key scheduled for deletion is as good as gone.
    read=(
        Read("DescribeKey", {"KeyId": own_id}, "[KeyMetadata][?KeyState != 'PendingDeletion'] | [0]", "Key"),
        Read("GetKeyPolicy", {"KeyId": own_id, "PolicyName": "default"}, "Policy", "Policy"),
        Read("GetKeyRotationStatus", {"KeyId": own_id}, "@", "Rotation"),
        Read("ListResourceTags", {"KeyId": own_id}, "Tags", "Tags"),
    ),
    # A disabled key cannot be changed: enable first, disable last.
    update=(
        Update(("isEnabled",), (_ENABLE,)),
        Update(("enableKeyRotation", "rotationPeriodInDays"), (_ROTATE, _KEEP)),
        Update(
            ("description",),
            (
                Call(
                    "UpdateKeyDescription",
                    {"KeyId": own_id, "Description": lambda scope: scope.value("description") or ""},
                ),
            ),
        ),
        Update(
            ("policy",),
            (
                Call(
                    "PutKeyPolicy",
                    {
                        "KeyId": own_id,
                        "PolicyName": "default",
                        "Policy": given("policy"),
                        "BypassPolicyLockoutSafetyCheck": given("bypassPolicyLockoutSafetyCheck"),
                    },
                ),
            ),
        ),
        Update(("isEnabled",), (_DISABLE,)),
    ),
    delete=(Call("ScheduleKeyDeletion", {"KeyId": own_id, "PendingWindowInDays": given("deletionWindowInDays")}),),
    tagging=Tagging(
        "Tags",
        "TagKey",
        add=Call("TagResource", {"KeyId": own_id, "Tags": new_tags("TagKey")}, when=has_new_tags),
        remove=Call("UntagResource", {"KeyId": own_id, "TagKeys": dropped_keys}, when=has_dropped_tags),
    ),
)


def _this_alias(scope: Scope, answer: Values) -> Any:
    return next((alias for alias in answer["Aliases"] if alias["AliasName"] == own_id(scope)), None)


def _target_arn(scope: Scope) -> str:
    arn = str(scope.search("Alias.AliasArn"))
    return f"{arn.split(':alias/')[0]}:key/{scope.search('Alias.TargetKeyId')}"


ALIAS = Row(
    type="aws:kms/alias:Alias",
    service="kms",
    identity=Named(("name",)),
    properties=(
        Property(name="name", found="Alias.AliasName", computed=True, replaces=terraform("kms/alias.go")),
        Property(name="targetKeyId", kind=KEY, found="Alias.TargetKeyId", required=True),
        Property(name="targetKeyArn", found=_target_arn, output=True, moves_with=("targetKeyId",)),
        Property(name="arn", found="Alias.AliasArn", output=True),
    ),
    autoname=Autoname("name", limit=256, prefix="alias/"),
    create=(Call("CreateAlias", {"AliasName": given("name"), "TargetKeyId": given("targetKeyId")}),),
    read=(Read("ListAliases", {}, _this_alias, "Alias"),),
    update=(
        Update(("targetKeyId",), (Call("UpdateAlias", {"AliasName": own_id, "TargetKeyId": given("targetKeyId")}),)),
    ),
    delete=(Call("DeleteAlias", {"AliasName": own_id}),),
)

ROWS = (KEY_ROW, ALIAS)
