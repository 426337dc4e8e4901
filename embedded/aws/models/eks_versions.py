"""What EKS offers: Kubernetes minors, add-on versions, node releases, access policies. Data only, oldest first.

To refresh, ask AWS: `aws eks describe-cluster-versions`, `aws eks describe-addon-versions`,
`aws eks list-access-policies`, and the SSM parameters
`/aws/service/eks/optimized-ami/<minor>/amazon-linux-2023/x86_64/standard/recommended/release_version`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Minor:
    """One Kubernetes minor: EKS platform version, newest AL2023 node release, and the days its support ends."""

    platform: str
    node_release: str
    released: date | None = None
    standard_until: date | None = None
    extended_until: date | None = None


# Days: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html#kubernetes-release-calendar, read
# April 2026 (1.36 came later and has none here). Platform versions: https://endoflife.date/amazon-eks, January 2026.
# Node releases: https://github.com/awslabs/amazon-eks-ami/releases, as users pinned them in 2026.
MINORS = {
    "1.30": Minor("eks.58", "1.30.14-20260714", date(2024, 5, 23), date(2025, 7, 23), date(2026, 7, 23)),
    "1.31": Minor("eks.50", "1.31.14-20260529", date(2024, 9, 26), date(2025, 11, 26), date(2026, 11, 26)),
    "1.32": Minor("eks.34", "1.32.13-20260529", date(2025, 1, 25), date(2026, 3, 23), date(2027, 3, 23)),
    "1.33": Minor("eks.27", "1.33.8-20260304", date(2025, 5, 28), date(2026, 7, 29), date(2027, 7, 29)),
    "1.34": Minor("eks.13", "1.34.7-20260512", date(2025, 10, 6), date(2026, 12, 2), date(2027, 12, 2)),
    "1.35": Minor("eks.3", "1.35.4-20260512", date(2026, 1, 28), date(2027, 3, 27), date(2028, 3, 27)),
    "1.36": Minor("eks.1", "1.36.0-20260901"),
}
DEFAULT_MINOR = "1.35"
BOTTLEROCKET_RELEASE = "1.60.0-c1f9ba0c"


@dataclass(frozen=True)
class AddonFacts:
    """An add-on: its kind, whether it needs a node before it is healthy, its versions per minor, default first."""

    kind: str
    needs_nodes: bool
    versions: dict[str, tuple[str, ...]]
    namespace: str = "kube-system"


def _everywhere(*versions: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(MINORS, versions)


# Versions: answers of DescribeAddonVersions in May to August 2026, as published in the pins of public repositories.
# needs_nodes: the add-on is a Deployment (a DaemonSet without nodes is healthy).
# https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
ADDONS = {
    "vpc-cni": AddonFacts(
        "networking",
        False,
        {
            "1.30": ("v1.20.5-eksbuild.1", "v1.21.1-eksbuild.1"),
            "1.31": ("v1.20.5-eksbuild.1", "v1.21.2-eksbuild.2", "v1.22.4-eksbuild.3"),
            "1.32": ("v1.20.5-eksbuild.1", "v1.21.2-eksbuild.2", "v1.22.4-eksbuild.3"),
            "1.33": ("v1.20.5-eksbuild.1", "v1.21.2-eksbuild.2", "v1.22.4-eksbuild.3"),
            "1.34": ("v1.20.5-eksbuild.1", "v1.21.1-eksbuild.8", "v1.22.4-eksbuild.3"),
            "1.35": ("v1.21.1-eksbuild.8", "v1.21.1-eksbuild.7", "v1.20.5-eksbuild.1", "v1.22.4-eksbuild.3"),
            "1.36": ("v1.21.2-eksbuild.2", "v1.22.4-eksbuild.3", "v1.23.1-eksbuild.1"),
        },
    ),
    "kube-proxy": AddonFacts(
        "networking",
        False,
        {
            "1.30": ("v1.30.14-eksbuild.28", "v1.30.14-eksbuild.20"),
            "1.31": ("v1.31.14-eksbuild.9", "v1.31.14-eksbuild.20"),
            "1.32": ("v1.32.13-eksbuild.5", "v1.32.13-eksbuild.16"),
            "1.33": ("v1.33.10-eksbuild.2", "v1.33.10-eksbuild.13"),
            "1.34": ("v1.34.6-eksbuild.2", "v1.34.6-eksbuild.13"),
            "1.35": ("v1.35.3-eksbuild.5", "v1.35.3-eksbuild.2", "v1.35.3-eksbuild.13"),
            "1.36": ("v1.36.0-eksbuild.7", "v1.36.0-eksbuild.14"),
        },
    ),
    "coredns": AddonFacts(
        "networking",
        True,
        {
            "1.30": ("v1.11.4-eksbuild.28",),
            "1.31": ("v1.11.4-eksbuild.33", "v1.11.4-eksbuild.40"),
            "1.32": ("v1.11.4-eksbuild.33", "v1.11.4-eksbuild.40"),
            "1.33": ("v1.12.4-eksbuild.10", "v1.12.4-eksbuild.18", "v1.13.2-eksbuild.4"),
            "1.34": ("v1.12.4-eksbuild.10", "v1.12.4-eksbuild.18", "v1.13.2-eksbuild.4"),
            "1.35": ("v1.14.2-eksbuild.4", "v1.13.2-eksbuild.4", "v1.14.3-eksbuild.3"),
            "1.36": ("v1.14.2-eksbuild.4", "v1.14.3-eksbuild.3"),
        },
    ),
    "eks-pod-identity-agent": AddonFacts("security", False, _everywhere("v1.3.10-eksbuild.3")),
    "aws-ebs-csi-driver": AddonFacts(
        "storage",
        True,
        _everywhere("v1.59.0-eksbuild.1", "v1.54.0-eksbuild.1", "v1.61.1-eksbuild.1", "v1.62.0-eksbuild.1"),
    ),
    "metrics-server": AddonFacts("observability", True, _everywhere("v0.8.1-eksbuild.6")),
    "eks-node-monitoring-agent": AddonFacts("observability", False, _everywhere("v1.6.6-eksbuild.1")),
}

# https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
ACCESS_POLICIES = (
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSAutoNodePolicy",
    "AmazonEKSBlockStorageClusterPolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSClusterInsightsPolicy",
    "AmazonEKSComputeClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSEventPolicy",
    "AmazonEKSHybridPolicy",
    "AmazonEKSLoadBalancingClusterPolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingClusterPolicy",
    "AmazonEKSNetworkingPolicy",
    "AmazonEKSSecretReaderPolicy",
    "AmazonEKSViewPolicy",
)
ACCESS_POLICY_ARN = "arn:aws:eks::aws:cluster-access-policy/"
