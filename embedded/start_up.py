"""How every long import of this project begins."""

import gc

# The SDKs define some ten thousand classes. With Python's own 700 the collector walks them all hundreds of times and
# finds nothing: importing the program took 2.4 s, and takes 1.5 s so.
OBJECTS_BETWEEN_COLLECTIONS = 200_000


def collect_rarely() -> None:
    """Let the garbage collector run once for so many new objects. Call it before the SDKs are imported."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
