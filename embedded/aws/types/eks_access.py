"""EKS: access entries, their policies, and pod identities."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, TEXT_SET, Choice
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Assigned, Call, Named, Read, Row, Scope, Update, given, own_id, part
from embedded.aws.tags import arn_tagging, new_tags
from embedded.aws.types.sources import terraform
from embedded.provider import Values

_ENTRY = terraform("eks/access_entry.go")
_ASSOCIATED = terraform("eks/access_policy_association.go")
_POD = terraform("eks/pod_identity_association.go", "RequiresReplace")

_OF_ENTRY = {"clusterName": part("clusterName"), "principalArn": part("principalArn")}

ACCESS_ENTRY = Row(
    type="aws:eks/accessEntry:AccessEntry",
    service="eks",
    execution="modelled",
    identity=Named(("clusterName", "principalArn"), ":"),
    properties=(
        Property(name="clusterName", found="Entry.clusterName", required=True, replaces=_ENTRY),
        Property(name="principalArn", found="Entry.principalArn", required=True, replaces=_ENTRY),
        Property(name="type", found="Entry.type", default="STANDARD", replaces=_ENTRY),
        Property(name="kubernetesGroups", kind=TEXT_SET, found="Entry.kubernetesGroups", computed=True),
        Property(name="userName", found="Entry.username", computed=True),
        Property(name="accessEntryArn", found="Entry.accessEntryArn", output=True),
        Property(name="createdAt", found="Entry.createdAt", output=True),
        Property(name="modifiedAt", found="Entry.modifiedAt", output=True),
    ),
    create=(
        Call(
            "CreateAccessEntry",
            {
                **_OF_ENTRY,
                "type": given("type"),
                "kubernetesGroups": given("kubernetesGroups"),
                "username": given("userName"),
                "tags": new_tags("map"),
            },
        ),
    ),
    read=(Read("DescribeAccessEntry", _OF_ENTRY, "accessEntry", "Entry"),),
    update=(
        Update(
            ("kubernetesGroups", "userName"),
            (
                Call(
                    "UpdateAccessEntry",
                    {**_OF_ENTRY, "kubernetesGroups": given("kubernetesGroups"), "username": given("userName")},
                ),
            ),
        ),
    ),
    delete=(Call("DeleteAccessEntry", _OF_ENTRY),),
    tagging=arn_tagging("Entry.tags", lambda scope: scope.search("Entry.accessEntryArn")),
)

_SCOPE = Struct(
    (
        Property(name="type", kind=Choice(("cluster", "namespace")), required=True),
        Property(name="namespaces", kind=TEXT_SET),
    )
)
_OF_ASSOCIATION = {**_OF_ENTRY, "policyArn": part("policyArn")}


def _this_policy(scope: Scope, answer: Values) -> Any:
    policies = answer["associatedAccessPolicies"]
    return next((item for item in policies if item["policyArn"] == part("policyArn")(scope)), None)


ACCESS_POLICY_ASSOCIATION = Row(
    type="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    service="eks",
    execution="modelled",
    identity=Named(("clusterName", "principalArn", "policyArn"), "#"),
    properties=(
        Property(name="clusterName", found=part("clusterName"), required=True, replaces=_ASSOCIATED),
        Property(name="principalArn", found=part("principalArn"), required=True, replaces=_ASSOCIATED),
        Property(name="policyArn", found="Associated.policyArn", required=True, replaces=_ASSOCIATED),
        Property(name="accessScope", kind=_SCOPE, found="Associated.accessScope", required=True, replaces=_ASSOCIATED),
        Property(name="associatedAt", found="Associated.associatedAt", output=True),
        Property(name="modifiedAt", found="Associated.modifiedAt", output=True),
    ),
    create=(Call("AssociateAccessPolicy", {**_OF_ASSOCIATION, "accessScope": given("accessScope")}),),
    read=(Read("ListAssociatedAccessPolicies", _OF_ENTRY, _this_policy, "Associated"),),
    delete=(Call("DisassociateAccessPolicy", _OF_ASSOCIATION),),
)

_OF_POD = {"clusterName": part("clusterName"), "associationId": own_id}

POD_IDENTITY_ASSOCIATION = Row(
    type="aws:eks/podIdentityAssociation:PodIdentityAssociation",
    service="eks",
    execution="modelled",
    identity=Assigned(
        made="association.associationId",
        read="Association.associationId",
        import_as=("clusterName", "id"),
        separator=",",
    ),
    properties=(
        Property(name="clusterName", found="Association.clusterName", required=True, replaces=_POD),
        Property(name="namespace", found="Association.namespace", required=True, replaces=_POD),
        Property(name="serviceAccount", found="Association.serviceAccount", required=True, replaces=_POD),
        Property(name="roleArn", found="Association.roleArn", required=True),
        Property(name="targetRoleArn", found="Association.targetRoleArn"),
        Property(name="disableSessionTags", kind=BOOL, found="Association.disableSessionTags", computed=True),
        Property(name="associationId", found="Association.associationId", output=True),
        Property(name="associationArn", found="Association.associationArn", output=True),
        Property(name="externalId", found="Association.externalId", output=True),
    ),
    create=(
        Call(
            "CreatePodIdentityAssociation",
            {
                "clusterName": given("clusterName"),
                "namespace": given("namespace"),
                "serviceAccount": given("serviceAccount"),
                "roleArn": given("roleArn"),
                "targetRoleArn": given("targetRoleArn"),
                "disableSessionTags": given("disableSessionTags"),
                "tags": new_tags("map"),
            },
        ),
    ),
    read=(Read("DescribePodIdentityAssociation", _OF_POD, "association", "Association"),),
    update=(
        Update(
            ("roleArn", "targetRoleArn", "disableSessionTags"),
            (
                Call(
                    "UpdatePodIdentityAssociation",
                    {
                        **_OF_POD,
                        "roleArn": given("roleArn"),
                        "targetRoleArn": given("targetRoleArn"),
                        "disableSessionTags": given("disableSessionTags"),
                    },
                ),
            ),
        ),
    ),
    delete=(Call("DeletePodIdentityAssociation", _OF_POD),),
    tagging=arn_tagging("Association.tags", lambda scope: scope.search("Association.associationArn")),
)

ROWS = (ACCESS_ENTRY, ACCESS_POLICY_ASSOCIATION, POD_IDENTITY_ASSOCIATION)
