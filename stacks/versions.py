"""What the program pins for each Kubernetes minor: EKS add-ons, nodes' image, autoscaler; and the ends of its support.

Before a change, ask AWS what it offers:
    aws eks describe-cluster-versions
    aws eks describe-addon-versions --kubernetes-version 1.35 --addon-name coredns
    aws ssm get-parameter --query Parameter.Value --name \\
        /aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/release_version
"""

from datetime import date
from types import MappingProxyType
from typing import NamedTuple

# By Kubernetes minor, oldest first.
_ADDONS = {
    # Defaults that EKS DescribeAddonVersions gave in May 2026.
    "1.33": {
        "vpc-cni": "v1.20.5-eksbuild.1",
        "kube-proxy": "v1.33.10-eksbuild.2",
        "coredns": "v1.12.4-eksbuild.10",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
        "aws-ebs-csi-driver": "v1.59.0-eksbuild.1",
        "metrics-server": "v0.8.1-eksbuild.6",
    },
    # Defaults that EKS DescribeAddonVersions gave in May 2026.
    "1.34": {
        "vpc-cni": "v1.20.5-eksbuild.1",
        "kube-proxy": "v1.34.6-eksbuild.2",
        "coredns": "v1.12.4-eksbuild.10",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
        "aws-ebs-csi-driver": "v1.59.0-eksbuild.1",
        "metrics-server": "v0.8.1-eksbuild.6",
    },
    # Newest that EKS DescribeAddonVersions gave in May 2026.
    "1.35": {
        "vpc-cni": "v1.21.1-eksbuild.8",
        "kube-proxy": "v1.35.3-eksbuild.5",
        "coredns": "v1.14.2-eksbuild.4",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
        "aws-ebs-csi-driver": "v1.59.0-eksbuild.1",
        "metrics-server": "v0.8.1-eksbuild.6",
    },
}

KUBERNETES_VERSIONS = tuple(_ADDONS)
ADDONS = MappingProxyType({minor: MappingProxyType(versions) for minor, versions in _ADDONS.items()})

# Releases of the EKS image for Amazon Linux 2023, x86-64 and Arm alike: <Kubernetes patch>-<day>. Without one EKS takes
# the newest at birth, and two groups of a region would differ by the day they were made. A newer one rolls the nodes,
# one by one. github.com/awslabs/amazon-eks-ami/releases
NODE_RELEASES = MappingProxyType(
    {"1.33": "1.33.8-20260304", "1.34": "1.34.7-20260512", "1.35": "1.35.4-20260512"},
)

# The cluster-autoscaler simulates the scheduler of one minor, which must be the cluster's. Tags of
# registry.k8s.io/autoscaling/cluster-autoscaler: registry.k8s.io/images/k8s-staging-autoscaling in kubernetes/k8s.io.
CLUSTER_AUTOSCALERS = MappingProxyType({"1.33": "v1.33.3", "1.34": "v1.34.2", "1.35": "v1.35.0"})


class SupportEnds(NamedTuple):
    """The days on which EKS's support of a Kubernetes minor has ended (UTC)."""

    standard: date
    extended: date


# docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html#kubernetes-release-calendar
SUPPORT_ENDS = MappingProxyType(
    {
        "1.33": SupportEnds(date(2026, 7, 29), date(2027, 7, 29)),
        "1.34": SupportEnds(date(2026, 12, 2), date(2027, 12, 2)),
        "1.35": SupportEnds(date(2027, 3, 27), date(2028, 3, 27)),
    }
)
