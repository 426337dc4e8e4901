"""EKS cluster updates: one kind a call, one minor a time, and what cannot be taken back."""

from __future__ import annotations

from embedded.aws.account import Account
from embedded.aws.models.eks_state import EksCluster
from embedded.aws.models.eks_updates import kinds_of_update
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict
from embedded.aws.refusals.eks_clusters import existing, minor, subnets_of, wanted_subnets

_API = "https://docs.aws.amazon.com/eks/latest/APIReference/API_"
_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")


def _several_updates(_: Account, call: Call) -> Verdict:
    return {} if len(kinds_of_update(call.parameters)) > 1 else None


def _no_change(_: Account, call: Call, cluster: EksCluster) -> Verdict:
    given = call.parameters.get("resourcesVpcConfig", {})
    now = cluster.facts["resourcesVpcConfig"]
    if not given or any(now.get(key) != value for key, value in given.items()):
        return None
    return {
        "private": str(now["endpointPrivateAccess"]).lower(),
        "public": str(now["endpointPublicAccess"]).lower(),
        "ranges": ", ".join(now["publicAccessCidrs"]),
    }


def _no_logging_change(_: Account, call: Call, cluster: EksCluster) -> Verdict:
    setups = call.parameters.get("logging", {}).get("clusterLogging", [])
    now = {kind: it["enabled"] for it in cluster.facts["logging"]["clusterLogging"] for kind in it["types"]}
    wanted = {kind: it.get("enabled", False) for it in setups for kind in it.get("types", [])}
    return {} if setups and all(now[kind] == on for kind, on in wanted.items()) else None


def _mode_backwards(_: Account, call: Call, cluster: EksCluster) -> Verdict:
    wanted = call.parameters.get("accessConfig", {}).get("authenticationMode")
    now = cluster.facts["accessConfig"]["authenticationMode"]
    one_step = wanted is None or _MODES.index(wanted) == _MODES.index(now) + 1
    return None if one_step else {"now": now, "wanted": wanted}


def _other_zones(account: Account, call: Call, cluster: EksCluster) -> Verdict:
    def zones(idents: list[str]) -> set[str]:
        return {subnet.availability_zone for subnet in subnets_of(account, call, idents)}

    wanted, now = wanted_subnets(call), cluster.facts["resourcesVpcConfig"]["subnetIds"]
    return {"zones": ", ".join(sorted(zones(now)))} if wanted and not zones(wanted) <= zones(now) else None


def _version_jump(_: Account, call: Call, cluster: EksCluster) -> Verdict:
    wanted, now = call.parameters["version"], cluster.facts["version"]
    return None if minor(wanted) == minor(now) + 1 else {"now": now, "wanted": wanted}


def _nodes_behind(_: Account, call: Call, cluster: EksCluster) -> Verdict:
    wanted = call.parameters["version"]
    behind = [name for name, it in cluster.nodegroups.items() if minor(wanted) - minor(it["version"]) > 3]
    return {"groups": ", ".join(behind)} if behind else None


def _encrypted(_: Account, __: Call, cluster: EksCluster) -> Verdict:
    return {"name": cluster.name} if cluster.facts.get("encryptionConfig") else None


_CONFIGURE = ("UpdateClusterConfig",)
_INVALID = "InvalidParameterException"

TABLE = (
    Refusal(
        _CONFIGURE,
        _several_updates,
        _INVALID,
        "Only one type of update can be allowed.",
        "https://github.com/aws/aws-cdk/issues/21439",
    ),
    Refusal(
        _CONFIGURE,
        existing(_no_change),
        _INVALID,
        "Cluster is already at the desired configuration with endpointPrivateAccess: {private} , "
        "endpointPublicAccess: {public}, and Public Endpoint Restrictions: [{ranges}]",
        f"{_API}UpdateClusterConfig.html",
    ),
    Refusal(
        _CONFIGURE,
        existing(_no_logging_change),
        _INVALID,
        "No changes needed for the logging config provided",
        f"{_API}UpdateClusterConfig.html",
    ),
    Refusal(
        _CONFIGURE,
        existing(_mode_backwards),
        _INVALID,
        "Unsupported authentication mode update from {now} to {wanted}",
        "https://github.com/pulumi/pulumi-eks/issues/1493, https://github.com/aws/aws-cdk/issues/31032",
    ),
    Refusal(
        _CONFIGURE,
        existing(_other_zones),
        _INVALID,
        "Provided subnets must belong to the AZs of the cluster's creation: {zones}",
        "https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
    ),
    Refusal(
        ("UpdateClusterVersion",),
        existing(_version_jump),
        _INVALID,
        "Unsupported Kubernetes minor version update from {now} to {wanted}",
        "https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html",
    ),
    Refusal(
        ("UpdateClusterVersion",),
        existing(_nodes_behind),
        "InvalidRequestException",
        "Nodegroups {groups} must be updated first: kubelets may be three minor versions behind at most",
        "https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html",
    ),
    Refusal(
        ("AssociateEncryptionConfig",),
        existing(_encrypted),
        "ResourceInUseException",
        "Encryption config is already associated with cluster {name}",
        "https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html",
        409,
    ),
)
