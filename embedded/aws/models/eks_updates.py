"""EKS cluster updates: configuration, Kubernetes version, encryption; and the record of all updates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from embedded.aws.account import Account
from embedded.aws.models.eks_clusters import ensure_log_group, logging
from embedded.aws.models.eks_state import (
    EksCluster,
    Facts,
    cluster_of,
    nodegroup_of,
    not_found,
    now,
    page,
    record_update,
)
from embedded.aws.models.eks_versions import DEFAULT_MINOR, MINORS, Minor
from embedded.aws.protocol import Call

# Section of UpdateClusterConfig -> (type of update, type of its parameter).
# https://docs.aws.amazon.com/eks/latest/APIReference/API_Update.html
SECTIONS = {
    "logging": ("LoggingUpdate", "ClusterLogging"),
    "accessConfig": ("AccessConfigUpdate", "AuthenticationMode"),
    "upgradePolicy": ("UpgradePolicyUpdate", "UpgradePolicy"),
    "zonalShiftConfig": ("ZonalShiftConfigUpdate", "ZonalShiftConfig"),
    "computeConfig": ("AutoModeUpdate", "ComputeConfig"),
    "storageConfig": ("AutoModeUpdate", "StorageConfig"),
    "kubernetesNetworkConfig": ("AutoModeUpdate", "KubernetesNetworkConfig"),
    "remoteNetworkConfig": ("RemoteNetworkConfigUpdate", "RemoteNetworkConfig"),
    "deletionProtection": ("DeletionProtectionUpdate", "DeletionProtection"),
    "controlPlaneScalingConfig": ("ControlPlaneScalingConfigUpdate", "UpdatedTier"),
    "kubeApiServerConfig": ("ControlPlaneComponentConfigUpdate", "KubeApiServerConfig"),
    "kubeSchedulerConfig": ("ControlPlaneComponentConfigUpdate", "KubeSchedulerConfig"),
    "kubeControllerManagerConfig": ("ControlPlaneComponentConfigUpdate", "KubeControllerManagerConfig"),
}
NETWORK_FIELDS = {
    "subnetIds": ("VpcConfigUpdate", "Subnets"),
    "securityGroupIds": ("VpcConfigUpdate", "SecurityGroups"),
    "endpointPublicAccess": ("EndpointAccessUpdate", "EndpointPublicAccess"),
    "endpointPrivateAccess": ("EndpointAccessUpdate", "EndpointPrivateAccess"),
    "publicAccessCidrs": ("EndpointAccessUpdate", "PublicAccessCidrs"),
    "controlPlaneEgressMode": ("ControlPlaneEgressUpdate", "ControlPlaneEgressMode"),
}


def kinds_of_update(parameters: Facts) -> set[str]:
    """The types of update one UpdateClusterConfig call asks for."""
    kinds = {kind for section, (kind, _) in SECTIONS.items() if section in parameters}
    return kinds | {NETWORK_FIELDS[key][0] for key in parameters.get("resourcesVpcConfig", {})}


def update_cluster_config(account: Account, call: Call) -> Facts:
    """UpdateClusterConfig: one type of update a call, as the refusal table sees to."""
    cluster, given = cluster_of(account, call), call.parameters
    changed: dict[str, Any] = {}
    for key, value in given.get("resourcesVpcConfig", {}).items():
        cluster.facts["resourcesVpcConfig"][key] = value
        changed[NETWORK_FIELDS[key][1]] = value
    for section in SECTIONS.keys() & given.keys():
        cluster.facts[section] = _merged(cluster.facts.get(section), section, given[section])
        changed[SECTIONS[section][1]] = given[section]
    if "logging" in given:
        ensure_log_group(account, call, cluster)
    (kind,) = kinds_of_update(given) or {"ConfigUpdate"}
    return {"update": record_update(cluster, kind, changed)}


def _merged(old: Any, section: str, new: Any) -> Any:
    if section == "logging":
        states = {kind: setup["enabled"] for setup in old["clusterLogging"] for kind in setup["types"]}
        states |= {kind: setup["enabled"] for setup in new["clusterLogging"] for kind in setup.get("types", [])}
        return logging({"clusterLogging": [{"types": [kind], "enabled": on} for kind, on in states.items()]})
    return old | new if isinstance(old, dict) and isinstance(new, dict) else new


def update_cluster_version(account: Account, call: Call) -> Facts:
    """UpdateClusterVersion: one minor up."""
    cluster = cluster_of(account, call)
    version = call.parameters["version"]
    cluster.facts |= {"version": version, "platformVersion": MINORS[version].platform}
    return {"update": record_update(cluster, "VersionUpdate", {"Version": version})}


def associate_encryption_config(account: Account, call: Call) -> Facts:
    """AssociateEncryptionConfig: once, and for good."""
    cluster = cluster_of(account, call)
    config = call.parameters["encryptionConfig"]
    cluster.facts["encryptionConfig"] = config
    return {"update": record_update(cluster, "AssociateEncryptionConfig", {"EncryptionConfig": config})}


def _about(account: Account, call: Call) -> tuple[EksCluster, str]:
    """The cluster, and the node group or add-on (else "") whose updates a call asks for."""
    cluster, given = cluster_of(account, call), call.parameters
    if "nodegroupName" in given:
        return cluster, str(nodegroup_of(cluster, call)["nodegroupName"])
    if given.get("addonName", "") and given["addonName"] not in cluster.addons:
        raise not_found(f"No addon: {given['addonName']} found in cluster: {cluster.name}")
    return cluster, str(given.get("addonName", ""))


def describe_update(account: Account, call: Call) -> Facts:
    """DescribeUpdate."""
    cluster, about = _about(account, call)
    ident = call.parameters["updateId"]
    for of, update in cluster.updates:
        if (of, update["id"]) == (about, ident):
            return {"update": update}
    raise not_found(f"No update found for ID: {ident}")


def list_updates(account: Account, call: Call) -> Facts:
    """ListUpdates of a cluster, node group or add-on, newest first."""
    cluster, about = _about(account, call)
    return page(call, "updateIds", [update["id"] for of, update in reversed(cluster.updates) if of == about])


def describe_cluster_versions(_: Account, call: Call) -> Facts:
    """DescribeClusterVersions, newest first; the state of support is that of the call's time."""
    given = call.parameters
    wanted, today = given.get("clusterVersions"), now().date()
    answers = [_version(minor, facts, _support(facts, today)) for minor, facts in reversed(MINORS.items())]
    tests: list[Callable[[Facts], bool]] = [lambda it: not wanted or it["clusterVersion"] in wanted]
    if given.get("defaultOnly"):
        tests.append(lambda it: bool(it["defaultVersion"]))
    if "versionStatus" in given:
        tests.append(lambda it: it["versionStatus"] == given["versionStatus"])
    return page(call, "clusterVersions", [it for it in answers if all(test(it) for test in tests)])


def _support(facts: Minor, today: Any) -> str:
    if facts.standard_until is None or today <= facts.standard_until:
        return "STANDARD_SUPPORT"
    if facts.extended_until is None or today <= facts.extended_until:
        return "EXTENDED_SUPPORT"
    return "UNSUPPORTED"


def _version(minor: str, facts: Minor, support: str) -> Facts:
    days = {
        "releaseDate": facts.released,
        "endOfStandardSupportDate": facts.standard_until,
        "endOfExtendedSupportDate": facts.extended_until,
    }
    stamps = {key: datetime(day.year, day.month, day.day, tzinfo=UTC) for key, day in days.items() if day}
    return {
        "clusterVersion": minor,
        "clusterType": "eks",
        "defaultPlatformVersion": facts.platform,
        "defaultVersion": minor == DEFAULT_MINOR,
        "status": support.lower().replace("_", "-"),
        "versionStatus": support,
        "kubernetesPatchVersion": facts.node_release.split("-")[0],
    } | stamps
