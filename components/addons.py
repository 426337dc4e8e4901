"""Addons: EKS add-ons that need no rights on AWS of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pulumi
import pulumi_aws as aws

from components.kube.placement import ZONE

# A node without CNI never becomes ready, and a pod started before the identity agent never gets its AWS rights.
BEFORE_NODES = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
# These are Deployments: without a node to run on, EKS reports them DEGRADED after 20 minutes.
AFTER_NODES = ("coredns", "metrics-server")

# Keys and types are those that EKS DescribeAddonConfiguration gives for each add-on's version.
CONFIGURATION: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        # The VPC CNI enforces NetworkPolicies only when asked to; its schema wants the text "true".
        "vpc-cni": {"enableNetworkPolicy": "true"},
        # docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html: EKS keeps a replica for every 16 nodes or
        # 256 vCPUs, so ten serve 160 nodes. The add-on's own tolerations stay: the system pool has no taint.
        "coredns": {
            "autoScaling": {"enabled": True, "minReplicas": 2, "maxReplicas": 10},
            "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": ZONE,
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                }
            ],
        },
        # One alone would leave every HorizontalPodAutoscaler blind while its node is replaced.
        "metrics-server": {"replicas": 2, "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1}},
    }
)


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    """`versions` maps each add-on's name to its full version ("v1.21.1-eksbuild.8"); `after` must be there first.

    `configuration` holds values by add-on that only the region knows, over those of CONFIGURATION, such as the subnets
    of pods; they may still be to come.
    """

    cluster_name: pulumi.Input[str]
    versions: Mapping[str, str]
    configuration: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    after: tuple[pulumi.Resource, ...] = ()


class Addons(pulumi.ComponentResource):
    """A set of add-ons that may be made side by side."""

    def __init__(self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:cluster:Addons", name, None, opts)
        for addon_name, version in args.versions.items():
            values = args.configuration.get(addon_name, {})
            addon(f"{name}-{addon_name}", args.cluster_name, addon_name, version, self, args.after, values)
        self.register_outputs({})


def addon(
    logical_name: str,
    cluster_name: pulumi.Input[str],
    addon_name: str,
    version: str,
    parent: pulumi.Resource,
    after: tuple[pulumi.Resource, ...],
    values: Mapping[str, Any] = MappingProxyType({}),
) -> aws.eks.Addon:
    """One add-on, made after `after`; what it finds of its own kind in the cluster it takes over.

    `values` are put over those of CONFIGURATION, key by key.
    """
    configuration = {**CONFIGURATION.get(addon_name, {}), **values}
    return aws.eks.Addon(
        logical_name,
        cluster_name=cluster_name,
        addon_name=addon_name,
        addon_version=version,
        configuration_values=pulumi.Output.json_dumps(configuration, sort_keys=True) if configuration else None,
        # Nobody patches these objects by hand, so a conflict is a leftover and the declared figure wins.
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(after)),
    )
