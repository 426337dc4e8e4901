"""The Kubernetes resources of a region of the shipped stacks, each on a cluster of its own."""

import copy
from collections.abc import Iterator

import pytest

from embedded.kubernetes.kinds import RELEASE
from embedded.provider import Target
from plan.registration import RecordedResource
from tests.embedded.kubernetes.cluster_world import Made, World
from tests.shipped import leaves, recording_of, settings_of

# `local` has the least, `dev` every part of a region; its first region stands for the others.
STACKS = ("local", "dev")
RECORDED = {resource.urn: resource for stack in STACKS for resource in recording_of(stack).resources}


def objects(stack: str) -> list[RecordedResource]:
    region = next(iter(settings_of(stack).regions))
    return [r for r in leaves(recording_of(stack)) if r.type.startswith("kubernetes:") and r.region == region]


OBJECTS = [resource for stack in STACKS for resource in objects(stack)]


def make(world: World, resource: RecordedResource) -> Made:
    target = Target(resource.urn, resource.type, resource.name, b"seed")
    inputs, failures = world.handler.check(target, None, copy.deepcopy(resource.resolved))
    assert failures == []
    made_id, outputs = world.handler.create(target, inputs)
    return Made(target, made_id, inputs, outputs)


def needed_by(resource: RecordedResource, seen: set[str]) -> Iterator[RecordedResource]:
    """What the engine makes before a resource, in an order it may choose; a component stands for what is in it."""
    for urn in resource.depends_on:
        inside = [RECORDED[urn]] if RECORDED[urn].custom else [r for r in RECORDED.values() if _within(r, urn)]
        for needed in inside:
            if needed.urn not in seen:
                seen.add(needed.urn)
                yield from needed_by(needed, seen)
                yield needed


def _within(resource: RecordedResource, urn: str) -> bool:
    parent = resource.parent
    while parent not in (None, urn):
        parent = RECORDED[parent].parent
    return resource.custom and parent == urn


@pytest.mark.parametrize("resource", OBJECTS, ids=lambda resource: resource.urn.split("::", 2)[2])
def test_with_only_what_it_depends_on_each_object_is_made_and_comes_back_as_the_program_said(world, resource):
    before = [r for r in needed_by(resource, {resource.urn}) if r.type.startswith("kubernetes:")]
    made = [make(world, item) for item in (*before, resource)]
    assert world.refresh(made[-1]) == (made[-1].id, made[-1].inputs, made[-1].outputs)
    if resource.type != RELEASE:  # Helm does not remember where a chart came from
        assert world.import_(made[-1]) == made[-1].inputs
    for item in reversed(made):
        world.handler.delete(item.target, item.id, item.inputs, item.outputs)
    left = [item for item in world.clusters.inventory() if item["kind"] != "CustomResourceDefinition"]
    assert left == [], "charts may leave definitions behind, and nothing else"
