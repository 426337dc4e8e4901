"""How many operations an engine should have under way at once."""

PER_REGION = 16
"""Enough that no shipped region waits for a turn as much as a minute, and few enough for AWS's limits on calls.

The engine's own choice, four for each core of the machine it happens to run on, lets four regions take turns on a small
runner and is throttled from a large one.
"""


def operations_at_once(regions: int) -> int:
    """For a stack of so many regions; each has limits of its own on AWS."""
    return PER_REGION * max(1, regions)
