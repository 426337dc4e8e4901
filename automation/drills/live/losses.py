"""Nodes that are gone from one moment to the next, as when a machine dies or a zone goes dark."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from automation.drills.live.pods import name_of, pool_names, pool_of, uid_of
from automation.drills.live.region import LiveRegion
from automation.drills.live.waits import until, waited
from embedded.control_plane.keeper.drains import NODES
from embedded.control_plane.keeper.nodes import GROUP, is_ready
from embedded.provider import Values

_REPLACED_SECONDS: Final = 120.0
_GONE_SECONDS: Final = 120.0


def lose_nodes(region: LiveRegion, nodes: Sequence[Values], wanted: Mapping[str, int]) -> float:
    """End nodes and all that stood on them; seconds until managed groups had new ones, up to two minutes.

    `wanted` gives the nodes of each pool afterwards. In the order of AWS: Auto Scaling has replaced a node before the
    five minutes are over after which Kubernetes gives its pods up (tolerationSeconds of DefaultTolerationSeconds).
    """
    # By uid: a successor may have the name, which follows its address, and find pods there that were never its own.
    lost = {uid_of(node) for node in nodes}
    names = {name_of(node) for node in nodes}
    stood = [pod for pod in region.pods() if pod["spec"].get("nodeName") in names]
    for name in names:
        region.cordon(name)
    for node in nodes:
        if GROUP in node["metadata"]["labels"]:
            region.delete(f"{NODES}/{name_of(node)}")
    began = time.monotonic()
    waited(_REPLACED_SECONDS, lambda: _fewer(region, lost, wanted))
    seconds = round(time.monotonic() - began, 1)
    region.forget(stood)

    def left() -> list[str]:
        # Karpenter drains a node that is deleted: without pods it has nothing to wait for.
        still = [name_of(node) for node in region.nodes() if uid_of(node) in lost]
        region.forget([pod for pod in region.pods() if pod["spec"].get("nodeName") in still])
        for name in still:
            region.delete(f"{NODES}/{name}")
        return still

    until(f"{region.name}: lost nodes are still there", _GONE_SECONDS, left)
    return seconds


def _fewer(region: LiveRegion, lost: set[str], wanted: Mapping[str, int]) -> list[str]:
    """Managed pools that have not yet what they should."""
    names = pool_names(region.estimate.placement.pools)
    managed = [node for node in region.nodes() if GROUP in node["metadata"]["labels"] and uid_of(node) not in lost]
    standing = Counter(pool_of(node, names) for node in managed if is_ready(node))
    groups = {pool.of for pool in region.estimate.placement.pools if pool.limits is None}
    return [
        f"{pool} has {standing[pool]} of {count} nodes"
        for pool, count in wanted.items()
        if pool in groups and standing[pool] < count
    ]
