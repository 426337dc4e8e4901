"""Pure: what the VPC CNI add-on is told, so that pods take their addresses from subnets of their own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from components.network.addresses import WARM_PREFIXES

# docs.aws.amazon.com/eks/latest/userguide/cni-custom-network.html and cni-increase-ip-addresses.html. The node's zone
# label picks the ENIConfig of that name; a node takes whole /28 prefixes, one of them ahead of need, which saves a call
# to EC2 for most pods.
POD_SUBNET_ENVIRONMENT = MappingProxyType(
    {
        "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true",
        "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone",
        "ENABLE_PREFIX_DELEGATION": "true",
        "WARM_PREFIX_TARGET": str(WARM_PREFIXES),
    }
)


def cni_configuration(region: str, pod_subnets: Mapping[str, Any]) -> dict[str, Any]:
    """Values for the vpc-cni add-on; `pod_subnets` are ids by zone, none where pods share the nodes' subnets.

    The ENIConfigs name no security groups: pods' interfaces then carry those of their node's first interface.
    """
    if not pod_subnets:
        return {}
    subnets = {zone: {"id": id_} for zone, id_ in pod_subnets.items()}
    return {
        "env": dict(POD_SUBNET_ENVIRONMENT),
        "eniConfig": {"create": True, "region": region, "subnets": subnets},
    }
