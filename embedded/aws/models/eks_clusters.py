"""EKS clusters: create, describe, list, delete, and the security group and log group EKS makes for them."""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.moto_api._internal import mock_random

from embedded.aws.account import ACCOUNT_ID, Account
from embedded.aws.models.certificates import authority
from embedded.aws.models.ec2_tags import forget
from embedded.aws.models.eks_access import add_creator
from embedded.aws.models.eks_state import EksCluster, Facts, arn, cluster_of, eks, in_use, now, page
from embedded.aws.models.eks_versions import DEFAULT_MINOR, MINORS
from embedded.aws.protocol import Call

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
# Fields that DescribeCluster answers as they were given, when they were.
_ECHOED = (
    "encryptionConfig",
    "remoteNetworkConfig",
    "computeConfig",
    "storageConfig",
    "kubeApiServerConfig",
    "kubeSchedulerConfig",
    "kubeControllerManagerConfig",
)
_GROUP_DESCRIPTION = (
    "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, "
    "as well as any managed workloads."
)


def create_cluster(account: Account, call: Call) -> Facts:
    """CreateCluster: ACTIVE at once, with the network, log group and access entry EKS makes beside it."""
    given = call.parameters
    name = given["name"]
    if name in eks(account, call).clusters:
        raise in_use(f"Cluster already exists with name: {name}")
    cluster = EksCluster(_facts(account, call), given.get("bootstrapSelfManagedAddons", True))
    eks(account, call).clusters[name] = cluster
    if cluster.uses_access_entries and cluster.facts["accessConfig"]["bootstrapClusterCreatorAdminPermissions"]:
        add_creator(cluster, call)
    ensure_log_group(account, call, cluster)
    return {"cluster": cluster.facts}


def _facts(account: Account, call: Call) -> Facts:
    given = call.parameters
    version = given.get("version", DEFAULT_MINOR)
    ident = "".join(mock_random.choice("0123456789ABCDEF") for _ in range(32))
    access = {"bootstrapClusterCreatorAdminPermissions": True, "authenticationMode": "CONFIG_MAP"}
    return {
        "name": given["name"],
        "arn": arn(call, "cluster", given["name"]),
        "createdAt": now(),
        "version": version,
        "platformVersion": MINORS[version].platform,
        "endpoint": f"https://{ident}.gr7.{call.region}.eks.amazonaws.com",
        "identity": {"oidc": {"issuer": f"https://oidc.eks.{call.region}.amazonaws.com/id/{ident}"}},
        "certificateAuthority": {"data": authority(now())},
        "roleArn": given["roleArn"],
        "resourcesVpcConfig": _network(account, call),
        "kubernetesNetworkConfig": _addresses(account, call),
        "logging": logging(given.get("logging", {})),
        "status": "ACTIVE",
        "health": {"issues": []},
        "tags": given.get("tags", {}),
        "accessConfig": access | given.get("accessConfig", {}),
        "upgradePolicy": {"supportType": "EXTENDED"} | given.get("upgradePolicy", {}),
        "zonalShiftConfig": {"enabled": False} | given.get("zonalShiftConfig", {}),
        "deletionProtection": given.get("deletionProtection", False),
        "controlPlaneScalingConfig": {"tier": "standard"} | given.get("controlPlaneScalingConfig", {}),
    } | {field: given[field] for field in _ECHOED if field in given}


def _network(account: Account, call: Call) -> Facts:
    given = call.parameters["resourcesVpcConfig"]
    ec2 = account.moto("ec2", call.region)
    vpc_id = ec2.get_subnet(given["subnetIds"][0]).vpc_id
    return {
        "subnetIds": given["subnetIds"],
        "securityGroupIds": given.get("securityGroupIds", []),
        "clusterSecurityGroupId": _security_group(ec2, call.parameters["name"], vpc_id),
        "vpcId": vpc_id,
        "endpointPublicAccess": given.get("endpointPublicAccess", True),
        "endpointPrivateAccess": given.get("endpointPrivateAccess", False),
        "publicAccessCidrs": given.get("publicAccessCidrs", ["0.0.0.0/0"]),
        "controlPlaneEgressMode": given.get("controlPlaneEgressMode", "AWS_MANAGED"),
    }


def _security_group(ec2: Any, cluster: str, vpc_id: str) -> str:
    """The group EKS makes for control plane and nodes: anything among its members, anything out.

    https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
    """
    name = f"eks-cluster-sg-{cluster}-{mock_random.randint(10**8, 10**10)}"
    tags = {"Name": name, f"kubernetes.io/cluster/{cluster}": "owned", "aws:eks:cluster-name": cluster}
    group = ec2.create_security_group(name, _GROUP_DESCRIPTION, vpc_id=vpc_id, tags=tags)
    members = [{"GroupId": group.id, "UserId": ACCOUNT_ID}]
    ec2.authorize_security_group_ingress(group.id, "-1", None, None, [], source_groups=members, vpc_id=vpc_id)
    return str(group.id)


def _addresses(account: Account, call: Call) -> Facts:
    given = call.parameters.get("kubernetesNetworkConfig", {})
    ec2 = account.moto("ec2", call.region)
    vpc = ec2.get_vpc(ec2.get_subnet(call.parameters["resourcesVpcConfig"]["subnetIds"][0]).vpc_id)
    # Without a range of the user's, EKS takes the one of its two that is not the VPC's.
    # https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
    inside_ten = ipaddress.ip_network(vpc.cidr_block).overlaps(ipaddress.ip_network("10.0.0.0/8"))
    services = "172.20.0.0/16" if inside_ten else "10.100.0.0/16"
    answer: Facts = {"ipFamily": "ipv4", "elasticLoadBalancing": {"enabled": False}} | given
    family = {"serviceIpv6Cidr": "fd00:ec2::/108"} if answer["ipFamily"] == "ipv6" else {"serviceIpv4Cidr": services}
    return family | answer


def logging(given: Facts) -> Facts:
    """The logging section as DescribeCluster answers it: types that are on, types that are off."""
    on = {kind for setup in given.get("clusterLogging", []) if setup.get("enabled") for kind in setup.get("types", [])}
    parts = ([kind for kind in LOG_TYPES if kind in on], [kind for kind in LOG_TYPES if kind not in on])
    setups = [
        {"types": kinds, "enabled": enabled} for kinds, enabled in zip(parts, (True, False), strict=True) if kinds
    ]
    return {"clusterLogging": setups}


def ensure_log_group(account: Account, call: Call, cluster: EksCluster) -> None:
    """EKS makes the log group of a cluster that logs, when nobody has; deleting the cluster leaves it behind."""
    name = f"/aws/eks/{cluster.name}/cluster"
    logs = account.moto("logs", call.region)
    if cluster.facts["logging"]["clusterLogging"][0]["enabled"] and name not in logs.groups:
        logs.create_log_group(name, {})


def describe_cluster(account: Account, call: Call) -> Facts:
    """DescribeCluster."""
    return {"cluster": cluster_of(account, call).facts}


def list_clusters(account: Account, call: Call) -> Facts:
    """ListClusters."""
    return page(call, "clusters", sorted(eks(account, call).clusters))


def delete_cluster(account: Account, call: Call) -> Facts:
    """DeleteCluster: gone at once, and with it its security group, add-ons, access entries and pod identities."""
    cluster = cluster_of(account, call)
    group = cluster.facts["resourcesVpcConfig"]["clusterSecurityGroupId"]
    account.moto("ec2", call.region).delete_security_group(group_id=group)
    forget(account, call.region, [group])
    del eks(account, call).clusters[cluster.name]
    return {"cluster": cluster.facts | {"status": "DELETING"}}
