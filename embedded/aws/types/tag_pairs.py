"""Tags that are a value of their own, not those of the resource: a map in Pulumi, pairs in the API."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import TextMap
from embedded.aws.tags import shaped, unshaped


class TagPairs(TextMap):
    """A map of tags, which the API takes as pairs of Key and Value."""

    def to_api(self, value: Any) -> Any:
        return shaped(value, "Key")

    def from_api(self, value: Any) -> Any:
        return unshaped(value, "Key")


TAG_PAIRS = TagPairs()
