"""The Kubernetes objects of a shipped stack, on a cluster of their own."""

import copy
from collections.abc import Iterator

import pytest

from embedded.provider import Target
from plan.registration import RecordedResource
from tests.embedded.kubernetes.cluster_world import Made, World
from tests.shipped import leaves, recording_of

RECORDED = {resource.urn: resource for resource in recording_of("local").resources}
OBJECTS = [r for r in leaves(recording_of("local")) if r.type.startswith("kubernetes:")]


def make(world: World, resource: RecordedResource) -> Made:
    target = Target(resource.urn, resource.type, resource.name, b"seed")
    inputs, failures = world.handler.check(target, None, copy.deepcopy(resource.resolved))
    assert failures == []
    made_id, outputs = world.handler.create(target, inputs)
    return Made(target, made_id, inputs, outputs)


def needed_by(resource: RecordedResource) -> Iterator[RecordedResource]:
    """What the engine makes before a resource, in an order it may choose; a component stands for what is in it."""
    for urn in resource.depends_on:
        inside = [RECORDED[urn]] if RECORDED[urn].custom else [r for r in RECORDED.values() if _within(r, urn)]
        for needed in inside:
            yield from needed_by(needed)
            yield needed


def _within(resource: RecordedResource, urn: str) -> bool:
    parent = resource.parent
    while parent not in (None, urn):
        parent = RECORDED[parent].parent
    return resource.custom and parent == urn


@pytest.mark.parametrize("resource", OBJECTS, ids=lambda resource: resource.urn.split("::", 2)[2])
def test_with_only_what_it_depends_on_each_object_is_made_and_comes_back_as_the_program_said(world, resource):
    order = dict.fromkeys(r.urn for r in (*needed_by(resource), resource) if r.type.startswith("kubernetes:"))
    made = [make(world, RECORDED[urn]) for urn in order]
    assert world.refresh(made[-1]) == (made[-1].id, made[-1].inputs, made[-1].outputs)
    assert world.import_(made[-1]) == made[-1].inputs
    for item in reversed(made):
        world.handler.delete(item.target, item.id, item.inputs, item.outputs)
    assert world.clusters.inventory() == []
