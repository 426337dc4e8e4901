"""Names that settings lead to, held against AWS's and Kubernetes' limits before anything is started."""

from collections.abc import Iterator
from itertools import permutations
from typing import TYPE_CHECKING

from stacks.settings_errors import path_text, shown

if TYPE_CHECKING:
    from stacks.settings import StackSettings

# What stands above the regions carries this name where a region's things carry the region's.
EDGE = "edge"

# Load balancers and target groups end at 32 characters, the shortest limit of all (ELBv2 API,
# CreateLoadBalancer: Name).
_LOAD_BALANCER_LIMIT = 32
_LONGEST_SERVICE = "-gateway"
# EKS API, CreateNodegroup: nodegroupName. The name ends in the group's generation (components/node_pools.py).
_NODE_GROUP_LIMIT = 63
_GENERATION_LENGTH = len("-0a1b2c")
_RESERVED_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")


def check_names(settings: "StackSettings") -> Iterator[str]:
    """Region names that cannot be told apart by prefix, and names that grow too long."""
    for one, other in permutations(settings.regions, 2):
        if one.startswith(f"{other}-"):
            yield (
                f"regions.{one}: the name begins like that of region {shown(other)}, so their resources "
                "cannot be told "
                f"apart by prefix; name it so that none begins with another and a hyphen"
            )
    for name in settings.regions:
        if name == EDGE or name.startswith(f"{EDGE}-"):
            yield (f"regions.{name}: names that begin with {shown(EDGE)} are the global edge's; choose another name")
        yield from _lengths(settings, name)
        yield from _namespace(settings, name)


def _lengths(settings: "StackSettings", region: str) -> Iterator[str]:
    prefix = f"{settings.game}-{region}"
    room = _LOAD_BALANCER_LIMIT - len(_LONGEST_SERVICE)
    if len(prefix) > room:
        yield (
            f"regions.{region}: the name {shown(prefix)} has {len(prefix)} characters, above the {room} "
            "that leave room "
            f"in a load balancer's {_LOAD_BALANCER_LIMIT} for {shown(_LONGEST_SERVICE)}; shorten the "
            "region's name or game"
        )
    for pool in settings.regions[region].node_pools:
        length = len(f"{prefix}-{pool}") + _GENERATION_LENGTH
        if length > _NODE_GROUP_LIMIT:
            yield (
                f"{path_text(('regions', region, 'node_pools', pool))}: its node group's name would have {length} "
                f"characters, above EKS's limit of {_NODE_GROUP_LIMIT}; shorten the pool's name"
            )


def _namespace(settings: "StackSettings", region: str) -> Iterator[str]:
    name = settings.regions[region].namespace.name
    if name in _RESERVED_NAMESPACES or name.startswith("kube-"):
        yield (
            f"regions.{region}.namespace.name: {shown(name)} belongs to Kubernetes itself; "
            f"choose a name of the game's own, such as mmorpg-game"
        )
