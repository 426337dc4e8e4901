"""The way players come in, and the services in front of the game: figures that must agree with each other."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stacks.settings_errors import shown

if TYPE_CHECKING:
    from stacks.entrance_settings import EntranceSettings
    from stacks.mesh_settings import MeshSettings
    from stacks.settings import RegionSettings, StackSettings


def check_players(settings: "StackSettings") -> list[str]:
    """A sentence for each entrance that stands nowhere or sends to nobody, and for each autoscaler's crossed bounds."""
    problems: list[str] = []
    for name, region in settings.regions.items():
        if region.entrance is not None:
            problems += _entrance(f"regions.{name}.entrance", region.entrance)
            problems += _ground(f"regions.{name}", region)
        if region.mesh is not None:
            problems += _mesh(f"regions.{name}.mesh", region.mesh)
    return problems


def _entrance(path: str, entrance: "EntranceSettings") -> Iterator[str]:
    weighted = ", ".join(entrance.weights)
    if entrance.generation not in entrance.weights:
        yield (
            f"{path}.generation: {shown(entrance.generation)} has no weight beside {weighted}; "
            f"add it to {path}.weights, with 0 for no players yet"
        )
    if not any(entrance.weights.values()):
        yield (
            f"{path}.weights: every weight ({weighted}) is 0, so no player would get in; give one generation more "
            f"than 0, or close the region with worlds.count 0"
        )


def _ground(path: str, region: "RegionSettings") -> Iterator[str]:
    if region.platform is None:
        yield (
            f"{path}.entrance: no load balancer controller would bind pods to it, since {path}.platform is missing; "
            "add platform, {} will do"
        )
    if region.mesh is None:
        yield (
            f"{path}.entrance: nothing would answer on its TCP 443, since {path}.mesh is missing; add mesh, "
            "{} will do"
        )
    if region.network.existing is not None and not region.network.existing.public:
        yield (
            f"{path}.entrance: {path}.network.existing.public has no subnet for it to stand in; name the VPC's public "
            "subnets, or leave entrance out"
        )


def _mesh(path: str, mesh: "MeshSettings") -> Iterator[str]:
    for part, replicas in (("control_plane", mesh.control_plane), ("gateway", mesh.gateway)):
        if replicas.min > replicas.max:
            yield f"{path}.{part}.min: {replicas.min} is above its max of {replicas.max}; lower min or raise max"
