"""Pure: a region's entrance, mesh, monitoring and scaler, from settings and from what the region has already made."""

from collections.abc import Iterable, Mapping

import pulumi

from components.game.entrance import Backend, EntranceArgs
from components.game.entrance_security import EntranceSecurityArgs
from components.game.entrance_spec import GAME_TCP, GAME_UDP, HTTPS
from components.game.world import SELECTOR
from components.kube.ports import GAME_PORT, HEALTH_PORT, METRICS_PORT, METRICS_PORT_NAME
from components.mesh.mesh import INGRESS_NAMESPACE, SYSTEM_NAMESPACE, Mesh, MeshArgs
from components.mesh.tls import Tls
from components.mesh.values import GATEWAY, GATEWAY_LABELS, HTTPS_PORT, Replicas
from components.monitoring import monitors
from components.monitoring.monitoring import Game, MonitoringArgs
from components.monitoring.values import Store
from components.monitoring.watched import Watched
from components.network.facts import RegionNetwork
from components.platform.cert_manager import ISSUER
from components.platform.dns_zone import DnsZone
from stacks.entrance_settings import EntranceSettings
from stacks.mesh_settings import MeshSettings, ReplicaSettings
from stacks.monitoring_settings import MonitoringSettings

After = tuple[pulumi.Resource, ...]


def entrance_security(prefix: str, settings: EntranceSettings, network: RegionNetwork) -> EntranceSecurityArgs:
    """Players from where the settings say, pods in any block of the VPC."""
    return EntranceSecurityArgs(
        prefix=prefix,
        vpc_id=network.vpc_id,
        client_cidrs=_texts(settings.client_cidrs),
        pod_blocks=network.blocks,
    )


def entrance(
    prefix: str,
    settings: EntranceSettings,
    network: RegionNetwork,
    *,
    security_group: pulumi.Input[str],
    backends: Mapping[str, Backend],
    zone: DnsZone | None,
    protect: bool,
    after: After,
) -> EntranceArgs:
    """The load balancer in the public subnets; its own addresses are of the VPC's first block, where they stand."""
    return EntranceArgs(
        prefix=prefix,
        vpc_id=network.vpc_id,
        subnets=network.public_subnets,
        client_cidrs=_texts(settings.client_cidrs),
        balancer_cidrs=(network.blocks["vpc"],),
        security_group=security_group,
        cross_zone=settings.cross_zone,
        minimum_healthy=settings.minimum_healthy,
        weights={str(generation): weight for generation, weight in settings.weights.items()},
        generation=settings.generation,
        backends=backends,
        protect=protect,
        zone=zone,
        network=(network,),
        after=after,
    )


def backends(namespace: pulumi.Input[str], worlds: pulumi.Input[str], mesh: Mesh) -> dict[str, Backend]:
    """What serves players: the worlds' Service `worlds` by streams and by datagrams, and the mesh's gateway."""
    game = {
        way.key: Backend(namespace=namespace, service=worlds, port=way.port, selector=SELECTOR)
        for way in (GAME_TCP, GAME_UDP)
    }
    return {**game, HTTPS.key: Backend(namespace=mesh.gateway_namespace, service=GATEWAY, port=HTTPS_PORT)}


def tls(zone: DnsZone | None, issuer: pulumi.Resource | None) -> Tls | None:
    """A certificate for the region's zone, where there are a zone and `issuer`, who proves names in it."""
    if zone is None or issuer is None:
        return None
    return Tls(domain=zone.domain, issuer=ISSUER, ready=issuer)


def mesh(
    game: str, prefix: str, settings: MeshSettings, namespace: pulumi.Input[str], tls: Tls | None, after: After
) -> MeshArgs:
    """The mesh, in which the worlds' pods are what players reach."""
    return MeshArgs(
        game=game,
        prefix=prefix,
        namespace=namespace,
        players=SELECTOR,
        plain_ports=(GAME_PORT, HEALTH_PORT),
        control_plane=replica_bounds(settings.control_plane),
        gateway=replica_bounds(settings.gateway),
        tls=tls,
        after=after,
    )


def monitoring(
    prefix: str,
    region: str,
    settings: MonitoringSettings,
    *,
    namespace: str,
    players_per_world: int,
    storage_class: pulumi.Input[str],
    meshed: bool,
    addons: Iterable[str],
    systems: tuple[Watched, ...],
    after: After,
) -> MonitoringArgs:
    """What is read: worlds in `namespace`, the mesh where the region is `meshed`, `addons` by name, data `systems`."""
    gateway = monitors.mesh(SYSTEM_NAMESPACE, INGRESS_NAMESPACE, GATEWAY_LABELS) if meshed else ()
    return MonitoringArgs(
        cluster=prefix,
        region=region,
        game=Game(
            namespace=namespace,
            selector=SELECTOR,
            port_name=METRICS_PORT_NAME,
            port=METRICS_PORT,
            players_per_world=players_per_world,
        ),
        store=Store(
            replicas=settings.replicas,
            retention_days=settings.retention_days,
            volume_gib=settings.volume_gib,
            storage_class=storage_class,
        ),
        targets=(*gateway, *monitors.controllers(addons)),
        systems=systems,
        after=after,
    )


def replica_bounds(settings: ReplicaSettings) -> Replicas:
    """Bounds of an autoscaler."""
    return Replicas(min=settings.min, max=settings.max)


def _texts(blocks: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(block) for block in blocks)
