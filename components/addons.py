"""Addons: EKS add-ons that need no rights on AWS of their own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pulumi
import pulumi_aws as aws

# A node without CNI never becomes ready, and a pod started before the identity agent never gets its AWS rights.
BEFORE_NODES = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
# These are Deployments: without a node to run on, EKS reports them DEGRADED after 20 minutes.
AFTER_NODES = ("coredns", "metrics-server")

CONFIGURATION: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    # The VPC CNI enforces NetworkPolicies only when asked to; its schema wants the text "true".
    {"vpc-cni": {"enableNetworkPolicy": "true"}}
)


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    """`versions` maps each add-on's name to its full version ("v1.21.1-eksbuild.8"); `after` must be there first."""

    cluster_name: pulumi.Input[str]
    versions: Mapping[str, str]
    after: tuple[pulumi.Resource, ...] = ()


class Addons(pulumi.ComponentResource):
    """A set of add-ons that may be made side by side."""

    def __init__(self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:cluster:Addons", name, None, opts)
        for addon_name, version in args.versions.items():
            addon(f"{name}-{addon_name}", args.cluster_name, addon_name, version, self, args.after)
        self.register_outputs({})


def addon(
    logical_name: str,
    cluster_name: pulumi.Input[str],
    addon_name: str,
    version: str,
    parent: pulumi.Resource,
    after: tuple[pulumi.Resource, ...],
) -> aws.eks.Addon:
    """One add-on, made after `after`; what it finds of its own kind in the cluster it takes over."""
    configuration = CONFIGURATION.get(addon_name)
    return aws.eks.Addon(
        logical_name,
        cluster_name=cluster_name,
        addon_name=addon_name,
        addon_version=version,
        configuration_values=None if configuration is None else json.dumps(configuration, sort_keys=True),
        # Nobody patches these objects by hand, so a conflict is a leftover and the declared figure wins.
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(after)),
    )
