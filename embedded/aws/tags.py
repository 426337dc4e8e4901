"""Tags: how each service writes, reads and removes them."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import stands_in
from embedded.aws.rows import Call, Leaf, Scope, Tagging, TagShape, own_id
from embedded.provider import Values

_VALUE = {"Key": "Value", "TagKey": "TagValue"}


def shaped(tags: Values, shape: TagShape) -> Any:
    """A map of tags in a service's form: a map, or a list of pairs sorted by key."""
    if shape == "map" or stands_in(tags):
        return tags
    return [{shape: key, _VALUE[shape]: tags[key]} for key in sorted(tags)]


def unshaped(found: Any, shape: TagShape) -> Values:
    """A map of the tags that a service answered, without those AWS itself keeps (`aws:`)."""
    tags = found or {}
    if shape != "map":
        tags = {pair[shape]: pair[_VALUE[shape]] for pair in tags}
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def new_tags(shape: TagShape) -> Leaf:
    """The tags that the object does not have yet; on a create all of them."""

    def leaf(scope: Scope) -> Any:
        if stands_in(scope.tags):
            return scope.tags
        tags = {key: value for key, value in scope.tags.items() if scope.old_tags.get(key) != value}
        return shaped(tags, shape) if tags else None

    return leaf


def dropped_keys(scope: Scope) -> list[str] | None:
    """The keys of tags that are no longer wanted."""
    return sorted(scope.old_tags.keys() - scope.tags.keys()) or None


def has_new_tags(scope: Scope) -> bool:
    """A condition: there are tags to add."""
    return new_tags("map")(scope) is not None


def has_dropped_tags(scope: Scope) -> bool:
    """A condition: there are tags to remove."""
    return dropped_keys(scope) is not None


def tag_specification(resource_type: str) -> Leaf:
    """EC2's TagSpecifications of a create call."""

    def leaf(scope: Scope) -> Any:
        tags = new_tags("Key")(scope)
        return None if tags is None else [{"ResourceType": resource_type, "Tags": tags}]

    return leaf


def ec2_tagging(found: str) -> Tagging:
    """Tags of an EC2 object whose describe answer holds them at the JMESPath `found`."""
    add = Call("CreateTags", {"Resources": [own_id], "Tags": new_tags("Key")}, when=has_new_tags)
    drop = Call(
        "DeleteTags",
        {"Resources": [own_id], "Tags": lambda scope: [{"Key": key} for key in dropped_keys(scope) or []]},
        when=has_dropped_tags,
    )
    return Tagging(found, "Key", add, drop)


def arn_tagging(found: str, arn: Leaf) -> Tagging:
    """Tags of an object whose service takes `resourceArn` with a map of tags (EKS, CloudWatch Logs)."""
    add = Call("TagResource", {"resourceArn": arn, "tags": new_tags("map")}, when=has_new_tags)
    drop = Call("UntagResource", {"resourceArn": arn, "tagKeys": dropped_keys}, when=has_dropped_tags)
    return Tagging(found, "map", add, drop)
