"""EKS managed node groups: created, configured, moved to another version or launch template, deleted."""

from __future__ import annotations

from typing import Any

from embedded.aws.account import Account
from embedded.aws.models.eks_access import add_entry
from embedded.aws.models.eks_state import (
    EksCluster,
    Facts,
    arn,
    cluster_of,
    in_use,
    nodegroup_of,
    now,
    page,
    record_update,
    unique,
)
from embedded.aws.models.eks_versions import BOTTLEROCKET_RELEASE, MINORS
from embedded.aws.protocol import Call

DEFAULT_AMI_TYPE = "AL2023_x86_64_STANDARD"
_CNI_POLICY = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
_ECHOED = ("labels", "remoteAccess", "nodeRepairConfig", "warmPoolConfig")
_UNHEALTHY = {
    "code": "NodeCreationFailure",
    "message": "Unhealthy nodes in the kubernetes cluster: network not ready: cni plugin not initialized",
}


def create_nodegroup(account: Account, call: Call) -> Facts:
    """CreateNodegroup: ACTIVE at once, or CREATE_FAILED where no network plugin would let a node become ready.

    For that it must be there and have its rights.
    """
    cluster, given = cluster_of(account, call), call.parameters
    name = given["nodegroupName"]
    if name in cluster.nodegroups:
        raise in_use(f"NodeGroup already exists with name {name} and cluster name {cluster.name}")
    group = _facts(account, call, cluster)
    cluster.nodegroups[name] = group
    role = given["nodeRole"]
    if cluster.uses_access_entries and role not in cluster.access:
        # https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
        kind = "EC2_WINDOWS" if group["amiType"].startswith("WINDOWS") else "EC2_LINUX"
        add_entry(cluster, call, role, kind).own = True
    return {"nodegroup": group}


def _facts(account: Account, call: Call, cluster: EksCluster) -> Facts:
    given = call.parameters
    version, ident = str(given.get("version", cluster.facts["version"])), unique()
    template = _template(account, call)
    plugin = cluster.self_managed_addons or "vpc-cni" in cluster.addons
    ready = plugin and _may_give_addresses(account, call, _role_of_cni(cluster, given["nodeRole"]))
    ami_type = given.get("amiType", "CUSTOM" if template and template[1] else DEFAULT_AMI_TYPE)
    facts: Facts = {
        "nodegroupName": given["nodegroupName"],
        "nodegroupArn": arn(call, "nodegroup", cluster.name, given["nodegroupName"], ident),
        "clusterName": cluster.name,
        "version": version,
        "releaseVersion": given.get("releaseVersion", release(ami_type, version)),
        "createdAt": now(),
        "modifiedAt": now(),
        "status": "ACTIVE" if ready else "CREATE_FAILED",
        "capacityType": given.get("capacityType", "ON_DEMAND"),
        "scalingConfig": {"minSize": 1, "maxSize": 2, "desiredSize": 2} | given.get("scalingConfig", {}),
        "subnets": given["subnets"],
        "amiType": ami_type,
        "nodeRole": given["nodeRole"],
        "labels": {},
        "taints": given.get("taints", []),
        "resources": {"autoScalingGroups": [{"name": f"eks-{given['nodegroupName']}-{ident}"}]},
        "health": {"issues": [] if ready else [_UNHEALTHY]},
        "updateConfig": given.get("updateConfig", {"maxUnavailable": 1}),
        "tags": given.get("tags", {}),
    }
    # The launch template says what it says: EKS then answers neither disk nor, unless given here, instance types.
    if template is None:
        facts |= {"diskSize": given.get("diskSize", 20), "instanceTypes": given.get("instanceTypes", ["t3.medium"])}
    else:
        facts |= {"launchTemplate": template[0], "instanceTypes": given.get("instanceTypes", [])}
    return facts | {key: given[key] for key in _ECHOED if key in given}


def _role_of_cni(cluster: EksCluster, node_role: str) -> str | None:
    """Whom the CNI's pods act as; None where an agent that is not there would have to tell them.

    https://docs.aws.amazon.com/eks/latest/userguide/cni-iam-role.html
    """
    for identity in cluster.pod_identities.values():
        if (identity["namespace"], identity["serviceAccount"]) == ("kube-system", "aws-node"):
            return str(identity["roleArn"]) if "eks-pod-identity-agent" in cluster.addons else None
    return str(cluster.addons.get("vpc-cni", {}).get("serviceAccountRoleArn", node_role))


def _may_give_addresses(account: Account, call: Call, role_arn: str | None) -> bool:
    """By AWS's own policy; inline ones are taken at their word."""
    roles = account.moto("iam", call.region).roles.values()
    return any(_CNI_POLICY in role.managed_policies or role.policies for role in roles if role.arn == role_arn)


def release(ami_type: str, version: str) -> str:
    """The newest release of an AMI type for a Kubernetes minor; for a custom image EKS has none but the minor."""
    if ami_type == "CUSTOM":
        return version
    return BOTTLEROCKET_RELEASE if ami_type.startswith("BOTTLEROCKET") else MINORS[version].node_release


def _template(account: Account, call: Call) -> tuple[Facts, str] | None:
    """The launch template of a call as DescribeNodegroup answers it, and the image it names ("" for none)."""
    given = call.parameters.get("launchTemplate")
    if given is None:
        return None
    found = launch_template(account, call, given)
    number = template_version(found, given).number
    image = found.get_version(number).data.get("ImageId", "")
    return {"id": found.id, "name": found.name, "version": str(number)}, image


def template_version(template: Any, given: Facts) -> Any:
    """Moto's version of a launch template that `given` names: a number, $Latest, or (unless named) $Default."""
    return template.get_version(given.get("version", "$Default"))


def launch_template(account: Account, call: Call, given: dict[str, Any]) -> Any:
    """Moto's launch template that `given` names by id or name, or None."""
    templates = account.moto("ec2", call.region).launch_templates
    if "id" in given:
        return templates.get(given["id"])
    return next((it for it in templates.values() if it.name == given.get("name")), None)


def describe_nodegroup(account: Account, call: Call) -> Facts:
    """DescribeNodegroup."""
    return {"nodegroup": nodegroup_of(cluster_of(account, call), call)}


def list_nodegroups(account: Account, call: Call) -> Facts:
    """ListNodegroups."""
    return page(call, "nodegroups", sorted(cluster_of(account, call).nodegroups))


def update_nodegroup_config(account: Account, call: Call) -> Facts:
    """UpdateNodegroupConfig: labels, taints, sizes, update and repair settings."""
    cluster, given = cluster_of(account, call), call.parameters
    group = nodegroup_of(cluster, call)
    changed = _relabel(group, given.get("labels", {})) | _retaint(group, given.get("taints", {}))
    if "scalingConfig" in given:
        group["scalingConfig"] = group["scalingConfig"] | given["scalingConfig"]
        changed |= {key[0].upper() + key[1:]: value for key, value in given["scalingConfig"].items()}
    for key in ("updateConfig", "nodeRepairConfig", "warmPoolConfig"):
        if key in given:
            group[key] = given[key]
            changed |= {_PARAMETER.get(name, "NodeRepairConfig"): value for name, value in given[key].items()}
    group["modifiedAt"] = now()
    return {"update": record_update(cluster, "ConfigUpdate", changed, about=group["nodegroupName"])}


def _relabel(group: Facts, labels: Facts) -> dict[str, Any]:
    if not labels:
        return {}
    added, removed = labels.get("addOrUpdateLabels", {}), labels.get("removeLabels", [])
    group["labels"] = {key: value for key, value in group["labels"].items() if key not in removed} | added
    return {"LabelsToAdd": added, "LabelsToRemove": removed}


def _retaint(group: Facts, taints: Facts) -> dict[str, Any]:
    if not taints:
        return {}
    added, removed = taints.get("addOrUpdateTaints", []), taints.get("removeTaints", [])
    gone = [_place(taint) for taint in added + removed]
    group["taints"] = [taint for taint in group["taints"] if _place(taint) not in gone] + added
    return {"TaintsToAdd": added, "TaintsToRemove": removed}


# Fields of the settings blocks -> types of update parameters, where EKS has one of its own.
_PARAMETER = {
    "maxUnavailable": "MaxUnavailable",
    "maxUnavailablePercentage": "MaxUnavailablePercentage",
    "updateStrategy": "UpdateStrategy",
    "enabled": "NodeRepairEnabled",
    "minSize": "WarmPoolMinSize",
    "maxGroupPreparedCapacity": "WarmPoolMaxGroupPreparedCapacity",
    "poolState": "WarmPoolState",
    "reuseOnScaleIn": "WarmPoolReuseOnScaleIn",
}


def _place(taint: dict[str, str]) -> tuple[str, str]:
    return taint["key"], taint["effect"]


def update_nodegroup_version(account: Account, call: Call) -> Facts:
    """UpdateNodegroupVersion: to the cluster's minor unless another is given, or to a launch template's version."""
    cluster, given = cluster_of(account, call), call.parameters
    group = nodegroup_of(cluster, call)
    changed: dict[str, Any] = {}
    template = _template(account, call)
    if template is not None:
        group["launchTemplate"] = template[0]
        changed["LaunchTemplateVersion"] = template[0]["version"]
    if template is None or "version" in given or "releaseVersion" in given:
        version = str(given.get("version", cluster.facts["version"]))
        group["version"] = version
        group["releaseVersion"] = given.get("releaseVersion", release(group["amiType"], version))
        changed |= {"Version": version, "ReleaseVersion": group["releaseVersion"]}
    group["modifiedAt"] = now()
    return {"update": record_update(cluster, "VersionUpdate", changed, about=group["nodegroupName"])}


def delete_nodegroup(account: Account, call: Call) -> Facts:
    """DeleteNodegroup: gone at once; the access entry EKS made for its role goes with the role's last group."""
    cluster = cluster_of(account, call)
    group = nodegroup_of(cluster, call)
    del cluster.nodegroups[group["nodegroupName"]]
    role = group["nodeRole"]
    still_used = any(it["nodeRole"] == role for it in cluster.nodegroups.values())
    if not still_used and role in cluster.access and cluster.access[role].own:
        del cluster.access[role]
    return {"nodegroup": group | {"status": "DELETING"}}
