"""EKS clusters: what they cannot be made of, changed to, or deleted with."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any

from embedded.aws.account import Account
from embedded.aws.models.eks_state import Eks, EksCluster
from embedded.aws.models.eks_versions import MINORS
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict

_API = "https://docs.aws.amazon.com/eks/latest/APIReference/API_"
# EKS takes the tags IAM takes: https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html#tag-restrictions
_TAG = re.compile(r"[\w .:/=+\-@]*")


def existing(check: Callable[[Account, Call, EksCluster], Verdict]) -> Callable[[Account, Call], Verdict]:
    """A check for clusters that are there; where there is none, the operation itself says so."""

    def checked(account: Account, call: Call) -> Verdict:
        name = call.parameters.get("clusterName", call.parameters.get("name", ""))
        cluster = account.model(Eks, call.region).clusters.get(name)
        return None if cluster is None else check(account, call, cluster)

    return checked


def trusts(account: Account, arn: str, service: str) -> bool | None:
    """Whether the role trusts an AWS service; None where there is no such role."""
    roles = account.moto("iam", "us-east-1").roles.values()
    role = next((role for role in roles if role.arn == arn), None)
    if role is None:
        return None
    document = role.assume_role_policy_document
    statements = (json.loads(document) if isinstance(document, str) else document).get("Statement", [])
    principals = [it.get("Principal", {}) for it in (statements if isinstance(statements, list) else [statements])]
    services = [it.get("Service", []) for it in principals if isinstance(it, dict)]
    return any(service in ([it] if isinstance(it, str) else it) for it in services)


def minor(version: str) -> int:
    """35 of "1.35"."""
    return int(version.split(".")[1])


def _unknown_version(_: Account, call: Call) -> Verdict:
    version = call.parameters.get("version")
    return {"version": version} if version is not None and version not in MINORS else None


def _unusable_role(account: Account, call: Call) -> Verdict:
    arn = call.parameters["roleArn"]
    return None if trusts(account, arn, "eks.amazonaws.com") else {"roleArn": arn}


def subnets_of(account: Account, call: Call, idents: list[str]) -> list[Any]:
    """Moto's subnets of these ids that exist."""
    zones = account.moto("ec2", call.region).subnets.values()
    return [subnets[ident] for ident in idents for subnets in zones if ident in subnets]


def wanted_subnets(call: Call) -> list[str]:
    """The subnets a call gives a cluster."""
    wanted: list[str] = call.parameters.get("resourcesVpcConfig", {}).get("subnetIds", [])
    return wanted


def missing_subnets(account: Account, call: Call, idents: list[str]) -> Verdict:
    """The ids of subnets that are not there, for a message."""
    there = {subnet.id for subnet in subnets_of(account, call, idents)}
    missing = [ident for ident in idents if ident not in there]
    return {"missing": ", ".join(missing)} if missing else None


def _missing_subnets(account: Account, call: Call) -> Verdict:
    return missing_subnets(account, call, wanted_subnets(call))


def _one_zone(account: Account, call: Call) -> Verdict:
    wanted = wanted_subnets(call)
    zones = {subnet.availability_zone for subnet in subnets_of(account, call, wanted)}
    return {} if (wanted or call.operation == "CreateCluster") and len(zones) < 2 else None


def _several_networks(account: Account, call: Call) -> Verdict:
    networks = {subnet.vpc_id for subnet in subnets_of(account, call, wanted_subnets(call))}
    return {} if len(networks) > 1 else None


def _missing_groups(account: Account, call: Call) -> Verdict:
    ec2 = account.moto("ec2", call.region)
    wanted = call.parameters.get("resourcesVpcConfig", {}).get("securityGroupIds", [])
    missing = [ident for ident in wanted if ec2.get_security_group_from_id(ident) is None]
    return {"missing": ", ".join(missing)} if missing else None


def _unusable_key(account: Account, call: Call) -> Verdict:
    for config in call.parameters.get("encryptionConfig", []):
        arn = config.get("provider", {}).get("keyArn", "")
        keys = account.moto("kms", call.region).keys.values()
        if not any(key.arn == arn and key.key_state == "Enabled" for key in keys):
            return {"keyArn": arn}
    return None


def _services_overlap(account: Account, call: Call) -> Verdict:
    services = call.parameters.get("kubernetesNetworkConfig", {}).get("serviceIpv4Cidr")
    subnets = subnets_of(account, call, wanted_subnets(call))
    if not services or not subnets:
        return None
    vpc = account.moto("ec2", call.region).get_vpc(subnets[0].vpc_id)
    overlap = ipaddress.ip_network(services, strict=False).overlaps(ipaddress.ip_network(vpc.cidr_block))
    return {"services": services} if overlap else None


def _bad_tags(_: Account, call: Call) -> Verdict:
    for key, value in call.parameters.get("tags", {}).items():
        if key.startswith("aws:") or not _TAG.fullmatch(key) or not _TAG.fullmatch(value) or len(value) > 256:
            return {"key": key, "value": value}
    return None


def _protected(_: Account, __: Call, cluster: EksCluster) -> Verdict:
    return {"name": cluster.name} if cluster.facts["deletionProtection"] else None


def _has_nodegroups(_: Account, __: Call, cluster: EksCluster) -> Verdict:
    return {} if cluster.nodegroups else None


_INVALID = "InvalidParameterException"

TABLE = (
    Refusal(
        ("CreateCluster", "UpdateClusterVersion"),
        _unknown_version,
        _INVALID,
        "unsupported Kubernetes version: {version}",
        "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
    ),
    Refusal(
        ("CreateCluster",),
        _unusable_role,
        _INVALID,
        "Role with arn: {roleArn}, could not be assumed because it does not exist or the trusted entity is not correct",
        "https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html",
    ),
    Refusal(
        ("CreateCluster", "UpdateClusterConfig"),
        _missing_subnets,
        _INVALID,
        "The subnet ID '{missing}' does not exist",
        f"{_API}VpcConfigRequest.html",
    ),
    Refusal(
        ("CreateCluster", "UpdateClusterConfig"),
        _one_zone,
        _INVALID,
        "Subnets specified must be in at least two different AZs",
        "https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
    ),
    Refusal(
        ("CreateCluster", "UpdateClusterConfig"),
        _several_networks,
        _INVALID,
        "Subnets provided must be from the same VPC",
        "https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
    ),
    Refusal(
        ("CreateCluster", "UpdateClusterConfig"),
        _missing_groups,
        _INVALID,
        "The security group '{missing}' does not exist",
        f"{_API}VpcConfigRequest.html",
    ),
    Refusal(
        ("CreateCluster", "AssociateEncryptionConfig"),
        _unusable_key,
        _INVALID,
        "The keyArn in encryptionConfig provider is not found or not enabled: {keyArn}",
        "https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html",
    ),
    Refusal(
        ("CreateCluster",),
        _services_overlap,
        _INVALID,
        "The service CIDR {services} overlaps with the CIDR of the cluster's VPC",
        f"{_API}KubernetesNetworkConfigRequest.html",
    ),
    Refusal(
        (
            "CreateCluster",
            "CreateNodegroup",
            "CreateAddon",
            "CreateAccessEntry",
            "CreatePodIdentityAssociation",
            "TagResource",
        ),
        _bad_tags,
        _INVALID,
        "Invalid tag {key}={value}: keys and values take letters, digits, spaces and + - = . _ : / @ only",
        "https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html#tag-restrictions",
    ),
    Refusal(
        ("DeleteCluster",),
        existing(_protected),
        "InvalidRequestException",
        "Cluster {name} cannot be deleted because deletion protection is enabled",
        "https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html",
    ),
    Refusal(
        ("DeleteCluster",),
        existing(_has_nodegroups),
        "ResourceInUseException",
        "Cluster has nodegroups attached",
        f"{_API}DeleteCluster.html",
        409,
    ),
)
