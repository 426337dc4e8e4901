"""What serves a region's worlds inside the cluster: each part where the settings ask for it, after what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.game.entrance import Entrance
from components.game.world import GameWorlds
from components.karpenter.component import Karpenter, KarpenterArgs
from components.mesh.mesh import Mesh
from components.monitoring.monitoring import Monitoring
from components.network.facts import RegionNetwork
from components.operations.buckets import Buckets, BucketsArgs
from components.operations.budget import Budget, BudgetArgs
from components.operations.namespaces import Namespaces
from components.platform.cluster_autoscaler import ClusterAutoscaler, ClusterAutoscalerArgs
from components.platform.dns_zone import DnsZone
from components.platform.platform import Platform, PlatformArgs
from components.scaling.keda import Keda, KedaArgs
from stacks import players_args
from stacks.data_watch import watched
from stacks.karpenter_args import karpenter_pools, peak_hours
from stacks.region_args import backup_prefix_days
from stacks.settings import RegionSettings
from stacks.versions import CLUSTER_AUTOSCALERS, NODE_RELEASES


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the services of region `name` stand on.

    `ready` is what any pod needs: nodes, cluster DNS and metrics. `volume_driver` besides is for what has volumes.
    `options` carry the providers and the parent; `zone` is the hosted zone that may be written, if there is one, and
    `image_rights` the policy by which nodes fill the region's image cache, if it has one.
    """

    name: str
    game: str
    prefix: str
    settings: RegionSettings
    options: pulumi.ResourceOptions
    cluster_name: pulumi.Input[str]
    network: RegionNetwork
    namespaces: Namespaces
    storage_class: pulumi.Input[str]
    zone: DnsZone | None
    tags: Mapping[str, str]
    image_rights: pulumi.Input[str] | None
    ready: tuple[pulumi.Resource, ...]
    volume_driver: pulumi.Resource

    @property
    def aws_region(self) -> str:
        """The AWS region, such as us-east-1."""
        return self.settings.aws.region


class Services:
    """The services of one region. `platform` and `mesh` are None where the settings have no such section."""

    def __init__(self, ground: Ground) -> None:
        self.platform = _platform(ground)
        monitoring = _monitoring(ground)
        self.mesh = _mesh(ground, self.platform)
        _karpenter(ground)
        _cluster_autoscaler(ground)
        _keda(ground, monitoring)


def charts(settings: RegionSettings, *, with_zone: bool) -> tuple[str, ...]:
    """Names of the charts that the region has, as `components.ports` and the monitors know them."""
    parts: tuple[tuple[bool, tuple[str, ...]], ...] = (
        (
            settings.platform is not None,
            ("aws-load-balancer-controller", "snapshot-controller", "cert-manager", "external-secrets"),
        ),
        (settings.platform is not None and with_zone, ("external-dns",)),
        (settings.karpenter is not None, ("karpenter-crd", "karpenter")),
        (settings.cluster.autoscaler == "cluster-autoscaler", ("cluster-autoscaler",)),
        (settings.mesh is not None, ("base", "istiod", "gateway")),
        (settings.monitoring is not None, ("prometheus-operator-crds", "kube-prometheus-stack")),
        (settings.scaling is not None, ("keda",)),
        (settings.data is not None and settings.data.backup is not None, ("velero",)),
        (settings.data is not None and settings.data.postgres is not None, ("cloudnative-pg", "plugin-barman-cloud")),
    )
    return tuple(name for there, names in parts if there for name in names)


def entrance(
    ground: Ground, services: Services, worlds: GameWorlds, security_group: pulumi.Input[str], *, protect: bool
) -> Entrance | None:
    """The players' load balancer, after the controller that binds pods to it; None where there is none."""
    settings, platform, mesh = ground.settings.entrance, services.platform, services.mesh
    if settings is None or platform is None or mesh is None:
        return None
    arguments = players_args.entrance(
        ground.prefix,
        settings,
        ground.network,
        security_group=security_group,
        backends=players_args.backends(ground.namespaces.game, worlds.service, mesh),
        zone=ground.zone,
        protect=protect,
        after=(ground.namespaces, platform.load_balancer_controller, mesh.gateway),
    )
    return Entrance(ground.name, arguments, ground.options)


def stores(ground: Ground, options: pulumi.ResourceOptions, *, protect: bool) -> Buckets | None:
    """Buckets for backups, logs and traces (None without), and the budget: what stands beside the cluster."""
    buckets, budget, made = ground.settings.buckets, ground.settings.budget, None
    if buckets is not None:
        arguments = BucketsArgs(
            prefix=ground.prefix,
            account_id=ground.network.account_id,
            backup_lock_days=buckets.backup_lock_days,
            log_days=buckets.log_days,
            trace_days=buckets.trace_days,
            protect=protect,
            backup_prefix_days=backup_prefix_days(ground.settings),
        )
        made = Buckets(ground.name, arguments, options)
    if budget is not None:
        limits = BudgetArgs(
            prefix=ground.prefix, region=ground.name, monthly_usd=budget.monthly_usd, emails=budget.emails
        )
        Budget(ground.name, limits, options)
    return made


def _platform(ground: Ground) -> Platform | None:
    settings = ground.settings.platform
    if settings is None:
        return None
    arguments = PlatformArgs(
        prefix=ground.prefix,
        cluster_name=ground.cluster_name,
        region=ground.aws_region,
        account_id=ground.network.account_id,
        vpc_id=ground.network.vpc_id,
        zone=ground.zone,
        acme_email=settings.acme_email,
        secrets_prefix=f"{ground.game}/{ground.name}/",
        readers=(ground.namespaces.game,),
        tags=ground.tags,
        after=ground.ready,
    )
    return Platform(ground.name, arguments, ground.options)


def _monitoring(ground: Ground) -> Monitoring | None:
    settings = ground.settings.monitoring
    if settings is None:
        return None
    arguments = players_args.monitoring(
        ground.prefix,
        ground.name,
        settings,
        namespace=ground.settings.namespace.name,
        players_per_world=ground.settings.worlds.players_per_world,
        storage_class=ground.storage_class,
        meshed=ground.settings.mesh is not None,
        addons=charts(ground.settings, with_zone=ground.zone is not None),
        systems=watched(ground.settings.data, ground.settings.namespace.name, len(ground.settings.network.zones)),
        after=(ground.namespaces, ground.volume_driver, *ground.ready),
    )
    return Monitoring(ground.name, arguments, ground.options)


def _mesh(ground: Ground, platform: Platform | None) -> Mesh | None:
    settings = ground.settings.mesh
    if settings is None:
        return None
    tls = players_args.tls(ground.zone, platform.issuer if platform else None)
    arguments = players_args.mesh(ground.game, ground.prefix, settings, ground.namespaces.game, tls, ground.ready)
    return Mesh(ground.name, arguments, ground.options)


def _karpenter(ground: Ground) -> None:
    settings = ground.settings.karpenter
    if settings is not None:
        arguments = KarpenterArgs(
            prefix=ground.prefix,
            cluster_name=ground.cluster_name,
            region=ground.aws_region,
            account_id=ground.network.account_id,
            zones=ground.settings.network.zones,
            release=NODE_RELEASES[ground.settings.cluster.version],
            pools=karpenter_pools(settings),
            peak=peak_hours(settings.peak),
            zonal_shift=True,  # as the cluster has it
            tags=ground.tags,
            # A shared VPC shows nobody the tags that its owner put on the subnets.
            subnets=tuple(ground.network.node_subnets.values()) if ground.settings.network.existing else (),
            image_rights=ground.image_rights,
            after=ground.ready,
            nodes_after=(ground.volume_driver,),
        )
        Karpenter(ground.name, arguments, ground.options)


def _cluster_autoscaler(ground: Ground) -> None:
    cluster = ground.settings.cluster
    if cluster.autoscaler == "cluster-autoscaler":
        arguments = ClusterAutoscalerArgs(
            prefix=ground.prefix,
            cluster_name=ground.cluster_name,
            region=ground.aws_region,
            account_id=ground.network.account_id,
            image_tag=CLUSTER_AUTOSCALERS[cluster.version],
            after=ground.ready,
        )
        ClusterAutoscaler(ground.name, arguments, ground.options)


def _keda(ground: Ground, monitoring: Monitoring | None) -> None:
    settings = ground.settings.scaling
    if settings is not None:
        arguments = KedaArgs(
            cluster_name=ground.prefix,
            replicas=settings.replicas,
            monitored=monitoring is not None,
            after=(*ground.ready, *((monitoring.crds,) if monitoring else ())),
        )
        Keda(ground.name, arguments, ground.options)
