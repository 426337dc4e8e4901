"""What every workload of a stack keeps, collected from the declarations beside the components.

A new component declares its promises in a `promises.py` of its folder and is added to `region_promises`; a test fails
as long as a workload of a shipped stack has none.
"""

from components import addon_promises
from components.game.promises import world_promise
from components.karpenter import promises as karpenter
from components.mesh.promises import mesh_promises
from components.monitoring.promises import monitoring_promises
from components.platform.promises import CLUSTER_AUTOSCALER, platform_promises
from components.promises import Promise
from components.scaling.promises import keda_promises
from stacks.data_promises import data_promises
from stacks.players_args import replica_bounds
from stacks.settings import RegionSettings, StackSettings


def promises(settings: StackSettings) -> dict[str, tuple[Promise, ...]]:
    """The promises of each region's workloads, by the region's name; nothing is registered."""
    return {name: region_promises(region, edge=settings.edge is not None) for name, region in settings.regions.items()}


def region_promises(settings: RegionSettings, *, edge: bool) -> tuple[Promise, ...]:
    """The promises of one region; `edge` where the stack's edge gives it a hosted zone."""
    worlds, platform, mesh = settings.worlds, settings.platform, settings.mesh
    found = [
        world_promise(settings.namespace.name, worlds.count, worlds.players_per_world, len(settings.network.zones)),
        *addon_promises.PROMISES,
    ]
    if platform is not None:
        found += platform_promises(with_zone=edge or platform.dns_zone is not None)
    if settings.karpenter is not None:
        found += karpenter.PROMISES
    if settings.cluster.autoscaler == "cluster-autoscaler":
        found += CLUSTER_AUTOSCALER
    if mesh is not None:
        found += mesh_promises(replica_bounds(mesh.control_plane), replica_bounds(mesh.gateway))
    if settings.monitoring is not None:
        found += monitoring_promises(settings.monitoring.replicas)
    if settings.scaling is not None:
        found += keda_promises(settings.scaling.replicas)
    if settings.data is not None:
        found += data_promises(settings.data, settings.namespace.name, len(settings.network.zones))
    return tuple(found)
