"""Pure: one text for a content, by which pods are told that it has changed."""

import hashlib
import json
from collections.abc import Mapping


def checksum(content: Mapping[str, object]) -> str:
    """The same text for the same plain values, in whatever order their keys come."""
    return hashlib.sha256(json.dumps(dict(content), sort_keys=True).encode()).hexdigest()
