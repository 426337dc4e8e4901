"""The program: everything that one stack's settings ask for, its edge, its regions, and the ways between them."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.network.peering import Peering, PeeringArgs, pairs
from components.operations.registry import ImageRegistry, ImageRegistryArgs
from components.platform.dns_zone import DnsZone
from stacks.aws_providers import provider_arguments, role_boundaries
from stacks.aws_settings import AwsSettings
from stacks.check_names import EDGE
from stacks.check_operations import replicas
from stacks.delete_hooks import HOOKS_ONLY_VARIABLE
from stacks.delete_hooks.registration import register_hooks
from stacks.edge import GlobalEdge, GlobalEdgeArgs
from stacks.mysql_args import source_of
from stacks.operations_settings import RegistrySettings
from stacks.refusals import refuse_broken_rules
from stacks.region import GameRegion, GameRegionArgs
from stacks.settings import EdgeSettings, RegionSettings, StackSettings
from stacks.stack_traces import leave_out_stack_traces
from stacks.support_ends import support_warnings
from stacks.tags import UNPROTECTED_VARIABLE, UrnTags


def program(settings: StackSettings) -> dict[str, Any]:
    """Register every resource of the stack and return its outputs.

    Raises RunError, or ends the run with one, where a resource breaks a rule.
    """
    register_hooks(settings)
    if HOOKS_ONLY_VARIABLE in os.environ:
        return {}
    leave_out_stack_traces()
    for sentence in support_warnings(settings, datetime.now(UTC).date()):
        pulumi.log.warn(sentence)
    refuse_broken_rules([*settings.regions, EDGE])
    pulumi.runtime.register_stack_transformation(UrnTags(json.loads(os.environ.get(UNPROTECTED_VARIABLE, "[]"))))
    edge = _edge(settings, settings.edge) if settings.edge else None
    if settings.registry:
        _registry(settings, settings.registry)
    regions = {name: _region(settings, name, edge) for name in settings.regions}
    _copies(settings, regions)
    if settings.peering:
        for requester, accepter in pairs(tuple(regions)):
            Peering(
                f"{requester}-peer-{accepter}",
                PeeringArgs(requester=regions[requester].peering_side(), accepter=regions[accepter].peering_side()),
            )
    outputs: dict[str, Any] = {"regions": {name: _facts(settings, name, region) for name, region in regions.items()}}
    if edge:
        outputs["edge"] = edge.facts()
    return outputs


def _region(settings: StackSettings, name: str, edge: GlobalEdge | None) -> GameRegion:
    figures: RegionSettings = settings.regions[name]
    provider = _provider(settings, figures.aws, name)
    arguments = GameRegionArgs(
        game=settings.game,
        settings=figures,
        protect=settings.protect,
        provider=provider,
        zone=edge.region_zones[name] if edge else _named_zone(figures),
        own_images=frozenset(f"{settings.game}/{image}" for image in settings.registry.repositories)
        if settings.registry
        else frozenset(),
        copies=tuple(each.network for each in settings.regions.values() if source_of(each) == name),
    )
    options = pulumi.ResourceOptions(
        providers=[provider, random.Provider(f"{name}-random")], transformations=role_boundaries(figures.aws)
    )
    return GameRegion(name, arguments, options)


def _copies(settings: StackSettings, regions: Mapping[str, GameRegion]) -> None:
    """The copies of one region's MySQL in another: with the data come the accounts, and their passwords."""
    for name, region in regions.items():
        source = source_of(settings.regions[name])
        made = regions[source].data if source else None
        if source and made and made.mysql_passwords and region.data:
            region.data.mysql_copy(settings.regions[source].network, made.mysql_passwords)


def _provider(settings: StackSettings, place: AwsSettings, name: str) -> aws.Provider:
    arguments = provider_arguments(place, game=settings.game, region=name, stack=pulumi.get_stack())
    return aws.Provider(f"{name}-aws", **arguments)


def _registry(settings: StackSettings, registry: RegistrySettings) -> None:
    """The images' home and its copies: above the regions, so that no region's end takes them along."""
    home, copies = registry.aws.region, replicas(settings)
    for place in (home, *copies):
        name = f"{EDGE}-registry-{place}"
        arguments = ImageRegistryArgs(
            game=settings.game,
            repositories=registry.repositories,
            replicate_to=copies if place == home else (),
            protect=settings.protect and place == home,
        )
        provider = _provider(settings, registry.aws.model_copy(update={"region": place}), name)
        ImageRegistry(name, arguments, pulumi.ResourceOptions(providers=[provider]))


def _named_zone(figures: RegionSettings) -> DnsZone | None:
    """The zone that a region without an edge above it may write."""
    zone = figures.platform.dns_zone if figures.platform else None
    return DnsZone(zone_id=zone.zone_id, domain=zone.domain) if zone else None


def _facts(settings: StackSettings, name: str, region: GameRegion) -> dict[str, Any]:
    figures = settings.regions[name]
    return {"aws_region": figures.aws.region, "zones": list(figures.network.zones), **region.facts()}


def _edge(settings: StackSettings, edge: EdgeSettings) -> GlobalEdge:
    arguments = GlobalEdgeArgs(settings=edge, regions=tuple(settings.regions))
    return GlobalEdge(EDGE, arguments, pulumi.ResourceOptions(providers=[_provider(settings, edge.aws, EDGE)]))
