"""How every long import of this project begins, so that neither it nor the end of its process takes seconds."""

import atexit
import gc

# The SDKs define some ten thousand classes. With Python's own 700 the collector walks them all hundreds of times and
# finds nothing: importing the program took 2.4 s, and takes 1.5 s so.
OBJECTS_BETWEEN_COLLECTIONS = 200_000


def collect_rarely() -> None:
    """Let the garbage collector run once for so many new objects. Call it before the SDKs are imported.

    At the end of the process, where Python would take each class apart for up to a second, it leaves all to the system:
    what is lost there is only what an object that refers to itself would do when it goes.
    """
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
    atexit.register(gc.freeze)
