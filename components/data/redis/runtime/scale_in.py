"""The Job before a StatefulSet shrinks: `python -m runtime.scale_in` hands over all that the last pods hold."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from .bootstrap import say_aloud, steer
from .pods import Place
from .shrinking import decide_scale_in


def run(environment: Mapping[str, str], say: Callable[[str], None]) -> int:
    """0 where only the first REDIS_REPLICAS_LEFT of REDIS_REPLICAS pods are in the cluster, with all slots and keys."""
    left = int(environment["REDIS_REPLICAS_LEFT"])
    return steer(Place.of(environment), environment, lambda view: decide_scale_in(view, left), say)


if __name__ == "__main__":
    sys.exit(run(os.environ, say_aloud))
