"""IAM: managed policies of the account."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import POLICY
from embedded.aws.properties import Property
from embedded.aws.rows import Assigned, Autoname, Call, Read, Row, Scope, Tagging, Update, given, own_id
from embedded.aws.tags import dropped_keys, has_dropped_tags, has_new_tags, new_tags
from embedded.aws.types.sources import terraform

_SOURCE = terraform("iam/policy.go")
_VERSIONS = Call("ListPolicyVersions", {"PolicyArn": own_id})
_OTHERS = "Versions[?!IsDefaultVersion]"
_VERSIONS_KEPT = 5


def _oldest(scope: Scope) -> Any:
    """Of the versions that are no default; they are counted up: "v1", "v2"."""
    return min((version["VersionId"] for version in scope.search(_OTHERS)), key=lambda ident: int(ident[1:]))


POLICY_OF_ACCOUNT = Row(
    type="aws:iam/policy:Policy",
    service="iam",
    regional=False,
    identity=Assigned(made="Policy.Arn", read="Policy.Arn"),
    # How often it is attached is left out of the outputs: it moves with the attachments, after the policy itself.
    properties=(
        Property(name="name", found="Policy.PolicyName", computed=True, replaces=_SOURCE),
        Property(name="path", found="Policy.Path", default="/", replaces=_SOURCE),
        Property(name="description", found="Policy.Description", replaces=_SOURCE),
        Property(name="policy", kind=POLICY, found="Version.Document", required=True),
        Property(name="arn", found="Policy.Arn", output=True),
        Property(name="policyId", found="Policy.PolicyId", output=True),
    ),
    autoname=Autoname("name", limit=128),
    create=(
        Call(
            "CreatePolicy",
            {
                "PolicyName": given("name"),
                "Path": given("path"),
                "Description": given("description"),
                "PolicyDocument": given("policy"),
                "Tags": new_tags("Key"),
            },
        ),
    ),
    read=(
        Read("GetPolicy", {"PolicyArn": own_id}, "Policy", "Policy"),
        Read(
            "GetPolicyVersion",
            {"PolicyArn": own_id, "VersionId": lambda scope: scope.search("Policy.DefaultVersionId")},
            "PolicyVersion",
            "Version",
        ),
    ),
    # AWS keeps five versions; the provider makes room by the oldest of them.
    update=(
        Update(
            ("policy",),
            (
                _VERSIONS,
                Call(
                    "DeletePolicyVersion",
                    {"PolicyArn": own_id, "VersionId": _oldest},
                    when=lambda scope: len(scope.search("Versions")) >= _VERSIONS_KEPT,
                ),
                Call(
                    "CreatePolicyVersion",
                    {"PolicyArn": own_id, "PolicyDocument": given("policy"), "SetAsDefault": True},
                ),
            ),
        ),
    ),
    delete=(
        _VERSIONS,
        Call(
            "DeletePolicyVersion",
            {"PolicyArn": own_id, "VersionId": lambda scope: scope.item["VersionId"]},
            each=_OTHERS,
        ),
        Call("DeletePolicy", {"PolicyArn": own_id}),
    ),
    tagging=Tagging(
        "Policy.Tags",
        "Key",
        add=Call("TagPolicy", {"PolicyArn": own_id, "Tags": new_tags("Key")}, when=has_new_tags),
        remove=Call("UntagPolicy", {"PolicyArn": own_id, "TagKeys": dropped_keys}, when=has_dropped_tags),
    ),
)

ROWS = (POLICY_OF_ACCOUNT,)
