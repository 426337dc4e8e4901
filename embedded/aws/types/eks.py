"""EKS: clusters."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, CIDR, TEXT_SET, Choice, ListOf
from embedded.aws.properties import Property, Struct, removed
from embedded.aws.rows import Autoname, Call, Leaf, Named, Read, Row, Scope, Update, given, own_id
from embedded.aws.tags import arn_tagging, new_tags
from embedded.aws.types.sources import terraform

_CLUSTER = terraform("eks/cluster.go")
_LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")

_ACCESS = Struct(
    (
        Property(
            name="authenticationMode",
            kind=Choice(("API", "API_AND_CONFIG_MAP", "CONFIG_MAP")),
            computed=True,
        ),
        Property(name="bootstrapClusterCreatorAdminPermissions", kind=BOOL, default=True, replaces=_CLUSTER),
    )
)
_NETWORK = Struct(
    (
        Property(name="subnetIds", kind=TEXT_SET, required=True),
        Property(name="securityGroupIds", kind=TEXT_SET),
        Property(name="endpointPrivateAccess", kind=BOOL, default=False),
        Property(name="endpointPublicAccess", kind=BOOL, default=True),
        Property(name="publicAccessCidrs", kind=ListOf(CIDR, ordered=False), computed=True),
        Property(name="clusterSecurityGroupId", output=True),
        Property(name="vpcId", output=True),
    )
)
_ADDRESSES = Struct(
    (
        Property(name="ipFamily", kind=Choice(("ipv4", "ipv6")), computed=True, replaces=_CLUSTER),
        Property(name="serviceIpv4Cidr", kind=CIDR, computed=True, replaces=_CLUSTER),
        Property(name="serviceIpv6Cidr", output=True),
    )
)
_KEY = Struct((Property(name="keyArn", required=True),))
_ENCRYPTION = Struct(
    (
        Property(name="provider", kind=_KEY, required=True),
        Property(name="resources", kind=TEXT_SET, required=True),
    )
)
_SUPPORT = Struct((Property(name="supportType", kind=Choice(("STANDARD", "EXTENDED")), computed=True),))
_SHIFT = Struct((Property(name="enabled", kind=BOOL),))
_SCALING = Struct((Property(name="tier", computed=True),))


def issues(path: str, *statuses: str) -> Any:
    """What AWS says is wrong with an object at `path` whose status is one of `statuses`."""

    def ill(scope: Scope) -> list[str]:
        status = scope.search(f"{path}.status")
        if status not in statuses:
            return []
        found = scope.search(f"{path}.health.issues") or []
        return [f"{status}: {issue['code']}: {issue['message']}" for issue in found] or [str(status)]

    return ill


def _logging(scope: Scope) -> Any:
    """All log types, those wanted switched on; nothing if none is wanted from the start."""
    wanted = scope.value("enabledClusterLogTypes") or []
    if not wanted and not scope.old:
        return None
    others = [kind for kind in _LOG_TYPES if kind not in wanted]
    setups = ({"types": wanted, "enabled": True}, {"types": others, "enabled": False})
    return {"clusterLogging": [setup for setup in setups if setup["types"]]}


def _change(on: str | tuple[str, ...], parameters: dict[str, Leaf | Any]) -> Update:
    # AWS takes one kind of change per call.
    paths = (on,) if isinstance(on, str) else on
    return Update(paths, (Call("UpdateClusterConfig", {"name": own_id, **parameters}),))


_ENDPOINT = ("endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs")
_PLACES = ("subnetIds", "securityGroupIds")


def _network(*members: str) -> Update:
    picked = {member: given("vpcConfig", member) for member in members}
    return _change(tuple(f"vpcConfig.{member}" for member in members), {"resourcesVpcConfig": picked})


CLUSTER = Row(
    type="aws:eks/cluster:Cluster",
    service="eks",
    execution="modelled",
    identity=Named(("name",)),
    # Auto Mode, Outposts and hybrid nodes are not served.
    properties=(
        Property(name="name", found="Cluster.name", computed=True, replaces=_CLUSTER),
        Property(name="roleArn", found="Cluster.roleArn", required=True, replaces=_CLUSTER),
        Property(name="version", found="Cluster.version", computed=True),
        Property(name="vpcConfig", kind=_NETWORK, found="Cluster.resourcesVpcConfig", required=True),
        Property(name="accessConfig", kind=_ACCESS, found="Cluster.accessConfig", computed=True),
        Property(
            name="kubernetesNetworkConfig", kind=_ADDRESSES, found="Cluster.kubernetesNetworkConfig", computed=True
        ),
        Property(
            name="encryptionConfig",
            kind=ListOf(_ENCRYPTION, single=True),
            found="Cluster.encryptionConfig",
            replaces=terraform("eks/cluster.go", "ForceNewIfChange, when removed"),
            replaces_if=removed,
        ),
        Property(
            name="enabledClusterLogTypes",
            kind=ListOf(Choice(_LOG_TYPES), ordered=False),
            found="Cluster.logging.clusterLogging[?enabled].types | []",
        ),
        Property(name="upgradePolicy", kind=_SUPPORT, found="Cluster.upgradePolicy", computed=True),
        Property(name="zonalShiftConfig", kind=_SHIFT, found="Cluster.zonalShiftConfig"),
        Property(
            name="controlPlaneScalingConfig", kind=_SCALING, found="Cluster.controlPlaneScalingConfig", computed=True
        ),
        Property(name="deletionProtection", kind=BOOL, found="Cluster.deletionProtection", default=False),
        Property(name="bootstrapSelfManagedAddons", kind=BOOL, default=True, replaces=_CLUSTER),
        Property(name="forceUpdateVersion", kind=BOOL),
        Property(name="arn", found="Cluster.arn", output=True),
        Property(name="endpoint", found="Cluster.endpoint", output=True),
        Property(name="certificateAuthority", found="Cluster.certificateAuthority", output=True),
        Property(name="identities", found="[{oidcs: [{issuer: Cluster.identity.oidc.issuer}]}]", output=True),
        Property(name="platformVersion", found="Cluster.platformVersion", output=True, moves_with=("version",)),
        Property(name="status", found="Cluster.status", output=True),
        Property(name="createdAt", found="Cluster.createdAt", output=True),
    ),
    autoname=Autoname("name", limit=100),
    create=(
        Call(
            "CreateCluster",
            {
                "name": given("name"),
                "roleArn": given("roleArn"),
                "version": given("version"),
                "resourcesVpcConfig": given("vpcConfig"),
                "accessConfig": given("accessConfig"),
                "kubernetesNetworkConfig": given("kubernetesNetworkConfig"),
                "encryptionConfig": given("encryptionConfig"),
                "logging": _logging,
                "upgradePolicy": given("upgradePolicy"),
                "zonalShiftConfig": given("zonalShiftConfig"),
                "controlPlaneScalingConfig": given("controlPlaneScalingConfig"),
                "deletionProtection": given("deletionProtection"),
                "bootstrapSelfManagedAddons": given("bootstrapSelfManagedAddons"),
                "tags": new_tags("map"),
            },
        ),
    ),
    read=(Read("DescribeCluster", {"name": own_id}, "cluster", "Cluster"),),
    update=(
        Update(
            ("version",),
            (
                Call(
                    "UpdateClusterVersion",
                    {"name": own_id, "version": given("version"), "force": given("forceUpdateVersion")},
                ),
            ),
        ),
        _change(
            "accessConfig.authenticationMode",
            {"accessConfig": {"authenticationMode": given("accessConfig", "authenticationMode")}},
        ),
        Update(
            ("encryptionConfig",),
            (
                Call(
                    "AssociateEncryptionConfig",
                    {"clusterName": own_id, "encryptionConfig": given("encryptionConfig")},
                ),
            ),
        ),
        _change("enabledClusterLogTypes", {"logging": _logging}),
        _change("deletionProtection", {"deletionProtection": given("deletionProtection")}),
        _change("upgradePolicy", {"upgradePolicy": given("upgradePolicy")}),
        _change(
            "zonalShiftConfig",
            {
                "zonalShiftConfig": {
                    "enabled": lambda scope: bool((scope.value("zonalShiftConfig") or {}).get("enabled"))
                }
            },
        ),
        _change("controlPlaneScalingConfig", {"controlPlaneScalingConfig": given("controlPlaneScalingConfig")}),
        _network(*_ENDPOINT),
        _network(*_PLACES),
    ),
    delete=(Call("DeleteCluster", {"name": own_id}),),
    tagging=arn_tagging("Cluster.tags", lambda scope: scope.search("Cluster.arn")),
    pending="contains(['CREATING', 'UPDATING', 'PENDING'], Cluster.status)",
    ill=issues("Cluster", "FAILED"),
)

ROWS = (CLUSTER,)
