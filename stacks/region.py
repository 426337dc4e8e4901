"""GameRegion: one whole region, composed in the order in which it is built."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.addons import AFTER_NODES, BEFORE_NODES, Addons, AddonsArgs
from components.cluster import GameCluster, GameClusterArgs
from components.game.entrance_security import EntranceSecurity
from components.game.world import GameWorlds, GameWorldsArgs
from components.network.cni import cni_configuration
from components.network.cni_rights import CniRights, CniRightsArgs
from components.network.facts import RegionNetwork
from components.network.peering import PeeringSide
from components.node_pools import NodePools, NodePoolsArgs
from components.node_security import NodeSecurity, NodeSecurityArgs
from components.operations.buckets import Buckets
from components.operations.namespaces import Namespaces
from components.operations.priorities import DATABASES, LADDER, WORLDS, Priorities, PrioritiesArgs
from components.platform.dns_zone import DnsZone
from components.platform.ebs_csi import ADDON as EBS_CSI
from components.platform.ebs_csi import EbsCsi, EbsCsiArgs
from components.platform.storage import Storage, StorageArgs
from stacks.aws_providers import default_tags
from stacks.network_settings import NetworkSettings
from stacks.players_args import entrance_security
from stacks.region_args import compute, namespace, node_facts, node_pool
from stacks.region_data import RegionData
from stacks.region_images import RegionImages
from stacks.region_network import region_network
from stacks.region_services import Ground, Services, charts, entrance, stores
from stacks.settings import RegionSettings
from stacks.versions import ADDONS, NODE_RELEASES


@dataclass(frozen=True, kw_only=True)
class GameRegionArgs:
    """`game` begins every physical name. `protect` refuses to delete or replace what cannot be made again.

    That is the VPC, the cluster with its key, the players' load balancer, and the worlds with their signing key.
    `provider` is the region's own for aws; `zone` its hosted zone, where the edge or the settings have one.
    `own_images` are the repositories that the game's registry has in the region, `copies` the networks of regions that
    keep a copy of its MySQL.
    """

    game: str
    settings: RegionSettings
    protect: bool
    provider: aws.Provider
    zone: DnsZone | None = None
    own_images: frozenset[str] = frozenset()
    copies: tuple[NetworkSettings, ...] = ()


class GameRegion(pulumi.ComponentResource):
    """A region's network, cluster, nodes, services and worlds; its name begins the name of every resource in it.

    The caller passes the region's own providers for aws and random; the one for Kubernetes comes from the cluster.
    `nodes` holds each pool's figures, `worlds` and `players` what the region takes now, `entrance` the DNS name of the
    players' load balancer (None without one).
    """

    cluster_name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]
    nodes: dict[str, dict[str, Any]]
    namespace: pulumi.Output[str]
    worlds: int
    players: int
    entrance: pulumi.Output[str] | None
    data: RegionData | None

    def __init__(self, name: str, args: GameRegionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:stacks:GameRegion", name, None, opts)
        self._name, self._args, self._settings = name, args, args.settings
        self._prefix, self._tags = f"{args.game}-{name}", default_tags(args.game, name, pulumi.get_stack())
        self._child = pulumi.ResourceOptions(parent=self)

        network, self._ways = region_network(name, self._prefix, args.settings, self._child, protect=args.protect)
        self._vpc = network
        cluster = self._cluster(network)
        self._images = RegionImages(
            name, self._prefix, args.settings, args.own_images, network.account_id, self._tags, self._child
        )
        self._in_cluster = pulumi.ResourceOptions(
            parent=self, providers=[cluster.provider], transformations=self._images.of_charts
        )
        players = self._entrance_security(network)
        security = self._node_security(network, cluster, players)
        self._security_group = security.group_id
        pools = self._node_pools(network, cluster, security)
        addons, volume_driver = self._addons(cluster, pools)
        ready, with_volumes = (pools, addons), (pools, addons, volume_driver)
        namespaces = Namespaces(name, namespace(self._settings, with_volumes), self._in_cluster)
        storage = Storage(name, StorageArgs(cluster_name=self._prefix, tags=self._tags), self._in_cluster)
        ground = self._ground(network, cluster, namespaces, storage, ready, volume_driver)
        services = Services(ground)
        buckets = stores(ground, self._child, protect=args.protect)
        priorities = Priorities(name, PrioritiesArgs(ladder=LADDER), self._in_cluster).classes
        self.data = self._data(ground, services, buckets, priorities[DATABASES])
        worlds = self._worlds(namespaces, storage, priorities[WORLDS], with_volumes)

        self.cluster_name, self.endpoint, self.kubeconfig = cluster.cluster_name, cluster.endpoint, cluster.kubeconfig
        self.nodes = {pool: node_facts(self._settings, pool) for pool in self._settings.node_pools}
        self.namespace = namespaces.game
        self.worlds, self.players = self._settings.worlds.count, self._settings.worlds.player_capacity
        door = entrance(ground, services, worlds, players.group_id, protect=args.protect) if players else None
        self.entrance = door.dns_name if door else None
        self.register_outputs(self.facts())

    def facts(self) -> dict[str, Any]:
        """The region's outputs by name."""
        facts = {
            "cluster_name": self.cluster_name,
            "endpoint": self.endpoint,
            "kubeconfig": self.kubeconfig,
            "nodes": self.nodes,
            "namespace": self.namespace,
            "worlds": self.worlds,
            "players": self.players,
        }
        return facts if self.entrance is None else {**facts, "entrance": self.entrance}

    def peering_side(self) -> PeeringSide:
        """This region's end of a private way to another."""
        return PeeringSide(
            region=self._name,
            aws_region=self._settings.aws.region,
            prefix=self._prefix,
            provider=self._args.provider,
            vpc_id=self._vpc.vpc_id,
            account_id=self._vpc.account_id,
            blocks=self._vpc.blocks,
            route_tables=self._vpc.route_tables,
            security_group_id=self._security_group,
        )

    def _cluster(self, network: RegionNetwork) -> GameCluster:
        settings = self._settings.cluster
        cluster = GameClusterArgs(
            cluster_name=self._prefix,
            region=self._settings.aws.region,
            version=settings.version,
            account_id=network.account_id,
            subnets=network.cluster_subnets,
            public_access_cidrs=tuple(str(block) for block in settings.public_access_cidrs),
            admins=settings.admins,
            viewers=settings.viewers,
            support=settings.support,
            control_plane_tier=settings.control_plane_tier,
            log_retention_days=settings.log_retention_days,
            protect=self._args.protect,
            profile=self._settings.aws.profile,
            role=self._settings.aws.role,
        )
        return GameCluster(self._name, cluster, self._child)

    def _entrance_security(self, network: RegionNetwork) -> EntranceSecurity | None:
        """The load balancer's group, before the nodes whose group lets it in."""
        settings = self._settings.entrance
        if settings is None:
            return None
        return EntranceSecurity(self._name, entrance_security(self._prefix, settings, network), self._child)

    def _node_security(
        self, network: RegionNetwork, cluster: GameCluster, players: EntranceSecurity | None
    ) -> NodeSecurity:
        security = NodeSecurityArgs(
            prefix=self._prefix,
            cluster_name=self._prefix,
            vpc_id=network.vpc_id,
            control_plane_group=cluster.security_group,
            addons=(
                *BEFORE_NODES,
                *AFTER_NODES,
                EBS_CSI,
                *charts(self._settings, with_zone=self._args.zone is not None),
            ),
            load_balancer_group=players.group_id if players else None,
        )
        return NodeSecurity(self._name, security, self._child)

    def _node_pools(self, network: RegionNetwork, cluster: GameCluster, security: NodeSecurity) -> NodePools:
        """Nodes, after the add-ons without which no node becomes ready."""
        version = self._settings.cluster.version
        node_addons = AddonsArgs(
            cluster_name=cluster.cluster_name,
            versions={addon: ADDONS[version][addon] for addon in BEFORE_NODES},
            configuration={"vpc-cni": cni_configuration(self._settings.aws.region, network.pod_subnets)},
        )
        addons = Addons(f"{self._name}-node-addons", node_addons, self._child)
        rights = CniRights(
            self._name, CniRightsArgs(prefix=self._prefix, cluster_name=cluster.cluster_name), self._child
        )
        pools = NodePoolsArgs(
            prefix=self._prefix,
            cluster_name=cluster.cluster_name,
            version=version,
            subnets=network.node_subnets,
            database_subnets=network.database_subnets,
            pools={pool: node_pool(settings) for pool, settings in self._settings.node_pools.items()},
            release=NODE_RELEASES[version],
            security_group=security.group_id,
            tags=self._tags,
            image_rights=self._images.node_rights,
            # The network's routes too: a node that cannot get out never joins.
            after=(network, self._ways, security, addons, rights, *self._images.after),
        )
        return NodePools(self._name, pools, self._child)

    def _addons(self, cluster: GameCluster, pools: NodePools) -> tuple[Addons, EbsCsi]:
        """The add-ons that run on the nodes: those that any pod may need, and the driver of volumes."""
        name, versions = cluster.cluster_name, ADDONS[self._settings.cluster.version]
        core = AddonsArgs(cluster_name=name, versions={addon: versions[addon] for addon in AFTER_NODES}, after=(pools,))
        ebs_csi = EbsCsiArgs(prefix=self._prefix, cluster_name=name, version=versions[EBS_CSI], after=(pools,))
        return (Addons(f"{self._name}-addons", core, self._child), EbsCsi(self._name, ebs_csi, self._child))

    def _ground(
        self,
        network: RegionNetwork,
        cluster: GameCluster,
        namespaces: Namespaces,
        storage: Storage,
        ready: tuple[pulumi.Resource, ...],
        volume_driver: EbsCsi,
    ) -> Ground:
        return Ground(
            name=self._name,
            game=self._args.game,
            prefix=self._prefix,
            settings=self._settings,
            options=self._in_cluster,
            cluster_name=cluster.cluster_name,
            network=network,
            namespaces=namespaces,
            storage_class=storage.class_name,
            zone=self._args.zone,
            image_rights=self._images.node_rights,
            tags=self._tags,
            ready=ready,
            volume_driver=volume_driver,
        )

    def _data(
        self, ground: Ground, services: Services, buckets: Buckets | None, priority: pulumi.Input[str]
    ) -> RegionData | None:
        """Databases, caches and brokers; the settings see to it that there is a platform where there are any."""
        if self._settings.data is None or services.platform is None:
            return None
        source, copies = self._images.source, self._args.copies
        return RegionData(ground, services.platform, buckets, source, priority, copies, protect=self._args.protect)

    def _worlds(
        self,
        namespaces: Namespaces,
        storage: Storage,
        priority: pulumi.Input[str],
        ready: tuple[pulumi.Resource, ...],
    ) -> GameWorlds:
        settings = self._settings.worlds
        worlds = GameWorldsArgs(
            game=self._args.game,
            namespace=namespaces.game,
            count=settings.count,
            players_per_world=settings.players_per_world,
            image=self._images.source.image(settings.image),
            loader_image=self._images.source.image(settings.loader_image),
            requests=compute(settings.requests),
            limits=compute(settings.limits),
            storage_gib=settings.storage_gib,
            storage_class=storage.class_name,
            priority_class=priority,
            protect=self._args.protect,
            clients=self.data.clients if self.data else (),
            # Its own namespace's bounds too: a pod admitted before them would be counted by none.
            after=(namespaces, *ready),
        )
        return GameWorlds(self._name, worlds, self._in_cluster)
