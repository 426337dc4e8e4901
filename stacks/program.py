"""The program: everything that one stack's settings ask for, first the regions, then the edge above them."""

import json
import os
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from stacks.check_names import EDGE
from stacks.edge import GlobalEdge, GlobalEdgeArgs
from stacks.refusals import refuse_broken_rules
from stacks.region import GameRegion, GameRegionArgs
from stacks.settings import EdgeSettings, RegionSettings, StackSettings
from stacks.tags import UNPROTECTED_VARIABLE, UrnTags


def program(settings: StackSettings) -> dict[str, Any]:
    """Register every resource of the stack and return its outputs.

    Raises RunError, or ends the run with one, where a resource breaks a rule.
    """
    refuse_broken_rules([*settings.regions, EDGE])
    pulumi.runtime.register_stack_transformation(UrnTags(json.loads(os.environ.get(UNPROTECTED_VARIABLE, "[]"))))
    outputs: dict[str, Any] = {"regions": {name: _region(settings, name) for name in settings.regions}}
    if settings.edge:
        outputs["edge"] = _edge(settings.edge, tuple(settings.regions))
    return outputs


def _region(settings: StackSettings, name: str) -> dict[str, Any]:
    figures: RegionSettings = settings.regions[name]
    providers: list[pulumi.ProviderResource] = [
        aws.Provider(f"{name}-aws", region=figures.aws.region),
        random.Provider(f"{name}-random"),
    ]
    arguments = GameRegionArgs(game=settings.game, settings=figures, protect=settings.protect)
    region = GameRegion(name, arguments, pulumi.ResourceOptions(providers=providers))
    return {"aws_region": figures.aws.region, "zones": list(figures.network.zones), **region.facts()}


def _edge(settings: EdgeSettings, regions: tuple[str, ...]) -> dict[str, Any]:
    provider = aws.Provider(f"{EDGE}-aws", region=settings.aws.region)
    edge = GlobalEdge(
        EDGE, GlobalEdgeArgs(settings=settings, regions=regions), pulumi.ResourceOptions(providers=[provider])
    )
    return edge.facts()
