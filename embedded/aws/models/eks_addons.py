"""EKS add-ons: installed, updated, removed, with their pod identities; what versions there are."""

from __future__ import annotations

import re
from typing import Any

from embedded.aws.account import Account
from embedded.aws.models.eks_pod_identity import associate
from embedded.aws.models.eks_state import (
    EksCluster,
    Facts,
    arn,
    cluster_of,
    in_use,
    not_found,
    now,
    page,
    record_update,
    unique,
)
from embedded.aws.models.eks_versions import ADDONS, AddonFacts
from embedded.aws.protocol import Call

_GIVEN = ("serviceAccountRoleArn", "configurationValues")
_UPDATE_PARAMETERS = {
    "addonVersion": "AddonVersion",
    "serviceAccountRoleArn": "ServiceAccountRoleArn",
    "resolveConflicts": "ResolveConflicts",
    "configurationValues": "ConfigurationValues",
    "podIdentityAssociations": "PodIdentityAssociations",
}
_NO_NODES = {
    "code": "InsufficientNumberOfReplicas",
    "message": "The add-on is unhealthy because it doesn't have the desired number of replicas.",
}


def minor_of(cluster: EksCluster) -> str:
    """The Kubernetes minor of a cluster ("1.35")."""
    return str(cluster.facts["version"])


def create_addon(account: Account, call: Call) -> Facts:
    """CreateAddon: the default version for the cluster's minor unless one is given."""
    cluster, given = cluster_of(account, call), call.parameters
    name = given["addonName"]
    if name in cluster.addons:
        raise in_use("Addon already exists.")
    offered = ADDONS[name]
    facts: Facts = {
        "addonName": name,
        "clusterName": cluster.name,
        "addonVersion": given.get("addonVersion", offered.versions[minor_of(cluster)][0]),
        "addonArn": arn(call, "addon", cluster.name, name, unique()),
        "createdAt": now(),
        "modifiedAt": now(),
        "tags": given.get("tags", {}),
        "namespaceConfig": {"namespace": given.get("namespaceConfig", {}).get("namespace", offered.namespace)},
    }
    cluster.addons[name] = facts | {key: given[key] for key in _GIVEN if key in given}
    _own_identities(cluster, call, cluster.addons[name], given.get("podIdentityAssociations", []))
    return {"addon": _answer(cluster, name)}


def _own_identities(cluster: EksCluster, call: Call, addon: Facts, wanted: list[dict[str, Any]]) -> None:
    """Make the add-on's associations anew: EKS owns them, and they go when the add-on goes."""
    owner = addon["addonArn"]
    cluster.pod_identities = {
        ident: facts for ident, facts in cluster.pod_identities.items() if facts.get("ownerArn") != owner
    }
    namespace = addon["namespaceConfig"]["namespace"]
    made = [
        associate(cluster, call, namespace, it["serviceAccount"], roleArn=it["roleArn"], ownerArn=owner)
        for it in wanted
    ]
    addon["podIdentityAssociations"] = [facts["associationArn"] for facts in made]


def _answer(cluster: EksCluster, name: str) -> Facts:
    """The add-on with its state now: a Deployment stands or falls with the nodes that can run it."""
    starved = ADDONS[name].needs_nodes and not any(_schedulable(group) for group in cluster.nodegroups.values())
    ill = starved or name in cluster.settling
    state = {"status": "DEGRADED" if ill else "ACTIVE", "health": {"issues": [_NO_NODES] if ill else []}}
    return cluster.addons[name] | state


def _schedulable(group: Facts) -> bool:
    taints = {taint["effect"] for taint in group["taints"]}
    return (
        group["status"] == "ACTIVE" and group["scalingConfig"]["desiredSize"] > 0 and taints <= {"PREFER_NO_SCHEDULE"}
    )


def _name(cluster: EksCluster, call: Call) -> str:
    name = str(call.parameters["addonName"])
    if name not in cluster.addons:
        raise not_found(f"No addon: {name} found in cluster: {cluster.name}")
    return name


def describe_addon(account: Account, call: Call) -> Facts:
    """DescribeAddon: DEGRADED while it has no node to run on, or has not settled."""
    cluster = cluster_of(account, call)
    name = _name(cluster, call)
    answer = _answer(cluster, name)
    if name in cluster.settling:
        cluster.settling[name] -= 1
        if not cluster.settling[name]:
            del cluster.settling[name]
    return {"addon": answer}


def list_addons(account: Account, call: Call) -> Facts:
    """ListAddons."""
    return page(call, "addons", sorted(cluster_of(account, call).addons))


def update_addon(account: Account, call: Call) -> Facts:
    """UpdateAddon: what is not given stays; an empty list of pod identities removes them."""
    cluster, given = cluster_of(account, call), call.parameters
    name = _name(cluster, call)
    addon = cluster.addons[name]
    addon |= {key: given[key] for key in ("addonVersion", *_GIVEN) if key in given} | {"modifiedAt": now()}
    if "podIdentityAssociations" in given:
        _own_identities(cluster, call, addon, given["podIdentityAssociations"])
    changed = {kind: given[key] for key, kind in _UPDATE_PARAMETERS.items() if key in given}
    return {"update": record_update(cluster, "AddonUpdate", changed, about=name)}


def delete_addon(account: Account, call: Call) -> Facts:
    """DeleteAddon, with the pod identities it owns."""
    cluster = cluster_of(account, call)
    name = _name(cluster, call)
    answer = _answer(cluster, name) | {"status": "DELETING"}
    _own_identities(cluster, call, cluster.addons[name], [])
    del cluster.addons[name]
    cluster.settling.pop(name, None)
    return {"addon": answer}


def describe_addon_versions(_: Account, call: Call) -> Facts:
    """DescribeAddonVersions of the add-ons this account knows."""
    wanted, minor = call.parameters.get("addonName"), call.parameters.get("kubernetesVersion")
    found = [_versions(name, facts, minor) for name, facts in ADDONS.items() if wanted in (None, name)]
    return page(call, "addons", [it for it in found if it["addonVersions"]])


def _versions(name: str, facts: AddonFacts, minor: str | None) -> Facts:
    minors = {
        version: [it for it, versions in facts.versions.items() if version in versions]
        for versions in facts.versions.values()
        for version in versions
    }
    answer = [
        {
            "addonVersion": version,
            "architecture": ["amd64", "arm64"],
            "compatibilities": [
                {
                    "clusterVersion": it,
                    "platformVersions": ["*"],
                    "defaultVersion": facts.versions[it][0] == version,
                }
                for it in fitting
                if minor in (None, it)
            ],
            "requiresConfiguration": False,
            "requiresIamPermissions": name in ("vpc-cni", "aws-ebs-csi-driver"),
        }
        for version, fitting in sorted(minors.items(), key=lambda item: _order(item[0]), reverse=True)
        if minor is None or minor in fitting
    ]
    return {"addonName": name, "type": facts.kind, "publisher": "eks", "owner": "aws", "addonVersions": answer}


def _order(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
