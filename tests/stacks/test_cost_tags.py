"""The tags by which costs are told apart are on what AWS bills, also where no provider puts them."""

import json
from collections.abc import Iterator, Mapping

import pytest

from plan.recorder import Recording
from plan.registration import RecordedResource
from tests.shipped import recording_of

TAGS = {"game": "mmorpg", "region": "us-east", "stack": "dev"}


@pytest.fixture(scope="module")
def dev() -> Recording:
    return recording_of("dev")


def of_kind(built: Recording, kind: str) -> list[RecordedResource]:
    return [resource for resource in built.resources if resource.type.rpartition(":")[2] == kind]


def billed(built: Recording) -> Iterator[tuple[str, Mapping[str, str]]]:
    """What AWS is asked to make by something else than the provider, each with the tags that it gets."""
    for template in of_kind(built, "LaunchTemplate"):
        for each in template.resolved["tagSpecifications"]:
            yield f"{template.name}: {each['resourceType']}", each["tags"]
    for node_class in of_kind(built, "EC2NodeClass"):
        yield node_class.name, node_class.resolved["spec"]["tags"]
    for driven in (*of_kind(built, "StorageClass"), *of_kind(built, "VolumeSnapshotClass")):
        parameters = driven.resolved["parameters"].items()
        yield driven.name, dict(value.split("=", 1) for key, value in parameters if key.startswith("tagSpecification_"))
    for release in of_kind(built, "Release"):
        if release.resolved["chart"] == "aws-load-balancer-controller":
            yield release.name, release.resolved["values"]["defaultTags"]


def test_what_is_billed_and_no_provider_makes_carries_the_tags_of_the_regions_provider(dev: Recording):
    (provider,) = [r for r in dev.resources if r.name == "us-east-aws"]
    given = provider.resolved["defaultTags"]
    assert (json.loads(given) if isinstance(given, str) else given)["tags"] == TAGS
    found = dict(billed(dev))
    assert len(found) == 13, (
        "three kinds of three managed pools, Karpenter's nodes, volumes and snapshots of pods, load balancers"
    )
    # Classes cannot be changed when their region moves to another stack.
    fixed = dict.fromkeys(("us-east-fast-ssd", "us-east-ebs-snapshots"), TAGS | {"stack": None})
    expected = dict.fromkeys(found, TAGS) | fixed
    assert {name: {key: tags.get(key) for key in TAGS} for name, tags in found.items()} == expected
