"""CniRights: what the VPC CNI may do on AWS, given to its own pods so that no node has it."""

from dataclasses import dataclass

import pulumi

from components.platform.pod_identity import PodIdentity, pod_identity

# Names that the add-on's own manifest gives; docs.aws.amazon.com/eks/latest/userguide/cni-iam-role.html
NAMESPACE = "kube-system"
SERVICE_ACCOUNT = "aws-node"


@dataclass(frozen=True, kw_only=True)
class CniRightsArgs:
    """`prefix` begins the role's name."""

    prefix: str
    cluster_name: pulumi.Input[str]


class CniRights(pulumi.ComponentResource):
    """Rights over network interfaces by Pod Identity; nodes come after it and go before it.

    A node is ready only once its CNI pod may give it addresses. The agent that hands out the rights needs none of them:
    it stands in the host's own network, and tolerates a node that is not ready.
    """

    def __init__(self, name: str, args: CniRightsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:network:CniRights", name, None, opts)
        identity = PodIdentity(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            controller="vpc-cni",
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
            rights="AmazonEKS_CNI_Policy",
        )
        pod_identity(name, identity, self)
        self.register_outputs({})
