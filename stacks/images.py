"""Container image references: whether one is pinned to a single, unchanging image."""

import re

_TAG = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+([.+_-][0-9A-Za-z.+_-]+)?", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_REPOSITORY = re.compile(r"[a-z0-9][a-z0-9._-]*(:[0-9]{1,5})?(/[a-z0-9][a-z0-9._-]*)*", re.ASCII)


def image_problem(image: str) -> str | None:
    """What is wrong with an image and what to do, as the end of a sentence; None if it is pinned."""
    name, at, digest = image.partition("@")
    folder, _, last = name.rpartition("/")
    base, _, tag = last.partition(":")
    if not _REPOSITORY.fullmatch(f"{folder}/{base}" if folder else base):
        return "is no image; write repository:version or repository@sha256:..."
    if at:
        return None if _DIGEST.fullmatch(digest) else "has a malformed digest; write @sha256: and 64 hex digits"
    remedy = "pin it by a full version such as v2.1.0 or by @sha256:..."
    if not tag:
        return f"has neither a version nor a digest; {remedy}"
    if tag == "latest":
        return f'has the tag "latest", which changes under running pods; {remedy}'
    return None if _TAG.fullmatch(tag) else f"has a tag that is no full version; {remedy}"
