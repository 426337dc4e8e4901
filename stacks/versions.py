"""Every version that the program pins: Kubernetes, and the EKS add-ons for each Kubernetes minor.

Before a change, ask AWS what it offers:
    aws eks describe-addon-versions --kubernetes-version 1.35 --addon-name coredns
"""

from types import MappingProxyType

# Kubernetes minors in EKS standard support that the add-on table below covers, oldest first.
# docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions-standard.html
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
