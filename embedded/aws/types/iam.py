"""IAM: roles, their inline policies and their attached policies."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import POLICY, Range
from embedded.aws.properties import Property
from embedded.aws.rows import Autoname, Call, Named, Read, Row, Scope, Tagging, Update, given, own_id, part
from embedded.aws.tags import dropped_keys, has_dropped_tags, has_new_tags, new_tags
from embedded.aws.types.sources import terraform
from embedded.provider import Values

_ROLE = terraform("iam/role.go")
_ROLE_POLICY = terraform("iam/role_policy.go")
_ATTACHMENT = terraform("iam/role_policy_attachment.go")


def _has_boundary(scope: Scope) -> bool:
    return scope.value("permissionsBoundary") is not None


ROLE = Row(
    type="aws:iam/role:Role",
    service="iam",
    regional=False,
    identity=Named(("name",)),
    # Inline and managed policies of the role itself are not served: they are exclusive and fight with the resources.
    properties=(
        Property(name="name", found="Role.RoleName", computed=True, replaces=_ROLE),
        Property(name="path", found="Role.Path", default="/", replaces=_ROLE),
        Property(name="assumeRolePolicy", kind=POLICY, found="Role.AssumeRolePolicyDocument", required=True),
        Property(name="description", found="Role.Description"),
        Property(name="maxSessionDuration", kind=Range(3600, 43200), found="Role.MaxSessionDuration", default=3600),
        Property(name="permissionsBoundary", found="Role.PermissionsBoundary.PermissionsBoundaryArn"),
        Property(name="arn", found="Role.Arn", output=True),
        Property(name="createDate", found="Role.CreateDate", output=True),
        Property(name="uniqueId", found="Role.RoleId", output=True),
    ),
    autoname=Autoname("name", limit=64),
    create=(
        Call(
            "CreateRole",
            {
                "RoleName": given("name"),
                "Path": given("path"),
                "AssumeRolePolicyDocument": given("assumeRolePolicy"),
                "Description": given("description"),
                "MaxSessionDuration": given("maxSessionDuration"),
                "PermissionsBoundary": given("permissionsBoundary"),
                "Tags": new_tags("Key"),
            },
        ),
    ),
    read=(Read("GetRole", {"RoleName": own_id}, "Role", "Role"),),
    update=(
        Update(
            ("assumeRolePolicy",),
            (Call("UpdateAssumeRolePolicy", {"RoleName": own_id, "PolicyDocument": given("assumeRolePolicy")}),),
        ),
        Update(
            ("description", "maxSessionDuration"),
            (
                Call(
                    "UpdateRole",
                    {
                        "RoleName": own_id,
                        "Description": lambda scope: scope.value("description") or "",
                        "MaxSessionDuration": given("maxSessionDuration"),
                    },
                ),
            ),
        ),
        Update(
            ("permissionsBoundary",),
            (
                Call(
                    "PutRolePermissionsBoundary",
                    {"RoleName": own_id, "PermissionsBoundary": given("permissionsBoundary")},
                    when=_has_boundary,
                ),
                Call(
                    "DeleteRolePermissionsBoundary",
                    {"RoleName": own_id},
                    when=lambda scope: not _has_boundary(scope),
                ),
            ),
        ),
    ),
    delete=(Call("DeleteRole", {"RoleName": own_id}),),
    tagging=Tagging(
        "Role.Tags",
        "Key",
        add=Call("TagRole", {"RoleName": own_id, "Tags": new_tags("Key")}, when=has_new_tags),
        remove=Call("UntagRole", {"RoleName": own_id, "TagKeys": dropped_keys}, when=has_dropped_tags),
    ),
)

_PUT_POLICY = Call(
    "PutRolePolicy", {"RoleName": part("role"), "PolicyName": part("name"), "PolicyDocument": given("policy")}
)

ROLE_POLICY = Row(
    type="aws:iam/rolePolicy:RolePolicy",
    service="iam",
    regional=False,
    identity=Named(("role", "name"), ":"),
    properties=(
        Property(name="role", found="Policy.RoleName", required=True, replaces=_ROLE_POLICY),
        Property(name="name", found="Policy.PolicyName", computed=True, replaces=_ROLE_POLICY),
        Property(name="policy", kind=POLICY, found="Policy.PolicyDocument", required=True),
    ),
    autoname=Autoname("name", limit=128),
    create=(_PUT_POLICY,),
    read=(Read("GetRolePolicy", {"RoleName": part("role"), "PolicyName": part("name")}, "@", "Policy"),),
    update=(Update(("policy",), (_PUT_POLICY,)),),
    delete=(Call("DeleteRolePolicy", {"RoleName": part("role"), "PolicyName": part("name")}),),
)


def _this_policy(scope: Scope, answer: Values) -> Any:
    return next((item for item in answer["AttachedPolicies"] if item["PolicyArn"] == part("policyArn")(scope)), None)


_ATTACHED = {"RoleName": part("role"), "PolicyArn": part("policyArn")}

ROLE_POLICY_ATTACHMENT = Row(
    type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    service="iam",
    regional=False,
    identity=Named(("role", "policyArn"), "/"),
    properties=(
        Property(name="role", found=part("role"), required=True, replaces=_ATTACHMENT),
        Property(name="policyArn", found="Attached.PolicyArn", required=True, replaces=_ATTACHMENT),
    ),
    create=(Call("AttachRolePolicy", _ATTACHED),),
    read=(Read("ListAttachedRolePolicies", {"RoleName": part("role")}, _this_policy, "Attached"),),
    delete=(Call("DetachRolePolicy", _ATTACHED),),
)

ROWS = (ROLE, ROLE_POLICY, ROLE_POLICY_ATTACHMENT)
