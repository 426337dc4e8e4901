"""Pure: what the claims of data systems' volumes are called."""

CLAIM = "data"  # of every system's claim template, and so of the volume in its pods


def claim(stateful_set: str, ordinal: int) -> str:
    """Name of the claim of one pod, as the StatefulSet's controller gives it."""
    return f"{CLAIM}-{stateful_set}-{ordinal}"
