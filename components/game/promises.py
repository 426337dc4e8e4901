"""Pure: what a region's worlds keep."""

from math import ceil

from components.game.world import STATEFUL_SET
from components.promises import Promise


def world_promise(namespace: str, count: int, players_per_world: int, zones: int) -> Promise:
    """All but one while worlds move one by one; a lost zone takes those with it whose volumes lie there."""
    return Promise(
        kind="StatefulSet",
        namespace=namespace,
        name=STATEFUL_SET,
        replicas=count,
        minimum_ready=max(0, count - 1),
        after_zone_loss=count - ceil(count / zones),
        seats_each=players_per_world,
    )
