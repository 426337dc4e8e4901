"""EKS: node groups and add-ons."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, INT, JSON, TEXT_MAP, TEXT_SET, TEXTS, Choice, ListOf, Range, equal
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Autoname, Call, Leaf, Named, Read, Row, Scope, Update, given, part
from embedded.aws.tags import arn_tagging, new_tags
from embedded.aws.types.eks import issues
from embedded.aws.types.sources import terraform
from embedded.provider import Values

_GROUP = terraform("eks/node_group.go")
_ADDON = terraform("eks/addon.go")

_SCALING = Struct(
    (
        Property(name="desiredSize", kind=INT, required=True),
        Property(name="maxSize", kind=INT, required=True),
        Property(name="minSize", kind=INT, required=True),
    )
)
_TEMPLATE = Struct(
    (
        Property(name="id", computed=True, replaces=_GROUP),
        Property(name="name", computed=True, replaces=_GROUP),
        Property(name="version", required=True),
    )
)
_TAINT = Struct(
    (
        Property(name="key", required=True),
        Property(name="value"),
        Property(name="effect", kind=Choice(("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE")), required=True),
    )
)
_UPDATE_CONFIG = Struct(
    (
        Property(name="maxUnavailable", kind=Range(1, 100)),
        Property(name="maxUnavailablePercentage", kind=Range(1, 100)),
        Property(name="updateStrategy", kind=Choice(("DEFAULT", "MINIMAL")), computed=True),
    )
)
_REPAIR = Struct(
    (
        Property(name="enabled", kind=BOOL, default=False),
        Property(name="maxParallelNodesRepairedCount", kind=INT, computed=True),
        Property(name="maxParallelNodesRepairedPercentage", kind=INT, computed=True),
        Property(name="maxUnhealthyNodeThresholdCount", kind=INT, computed=True),
        Property(name="maxUnhealthyNodeThresholdPercentage", kind=INT, computed=True),
    )
)


def _template(scope: Scope) -> Any:
    """AWS answers a template's id and name, but refuses a request that says both."""
    template = given("launchTemplate")(scope)
    if isinstance(template, dict) and template.get("id") is not None:
        return {key: value for key, value in template.items() if key != "name"}
    return template


def _when_changed(name: str, leaf: Leaf) -> Leaf:
    return lambda scope: leaf(scope) if scope.changed(name) else None


def _labels(scope: Scope) -> Any:
    old, new = scope.old.get("labels") or {}, scope.new.get("labels") or {}
    added = {key: value for key, value in new.items() if old.get(key) != value}
    return _delta("Labels", added, sorted(old.keys() - new.keys()))


def _taints(scope: Scope) -> Any:
    old, new = scope.old.get("taints") or [], scope.new.get("taints") or []
    kept = {(taint["key"], taint["effect"]) for taint in new}
    added = [taint for taint in new if not any(equal(_TAINT, taint, other) for other in old)]
    return _delta("Taints", added, [taint for taint in old if (taint["key"], taint["effect"]) not in kept])


def _delta(what: str, added: Any, removed: Any) -> Values | None:
    delta = {f"addOrUpdate{what}": added, f"remove{what}": removed}
    return {key: value for key, value in delta.items() if value} or None


_OF_GROUP = {"clusterName": part("clusterName"), "nodegroupName": part("nodeGroupName")}

NODE_GROUP = Row(
    type="aws:eks/nodeGroup:NodeGroup",
    service="eks",
    execution="modelled",
    identity=Named(("clusterName", "nodeGroupName"), ":"),
    properties=(
        Property(name="clusterName", found="Group.clusterName", required=True, replaces=_GROUP),
        Property(name="nodeGroupName", found="Group.nodegroupName", computed=True, replaces=_GROUP),
        Property(name="nodeRoleArn", found="Group.nodeRole", required=True, replaces=_GROUP),
        Property(name="subnetIds", kind=TEXT_SET, found="Group.subnets", required=True, replaces=_GROUP),
        Property(name="scalingConfig", kind=_SCALING, found="Group.scalingConfig", required=True),
        Property(name="amiType", found="Group.amiType", computed=True, replaces=_GROUP),
        Property(
            name="capacityType",
            kind=Choice(("ON_DEMAND", "SPOT", "CAPACITY_BLOCK")),
            found="Group.capacityType",
            computed=True,
            replaces=_GROUP,
        ),
        Property(name="diskSize", kind=INT, found="Group.diskSize", computed=True, replaces=_GROUP),
        Property(name="instanceTypes", kind=TEXTS, found="Group.instanceTypes", computed=True, replaces=_GROUP),
        Property(name="launchTemplate", kind=_TEMPLATE, found="Group.launchTemplate"),
        Property(name="labels", kind=TEXT_MAP, found="Group.labels"),
        Property(name="taints", kind=ListOf(_TAINT, ordered=False), found="Group.taints"),
        Property(name="updateConfig", kind=_UPDATE_CONFIG, found="Group.updateConfig", computed=True),
        Property(name="nodeRepairConfig", kind=_REPAIR, found="Group.nodeRepairConfig", computed=True),
        Property(name="version", found="Group.version", computed=True),
        Property(name="releaseVersion", found="Group.releaseVersion", computed=True),
        Property(name="forceUpdateVersion", kind=BOOL),
        Property(name="arn", found="Group.nodegroupArn", output=True),
        Property(name="status", found="Group.status", output=True),
        Property(
            name="resources",
            found="[{autoscalingGroups: Group.resources.autoScalingGroups[].{name: name}}]",
            output=True,
        ),
    ),
    autoname=Autoname("nodeGroupName", limit=63),
    create=(
        Call(
            "CreateNodegroup",
            {
                **_OF_GROUP,
                "nodeRole": given("nodeRoleArn"),
                "subnets": given("subnetIds"),
                "scalingConfig": given("scalingConfig"),
                "amiType": given("amiType"),
                "capacityType": given("capacityType"),
                "diskSize": given("diskSize"),
                "instanceTypes": given("instanceTypes"),
                "launchTemplate": _template,
                "labels": given("labels"),
                "taints": given("taints"),
                "updateConfig": given("updateConfig"),
                "nodeRepairConfig": given("nodeRepairConfig"),
                "version": given("version"),
                "releaseVersion": given("releaseVersion"),
                "tags": new_tags("map"),
            },
        ),
    ),
    read=(Read("DescribeNodegroup", _OF_GROUP, "nodegroup", "Group"),),
    update=(
        Update(
            ("launchTemplate", "version", "releaseVersion"),
            (
                Call(
                    "UpdateNodegroupVersion",
                    {
                        **_OF_GROUP,
                        "version": _when_changed("version", given("version")),
                        "releaseVersion": _when_changed("releaseVersion", given("releaseVersion")),
                        "launchTemplate": _template,
                        "force": given("forceUpdateVersion"),
                    },
                ),
            ),
        ),
        Update(
            ("labels", "taints", "scalingConfig", "updateConfig", "nodeRepairConfig"),
            (
                Call(
                    "UpdateNodegroupConfig",
                    {
                        **_OF_GROUP,
                        "labels": _labels,
                        "taints": _taints,
                        "scalingConfig": _when_changed("scalingConfig", given("scalingConfig")),
                        "updateConfig": _when_changed("updateConfig", given("updateConfig")),
                        "nodeRepairConfig": _when_changed("nodeRepairConfig", given("nodeRepairConfig")),
                    },
                ),
            ),
        ),
    ),
    delete=(Call("DeleteNodegroup", _OF_GROUP),),
    tagging=arn_tagging("Group.tags", lambda scope: scope.search("Group.nodegroupArn")),
    pending="contains(['CREATING', 'UPDATING', 'DELETING'], Group.status)",
    ill=issues("Group", "CREATE_FAILED", "DEGRADED"),
)

_POD_IDENTITY = Struct((Property(name="roleArn", required=True), Property(name="serviceAccount", required=True)))
_OF_ADDON = {"clusterName": part("clusterName"), "addonName": part("addonName")}


def _associations(scope: Scope) -> Any:
    """On an update an empty list removes what is there."""
    wanted = given("podIdentityAssociations")(scope)
    return [] if wanted is None and scope.old.get("podIdentityAssociations") else wanted


ADDON = Row(
    type="aws:eks/addon:Addon",
    service="eks",
    execution="modelled",
    identity=Named(("clusterName", "addonName"), ":"),
    properties=(
        Property(name="clusterName", found="Addon.clusterName", required=True, replaces=_ADDON),
        Property(name="addonName", found="Addon.addonName", required=True, replaces=_ADDON),
        Property(name="addonVersion", found="Addon.addonVersion", computed=True),
        Property(name="configurationValues", kind=JSON, found="Addon.configurationValues", computed=True),
        Property(name="podIdentityAssociations", kind=ListOf(_POD_IDENTITY, ordered=False), found="Associations"),
        Property(name="serviceAccountRoleArn", found="Addon.serviceAccountRoleArn"),
        Property(name="resolveConflictsOnCreate", kind=Choice(("NONE", "OVERWRITE"))),
        Property(name="resolveConflictsOnUpdate", kind=Choice(("NONE", "OVERWRITE", "PRESERVE"))),
        Property(name="preserve", kind=BOOL),
        Property(name="arn", found="Addon.addonArn", output=True),
        Property(name="createdAt", found="Addon.createdAt", output=True),
        Property(name="modifiedAt", found="Addon.modifiedAt", output=True),
    ),
    create=(
        Call(
            "CreateAddon",
            {
                **_OF_ADDON,
                "addonVersion": given("addonVersion"),
                "configurationValues": given("configurationValues"),
                "podIdentityAssociations": given("podIdentityAssociations"),
                "serviceAccountRoleArn": given("serviceAccountRoleArn"),
                "resolveConflicts": given("resolveConflictsOnCreate"),
                "tags": new_tags("map"),
            },
        ),
    ),
    read=(
        Read("DescribeAddon", _OF_ADDON, "addon", "Addon"),
        # The add-on only names its associations, by ARN.
        Read(
            "DescribePodIdentityAssociation",
            {"clusterName": part("clusterName"), "associationId": lambda scope: str(scope.item).rsplit("/", 1)[-1]},
            "association",
            "Associations",
            each="Addon.podIdentityAssociations",
        ),
    ),
    update=(
        Update(
            ("addonVersion", "configurationValues", "podIdentityAssociations", "serviceAccountRoleArn"),
            (
                Call(
                    "UpdateAddon",
                    {
                        **_OF_ADDON,
                        "addonVersion": _when_changed("addonVersion", given("addonVersion")),
                        "configurationValues": _when_changed("configurationValues", given("configurationValues")),
                        "podIdentityAssociations": _when_changed("podIdentityAssociations", _associations),
                        "serviceAccountRoleArn": given("serviceAccountRoleArn"),
                        "resolveConflicts": given("resolveConflictsOnUpdate"),
                    },
                ),
            ),
        ),
    ),
    delete=(Call("DeleteAddon", {**_OF_ADDON, "preserve": given("preserve")}),),
    tagging=arn_tagging("Addon.tags", lambda scope: scope.search("Addon.addonArn")),
    pending="contains(['CREATING', 'UPDATING', 'DELETING'], Addon.status)",
    # waitAddonCreated: DEGRADED is pending, for 20 minutes.
    settling="Addon.status == 'DEGRADED'",
    ill=issues("Addon", "DEGRADED", "CREATE_FAILED", "UPDATE_FAILED"),
)

ROWS = (NODE_GROUP, ADDON)
