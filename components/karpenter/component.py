"""Karpenter: makes nodes for pods that fit nowhere, and takes them back, within the bounds of its pools."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.charts import KARPENTER, KARPENTER_CRD, install
from components.game.sessions import DRAIN
from components.karpenter.interruption import Interruption, InterruptionArgs
from components.karpenter.roles import NAMESPACE, SERVICE_ACCOUNT, KarpenterRoles, KarpenterRolesArgs
from components.karpenter.specs import (
    CLASS_GROUP,
    CLASS_KIND,
    CLASS_VERSION,
    NODE_CLASS,
    KarpenterPool,
    PeakHours,
    chart_values,
    node_class,
    node_pools,
)

# Deleting a NodePool drains its nodes, each as slowly as its players leave; then the instances have to end.
INSTANCE_END_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class KarpenterArgs:
    """`prefix` is the cluster's own name and begins all others; `release` is that of the image, as for managed nodes.

    `tags` go on every instance and volume, which the provider's default tags do not reach. `image_rights` is the policy
    by which nodes fill the region's image cache, None without one. `after` is what the controller needs and what must
    outlive it: nodes of a managed pool, cluster DNS, the network, the nodes' security group with the discovery tag.
    `subnets` are ids; without any, nodes stand in those with the cluster's discovery tag.
    `nodes_after` is what must outlive the nodes that it makes: Karpenter ends none whose volumes are still attached, so
    the driver that detaches them.
    """

    prefix: str
    cluster_name: pulumi.Input[str]
    region: str
    account_id: pulumi.Input[str]
    zones: tuple[str, ...]
    release: str
    pools: Mapping[str, KarpenterPool]
    peak: PeakHours
    zonal_shift: bool
    tags: Mapping[str, str]
    subnets: tuple[pulumi.Input[str], ...] = ()
    image_rights: pulumi.Input[str] | None = None
    after: tuple[pulumi.Resource, ...] = ()
    nodes_after: tuple[pulumi.Resource, ...] = ()


class Karpenter(pulumi.ComponentResource):
    """Rights, queue, charts, node class and pools; taken down in exactly the opposite order.

    A pool goes before the class, both before the controller, which ends their nodes, and that before its CRDs, its
    rights and its queue: otherwise a finalizer waits for somebody who is gone, and instances stay that nobody owns.
    """

    def __init__(self, name: str, args: KarpenterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:karpenter:Karpenter", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        interruption = Interruption(name, InterruptionArgs(prefix=args.prefix), self._child)
        roles = self._roles(name, args, interruption)
        controller = self._controller(name, args, interruption, roles)
        class_ = self._node_class(name, args, roles, controller)
        specs = node_pools(args.pools, args.zones, args.peak, DRAIN.node_grace_seconds)
        for pool, spec in specs.items():
            self._node_pool(name, pool, spec, (class_, controller, *args.nodes_after))
        self.register_outputs({})

    def _roles(self, name: str, args: KarpenterArgs, interruption: Interruption) -> KarpenterRoles:
        roles = KarpenterRolesArgs(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            region=args.region,
            account_id=args.account_id,
            queue_arn=interruption.queue_arn,
            image_rights=args.image_rights,
        )
        return KarpenterRoles(name, roles, self._child)

    def _controller(
        self, name: str, args: KarpenterArgs, interruption: Interruption, roles: KarpenterRoles
    ) -> k8s.helm.v3.Release:
        crds = install(
            f"{name}-karpenter-crd",
            KARPENTER_CRD,
            name="karpenter-crd",
            namespace=NAMESPACE,
            values={},
            parent=self,
            after=(interruption, roles, *args.after),
        )
        # Credentials are put into a pod when it is admitted: the rights come first, as all of `crds` does.
        return install(
            f"{name}-karpenter",
            KARPENTER,
            name=SERVICE_ACCOUNT,  # the chart calls the service account as it calls the release
            namespace=NAMESPACE,
            values=chart_values(
                args.cluster_name, interruption.queue_name, region=args.region, zonal_shift=args.zonal_shift
            ),
            parent=self,
            after=(crds, interruption, roles, *args.after),
            skip_crds=True,
        )

    def _node_class(
        self, name: str, args: KarpenterArgs, roles: KarpenterRoles, controller: pulumi.Resource
    ) -> k8s.apiextensions.CustomResource:
        return k8s.apiextensions.CustomResource(
            f"{name}-karpenter-{NODE_CLASS}",
            api_version=f"{CLASS_GROUP}/{CLASS_VERSION}",
            kind=CLASS_KIND,
            metadata=k8s.meta.v1.ObjectMetaArgs(name=NODE_CLASS),
            spec=node_class(args.prefix, roles.node_role_name, args.release, args.tags, args.subnets),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[controller]),
        )

    def _node_pool(self, name: str, pool: str, spec: Mapping[str, Any], after: tuple[pulumi.Resource, ...]) -> None:
        k8s.apiextensions.CustomResource(
            f"{name}-karpenter-pool-{pool}",
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=pool),
            spec=spec,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(after),
                custom_timeouts=pulumi.CustomTimeouts(delete=f"{DRAIN.node_grace_seconds + INSTANCE_END_SECONDS}s"),
            ),
        )
