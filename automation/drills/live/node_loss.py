"""A machine dies: one node of each managed pool, one after the other, with all that stands on it."""

from __future__ import annotations

from automation.drills.live.charts import SENTENCE, apply_charts
from automation.drills.live.losses import lose_nodes
from automation.drills.live.pods import name_of, pool_names, pool_of
from automation.drills.live.region import LiveRegion
from automation.drills.live.stack import LiveStack
from automation.drills.live.verdict import Verdict
from automation.drills.live.watch import Watch
from embedded.control_plane.keeper.nodes import GROUP


def run(stack: LiveStack, verdict: Verdict) -> None:
    """In each region."""
    for region in stack.bring_up():
        verdict.told(f"{region.name}: {apply_charts(region)} workloads applied; {SENTENCE}")
        region.settle()
        names = pool_names(region.estimate.placement.pools)
        managed = [node for node in region.nodes() if GROUP in node["metadata"]["labels"]]
        for pool in sorted({pool_of(node, names) for node in managed}):
            _lose_one(region, pool, verdict)


def _lose_one(region: LiveRegion, pool: str, verdict: Verdict) -> None:
    names = pool_names(region.estimate.placement.pools)
    node = min((node for node in region.nodes() if pool_of(node, names) == pool), key=name_of)
    stood = [pod for pod in region.pods() if pod["spec"].get("nodeName") == name_of(node)]
    with Watch(region) as watch:
        replaced = lose_nodes(region, [node], {use.name: use.nodes for use in region.use()})
        whole = region.settle()
    verdict.judge(
        f"{region.name}: {name_of(node)} of {pool} lost with {len(stood)} pods; another after {replaced} s, all pods "
        f"ready {whole} s later, never fewer than promised ({watch.looks} looks)",
        watch.broken(),
    )
    verdict.measured(region.name, **{pool: {"pods": len(stood), "node_seconds": replaced, "pods_seconds": whole}})
