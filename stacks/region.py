"""GameRegion: one whole region, composed in the order in which it is built."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.addons import AFTER_NODES, BEFORE_NODES, Addons, AddonsArgs
from components.cluster import GameCluster, GameClusterArgs
from components.game.world import GameWorlds, GameWorldsArgs
from components.network import Network, NetworkArgs
from components.node_pools import NodePools, NodePoolsArgs
from components.operations.namespaces import Namespaces, NamespacesArgs
from components.operations.priorities import LADDER, WORLDS, Priorities, PrioritiesArgs
from components.platform.ebs_csi import ADDON as EBS_CSI
from components.platform.ebs_csi import EbsCsi, EbsCsiArgs
from components.platform.storage import Storage, StorageArgs
from stacks.region_args import compute, limits, node_pool, quota
from stacks.settings import RegionSettings
from stacks.versions import ADDONS


@dataclass(frozen=True, kw_only=True)
class GameRegionArgs:
    """`game` begins every physical name. `protect` refuses to delete or replace what cannot be made again.

    That is the VPC, the cluster with its key, and the worlds with their signing key.
    """

    game: str
    settings: RegionSettings
    protect: bool


class GameRegion(pulumi.ComponentResource):
    """A region's network, cluster, nodes and worlds; its name begins the name of every resource in it.

    The caller passes the region's own providers for aws and random; the one for Kubernetes comes from the cluster.
    `nodes` holds each pool's figures, `worlds` and `players` what the region takes now.
    """

    cluster_name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]
    nodes: dict[str, dict[str, Any]]
    namespace: pulumi.Output[str]
    worlds: int
    players: int

    def __init__(self, name: str, args: GameRegionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:stacks:GameRegion", name, None, opts)
        self._prefix = f"{args.game}-{name}"
        self._child = pulumi.ResourceOptions(parent=self)

        network = self._network(name, args)
        cluster = self._cluster(name, args, network)
        pools = self._node_pools(name, args, network, cluster)
        addons = self._addons(name, args, cluster, pools)
        self._in_cluster = pulumi.ResourceOptions(parent=self, providers=[cluster.provider])
        namespaces = self._namespaces(name, args, (pools, *addons))
        self._worlds(name, args, namespaces, (pools, *addons))

        self.cluster_name, self.endpoint, self.kubeconfig = cluster.cluster_name, cluster.endpoint, cluster.kubeconfig
        self.nodes = {pool: node_facts(args.settings, pool) for pool in args.settings.node_pools}
        self.namespace = namespaces.game
        self.worlds, self.players = args.settings.worlds.count, args.settings.worlds.player_capacity
        self.register_outputs(self.facts())

    def facts(self) -> dict[str, Any]:
        """The region's outputs by name."""
        return {
            "cluster_name": self.cluster_name,
            "endpoint": self.endpoint,
            "kubeconfig": self.kubeconfig,
            "nodes": self.nodes,
            "namespace": self.namespace,
            "worlds": self.worlds,
            "players": self.players,
        }

    def _network(self, name: str, args: GameRegionArgs) -> Network:
        settings = args.settings.network
        network = NetworkArgs(
            prefix=self._prefix,
            cidr=settings.cidr,
            zones=settings.zones,
            nat=settings.nat,
            cluster_name=self._prefix,
            protect=args.protect,
        )
        return Network(name, network, self._child)

    def _cluster(self, name: str, args: GameRegionArgs, network: Network) -> GameCluster:
        settings = args.settings.cluster
        cluster = GameClusterArgs(
            cluster_name=self._prefix,
            region=args.settings.aws.region,
            version=settings.version,
            account_id=network.account_id,
            subnets=network.private_subnets,
            public_access_cidrs=tuple(str(block) for block in settings.public_access_cidrs),
            admins=settings.admins,
            log_retention_days=settings.log_retention_days,
            protect=args.protect,
        )
        return GameCluster(name, cluster, self._child)

    def _node_pools(self, name: str, args: GameRegionArgs, network: Network, cluster: GameCluster) -> NodePools:
        """Nodes, after the add-ons without which no node becomes ready."""
        versions = ADDONS[args.settings.cluster.version]
        node_addons = Addons(
            f"{name}-node-addons",
            AddonsArgs(cluster_name=cluster.cluster_name, versions={addon: versions[addon] for addon in BEFORE_NODES}),
            self._child,
        )
        pools = NodePoolsArgs(
            prefix=self._prefix,
            cluster_name=cluster.cluster_name,
            version=args.settings.cluster.version,
            subnets=network.node_subnets,
            pools={pool: node_pool(settings) for pool, settings in args.settings.node_pools.items()},
            # The network's routes too: a node that cannot get out never joins.
            after=(network, node_addons),
        )
        return NodePools(name, pools, self._child)

    def _addons(
        self, name: str, args: GameRegionArgs, cluster: GameCluster, pools: NodePools
    ) -> tuple[pulumi.Resource, ...]:
        """The add-ons that run on the nodes."""
        versions = ADDONS[args.settings.cluster.version]
        core = AddonsArgs(
            cluster_name=cluster.cluster_name,
            versions={addon: versions[addon] for addon in AFTER_NODES},
            after=(pools,),
        )
        ebs_csi = EbsCsiArgs(
            prefix=self._prefix,
            cluster_name=cluster.cluster_name,
            version=versions[EBS_CSI],
            after=(pools,),
        )
        return (Addons(f"{name}-addons", core, self._child), EbsCsi(name, ebs_csi, self._child))

    def _namespaces(self, name: str, args: GameRegionArgs, after: tuple[pulumi.Resource, ...]) -> Namespaces:
        settings = args.settings.namespace
        namespaces = NamespacesArgs(
            namespace=settings.name,
            kubernetes_version=args.settings.cluster.version,
            quota=quota(settings.quota),
            limits=limits(settings.limits),
            after=after,
        )
        return Namespaces(name, namespaces, self._in_cluster)

    def _worlds(
        self, name: str, args: GameRegionArgs, namespaces: Namespaces, after: tuple[pulumi.Resource, ...]
    ) -> None:
        settings = args.settings.worlds
        storage = Storage(name, StorageArgs(cluster_name=self._prefix), self._in_cluster)
        priorities = Priorities(name, PrioritiesArgs(ladder=LADDER), self._in_cluster)
        worlds = GameWorldsArgs(
            game=args.game,
            namespace=namespaces.game,
            count=settings.count,
            players_per_world=settings.players_per_world,
            image=settings.image,
            loader_image=settings.loader_image,
            requests=compute(settings.requests),
            limits=compute(settings.limits),
            storage_gib=settings.storage_gib,
            storage_class=storage.class_name,
            priority_class=priorities.classes[WORLDS],
            protect=args.protect,
            # Its own namespace's bounds too: a pod admitted before them would be counted by none.
            after=(namespaces, *after),
        )
        GameWorlds(name, worlds, self._in_cluster)


def node_facts(settings: RegionSettings, pool: str) -> dict[str, Any]:
    """What a summary says of one pool; `desired` is its size at first creation."""
    figures = settings.node_pools[pool]
    return {
        "workload": figures.workload or "system",
        "instance_types": list(figures.instance_types),
        "min": figures.min_size,
        "desired": figures.desired_size,
        "max": figures.max_size,
    }
